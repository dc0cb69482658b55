package dev.holdfast.bookkeeper;

import dev.holdfast.wal.Log;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.bookkeeper.client.BookKeeperAdmin;

/** ZooKeeper and bookies, each a process of its own, which are killed, stopped, started again and cut off. Its bookies sync what they acknowledge. */
final class ProcessCluster implements ClusterHistory.World, AutoCloseable {
    static final Duration TIMEOUT = Duration.ofSeconds(20);

    /** What every call has to end within: it may wait behind another, on a machine that has other things to do. */
    static final Duration BOUND = TIMEOUT.multipliedBy(2).plusSeconds(20);

    private final Path directory;
    private final Network network;
    private final int zooKeeperPort;
    private final CuttingProxy proxy;
    private final List<Node> bookies = new ArrayList<>();
    private final Map<String, Integer> disturbances = new TreeMap<>();
    private Child zooKeeper;
    private String logName = "log";
    private BookKeeperConnection connection;

    /** One bookie, up, down or stopped. */
    private final class Node {
        private final int number;
        private final Path home;
        private final int port;
        private boolean cutOff;
        private Child process;
        private boolean up;
        private boolean stopped;
        private boolean ready;

        Node(int number, Path home, int port) {
            this.number = number;
            this.home = home;
            this.port = port;
        }

        void start() throws IOException {
            process = Child.start(
                    network.commandOf(number),
                    Server.class,
                    "bookie",
                    directUri(),
                    home.toString(),
                    port + "",
                    network.deviceOf(number),
                    network.addressOf(number));
            up = true;
            ready = false;
        }

        void awaitReady() throws IOException {
            if (!ready) {
                process.await("ready");
                ready = true;
            }
        }

        void kill() throws Exception {
            process.close();
            up = false;
            stopped = false;
        }

        void mend() throws Exception {
            if (cutOff) {
                network.join(number);
                cutOff = false;
            }
            if (stopped) {
                process.proceed();
                stopped = false;
            }
            if (!up) {
                start();
            }
        }
    }

    ProcessCluster(Path directory, Network network, int bookieCount) throws Exception {
        this.directory = directory;
        this.network = network;
        this.zooKeeperPort = LocalCluster.freePort();
        startZooKeeper();
        BookKeeperAdmin.initNewCluster(Bookie.configuration(directUri()));
        for (int i = 0; i < bookieCount; i++) {
            Node node = new Node(i, Files.createDirectories(directory.resolve("bookie-" + i)), LocalCluster.freePort());
            node.start();
            bookies.add(node);
        }
        for (Node node : bookies) {
            node.awaitReady();
        }
        proxy = new CuttingProxy(network.zooKeeperAddress(), zooKeeperPort);
        connection = BookKeeperConnection.open(options("any"));
    }

    private String directUri() {
        return "zk+hierarchical://" + network.zooKeeperAddress() + ":" + zooKeeperPort + "/ledgers";
    }

    private void startZooKeeper() throws IOException {
        zooKeeper = Child.start(
                List.of(),
                Server.class,
                "zookeeper",
                directory.resolve("zookeeper").toString(),
                network.zooKeeperAddress(),
                zooKeeperPort + "");
        zooKeeper.await("ready");
    }

    /** Where clients find ZooKeeper: behind the proxy. */
    String uri() {
        return "zk+hierarchical://127.0.0.1:" + proxy.port() + "/ledgers";
    }

    Map<String, Integer> disturbances() {
        return disturbances;
    }

    CuttingProxy proxy() {
        return proxy;
    }

    void useLog(String name) {
        logName = name;
    }

    BookKeeperLogOptions options(String name) {
        return BookKeeperLogOptions.builder(uri(), name)
                .segmentBytes(256 << 10)
                .timeout(TIMEOUT)
                .build();
    }

    BookKeeperConnection connection() {
        return connection;
    }

    @Override
    public Log open() throws IOException {
        return BookKeeperLog.open(connection, options(logName));
    }

    @Override
    public Log openReadOnly() throws IOException {
        return BookKeeperLog.openReadOnly(connection, options(logName));
    }

    @Override
    public void disturb(Random random) throws Exception {
        int kind = random.nextInt(100);
        Node node = bookies.get(random.nextInt(bookies.size()));
        long well = bookies.stream()
                .filter(each -> each.up && !each.stopped && !each.cutOff)
                .count();
        if (network.canCut() && random.nextInt(2) == 0) {
            if (!node.cutOff && well > 2) {
                network.cutOff(node.number);
                node.cutOff = true;
                count("bookies cut off");
            }
            return;
        }
        if (kind < 30 && node.up && (well > 2 || node.stopped)) {
            node.kill();
            count("bookies killed");
        } else if (kind < 50 && node.up && !node.stopped && well > 2) {
            node.process.stop();
            node.stopped = true;
            count("bookies stopped");
        } else if (kind < 75) {
            for (Node each : bookies) {
                each.mend();
            }
            count("bookies mended");
        } else if (kind < 83) {
            proxy.cutAt(CuttingProxy.Moment.BEFORE_THE_CHANGE);
            count("cuts before a change");
        } else if (kind < 92) {
            proxy.cutAt(CuttingProxy.Moment.AFTER_THE_CHANGE);
            count("cuts after a change");
        } else {
            restartZooKeeper();
            count("restarts of ZooKeeper");
        }
    }

    void restartZooKeeper() throws Exception {
        zooKeeper.close();
        startZooKeeper();
    }

    /** Kills so many bookies. */
    void kill(int count) throws Exception {
        for (Node node : bookies.subList(0, count)) {
            node.kill();
        }
    }

    private void count(String what) {
        disturbances.merge(what, 1, Integer::sum);
    }

    @Override
    public void calm() throws Exception {
        proxy.disarm();
        for (Node node : bookies) {
            node.mend();
        }
        for (Node node : bookies) {
            node.awaitReady();
        }
    }

    @Override
    public void close() throws IOException {
        connection.close();
        proxy.close();
        for (Node node : bookies) {
            node.process.close();
        }
        zooKeeper.close();
    }
}
