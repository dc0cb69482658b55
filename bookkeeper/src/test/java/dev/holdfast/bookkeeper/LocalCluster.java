package dev.holdfast.bookkeeper;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.bookkeeper.client.BookKeeperAdmin;
import org.apache.bookkeeper.zookeeper.ZooKeeperClient;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.server.NIOServerCnxnFactory;
import org.apache.zookeeper.server.ServerCnxnFactory;
import org.apache.zookeeper.server.ZooKeeperServer;

/** A cluster in this process, for tests in which no process dies. It does not sync, because no power failure occurs. */
final class LocalCluster implements AutoCloseable {
    /** A root other than the client's default. */
    static final String ROOT = "/holdfast-test/ledgers";

    private static final int TICK_MILLIS = 1000;

    private final ServerCnxnFactory zooKeeper;
    private final List<Bookie> bookies = new ArrayList<>();
    private final String uri;

    private LocalCluster(ServerCnxnFactory zooKeeper) {
        this.zooKeeper = zooKeeper;
        this.uri = uriOf(ROOT);
    }

    static LocalCluster start(Path directory, int bookies) throws Exception {
        System.setProperty("zookeeper.4lw.commands.whitelist", "*");
        System.setProperty("zookeeper.forceSync", "no");
        System.setProperty("zookeeper.admin.enableServer", "false");
        Path data = Files.createDirectories(directory.resolve("zookeeper"));
        ZooKeeperServer server = new ZooKeeperServer(data.toFile(), data.toFile(), TICK_MILLIS);
        ServerCnxnFactory factory = new NIOServerCnxnFactory();
        factory.configure(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1000);
        factory.startup(server);
        LocalCluster cluster = new LocalCluster(factory);
        String parent = ROOT.substring(0, ROOT.lastIndexOf('/'));
        cluster.ask(client -> client.create(parent, new byte[0], ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
        BookKeeperAdmin.initNewCluster(Bookie.configuration(cluster.uri));
        for (int i = 0; i < bookies; i++) {
            Path home = Files.createDirectories(directory.resolve("bookie-" + i));
            cluster.bookies.add(Bookie.start(cluster.uri, home, freePort(), false, "lo", "127.0.0.1"));
        }
        return cluster;
    }

    static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    String uri() {
        return uri;
    }

    /** Returns the URI of another root in the same ZooKeeper. */
    String uriOf(String root) {
        return "zk+hierarchical://127.0.0.1:" + zooKeeper.getLocalPort() + root;
    }

    /** A request to ZooKeeper. */
    interface Question<T> {
        T ask(ZooKeeper client) throws Exception;
    }

    /** Sends a request to ZooKeeper through a separate client. */
    <T> T ask(Question<T> question) throws Exception {
        ZooKeeper client = ZooKeeperClient.newBuilder()
                .connectString("127.0.0.1:" + zooKeeper.getLocalPort())
                .build();
        try {
            return question.ask(client);
        } finally {
            client.close();
        }
    }

    @Override
    public void close() {
        bookies.forEach(Bookie::close);
        zooKeeper.shutdown();
    }
}
