package dev.holdfast.bookkeeper;

import dev.holdfast.wal.Log;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.bookkeeper.client.BookKeeperAdmin;
import org.apache.bookkeeper.client.api.BookKeeper;

/**
 * ZooKeeper and bookies, each a process of its own, which can be killed, paused, restarted and disconnected. The
 * bookies sync each entry before they acknowledge it.
 */
final class ProcessCluster implements ClusterHistory.World, AutoCloseable {
    static final Duration TIMEOUT = Duration.ofSeconds(20);

    /** Time limit of every call: it may wait for the call before it, and the machine may be loaded. */
    static final Duration BOUND = TIMEOUT.multipliedBy(2).plusSeconds(20);

    private final Network network;
    private final Disks disks;
    private final ZooKeepers zooKeepers;
    private final CuttingProxy proxy;
    private final List<Node> bookies = new ArrayList<>();
    private final Map<String, Integer> disturbances = new TreeMap<>();
    private String logName = "log";
    private BookKeeperConnection connection;

    /** One bookie: up, down or paused. */
    private final class Node {
        private final int number;
        private final Path home;
        private final int port;
        private boolean cutOff;
        private boolean full;
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
            if (full) {
                disks.giveBack(number);
                full = false;
                kill(); // it may have exited, or accept only reads by now
            }
            if (!up) {
                start();
            }
        }
    }

    ProcessCluster(Path directory, Network network, int bookieCount) throws Exception {
        this(directory, network, Disks.sideBySide(directory), bookieCount, 1);
    }

    ProcessCluster(Path directory, Network network, Disks disks, int bookieCount, int zooKeeperCount) throws Exception {
        this.network = network;
        this.disks = disks;
        zooKeepers = new ZooKeepers(directory, network.zooKeeperAddress(), zooKeeperCount);
        BookKeeperAdmin.initNewCluster(Bookie.configuration(directUri()));
        for (int i = 0; i < bookieCount; i++) {
            Node node = new Node(i, disks.of(i), LocalCluster.freePort());
            node.start();
            bookies.add(node);
        }
        for (Node node : bookies) {
            node.awaitReady();
        }
        proxy = new CuttingProxy(network.zooKeeperAddress(), zooKeepers.ports());
        connection = BookKeeperConnection.open(options("any"));
    }

    /** Returns the address of ZooKeeper for bookies, and for clients that are never disconnected from it. */
    String directUri() {
        return zooKeepers.uri();
    }

    /** Returns the address of ZooKeeper for clients, behind the proxy. */
    String uri() {
        return ZooKeepers.uri("127.0.0.1", proxy.ports());
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
                .filter(each -> each.up && !each.stopped && !each.cutOff && !each.full)
                .count();
        if (network.canCut() && random.nextInt(20) == 0) {
            proxy.cutOff();
            count("ZooKeeper disconnected from clients");
            return;
        }
        if (disks.canFill() && random.nextInt(2) == 0) {
            if (!node.full && well > 2) {
                disks.fill(node.number);
                node.full = true;
                count("disks filled");
            }
            return;
        }
        if (network.canCut() && random.nextInt(2) == 0) {
            if (!node.cutOff && well > 2) {
                network.cutOff(node.number);
                node.cutOff = true;
                count("bookies disconnected");
            }
            return;
        }
        if (zooKeepers.count() > 1 && random.nextInt(2) == 0) {
            disturbZooKeepers(random);
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
            proxy.join();
            for (Node each : bookies) {
                each.mend();
            }
            count("bookies restored");
        } else if (kind < 83) {
            proxy.cutAt(CuttingProxy.Moment.BEFORE_THE_CHANGE);
            count("cuts before a change");
        } else if (kind < 92) {
            proxy.cutAt(CuttingProxy.Moment.AFTER_THE_CHANGE);
            count("cuts after a change");
        } else {
            zooKeepers.kill(0);
            zooKeepers.startAll();
            count("restarts of ZooKeeper");
        }
    }

    /** Kills one of several ZooKeeper servers if all are up; otherwise restarts the killed one. */
    private void disturbZooKeepers(Random random) throws IOException {
        if (zooKeepers.allAreUp()) {
            zooKeepers.kill(random.nextInt(zooKeepers.count()));
            count("servers of ZooKeeper killed");
        } else {
            zooKeepers.startAll();
        }
    }

    /** Kills {@code count} bookies. */
    void kill(int count) throws Exception {
        for (Node node : bookies.subList(0, count)) {
            node.kill();
        }
    }

    /** Pauses a bookie that stores the last segment of a log. It accepts no data, and its connections stay open. */
    @SuppressWarnings("try") // a close that is interrupted
    void stopABookieOf(String name) throws Exception {
        dev.holdfast.bookkeeper.Node node = new dev.holdfast.bookkeeper.Node(
                connection.metadata(), name, connection.ledgers().clusterId());
        long ledgerId = node.read(Deadline.after(TIMEOUT)).state().last().ledgerId();
        try (BookKeeper client = BookKeeper.newBuilder(BookKeeperConnection.configuration(options(name)))
                .build()) {
            String first = client.getLedgerMetadata(ledgerId)
                    .get()
                    .getAllEnsembles()
                    .lastEntry()
                    .getValue()
                    .get(0)
                    .toString();
            for (Node bookie : bookies) {
                if (first.endsWith(":" + bookie.port)) {
                    bookie.process.stop();
                    bookie.stopped = true;
                }
            }
        }
    }

    private void count(String what) {
        disturbances.merge(what, 1, Integer::sum);
    }

    @Override
    public void calm() throws Exception {
        proxy.disarm();
        proxy.join();
        zooKeepers.startAll();
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
        zooKeepers.close();
    }
}
