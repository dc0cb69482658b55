package dev.holdfast.bookkeeper;

import dev.holdfast.testkit.LogContract;
import dev.holdfast.wal.Log;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class BookKeeperLogContractTest implements LogContract {
    private static final AtomicInteger NAMES = new AtomicInteger();

    @TempDir
    static Path directory;

    private static LocalCluster cluster;
    private static BookKeeperConnection connection;

    private final BookKeeperLogOptions options = BookKeeperLogOptions.builder(
                    cluster.uri(), "log-" + NAMES.incrementAndGet())
            .segmentBytes(64 << 10)
            .build();

    @BeforeAll
    static void startCluster() throws Exception {
        cluster = LocalCluster.start(directory, 4);
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
        return BookKeeperLog.open(connection, options);
    }

    @Override
    public boolean persistent() {
        return true;
    }
}
