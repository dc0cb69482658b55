package dev.holdfast.bookkeeper;

import dev.holdfast.testkit.LogContract;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.store.LogStore;
import dev.holdfast.wal.store.LogStoreOptions;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Runs the contract tests against a log of a store whose shared log is on BookKeeper. */
@EnabledIfSystemProperty(named = "holdfast.bookkeeper.store", matches = "true")
class StoreOnBookKeeperContractTest implements LogContract {
    private static final AtomicInteger NAMES = new AtomicInteger();
    private static final LogStoreOptions SMALL_WINDOWS =
            LogStoreOptions.builder().windowBytes(4 << 10).build();

    @TempDir
    static Path directory;

    private static LocalCluster cluster;
    private static BookKeeperConnection connection;

    private final BookKeeperLogOptions options = BookKeeperLogOptions.builder(
                    cluster.uri(), "store-" + NAMES.incrementAndGet())
            .segmentBytes(4 << 20)
            .build();

    @BeforeAll
    static void startCluster() throws Exception {
        cluster = LocalCluster.start(directory, 3);
        connection = BookKeeperConnection.open(
                BookKeeperLogOptions.builder(cluster.uri(), "any").build());
    }

    @AfterAll
    static void stopCluster() throws IOException {
        connection.close();
        cluster.close();
    }

    @Override
    public Log openLog() throws IOException {
        LogStore store = LogStore.on(BookKeeperLog.open(connection, options), SMALL_WINDOWS);
        Log log = store.log("under test");
        return (Log) Proxy.newProxyInstance(
                Log.class.getClassLoader(), new Class<?>[] {Log.class}, (proxy, method, arguments) -> {
                    try {
                        Object result = method.invoke(log, arguments);
                        if (method.getName().equals("close")) {
                            store.close();
                        }
                        return result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Override
    public boolean persistent() {
        return true;
    }
}
