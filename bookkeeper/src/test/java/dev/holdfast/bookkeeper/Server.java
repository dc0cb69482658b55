package dev.holdfast.bookkeeper;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.server.NIOServerCnxnFactory;
import org.apache.zookeeper.server.ServerCnxnFactory;
import org.apache.zookeeper.server.ZooKeeperServer;
import org.apache.zookeeper.server.quorum.QuorumPeerConfig;
import org.apache.zookeeper.server.quorum.QuorumPeerMain;

/**
 * Main class of a server process: a bookie, a single ZooKeeper, or one of several ZooKeeper servers. The process runs
 * until its standard input ends or it is killed.
 */
final class Server {
    private static final int TICK_MILLIS = 1000;

    private Server() {}

    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("zookeeper")) {
            zooKeeper(Path.of(arguments[1]), arguments[2], Integer.parseInt(arguments[3]));
        } else if (arguments[0].equals("zookeepers")) {
            oneOfSeveral(Path.of(arguments[1]), arguments[2]);
        } else {
            Bookie.start(
                    arguments[1],
                    Path.of(arguments[2]),
                    Integer.parseInt(arguments[3]),
                    true,
                    arguments[4],
                    arguments[5]);
        }
        System.out.println("ready");
        while (System.in.read() >= 0) {
            // Runs until the parent process is gone.
        }
        Runtime.getRuntime().halt(0);
    }

    private static void zooKeeper(Path directory, String address, int port) throws Exception {
        System.setProperty("zookeeper.4lw.commands.whitelist", "*");
        System.setProperty("zookeeper.admin.enableServer", "false");
        Path data = Files.createDirectories(directory);
        ZooKeeperServer server = new ZooKeeperServer(data.toFile(), data.toFile(), TICK_MILLIS);
        ServerCnxnFactory factory = new NIOServerCnxnFactory();
        factory.configure(new InetSocketAddress(address, port), 1000);
        factory.startup(server);
    }

    /** Starts one of several servers. It is ready when a leader is elected and a client has got an answer. */
    private static void oneOfSeveral(Path configuration, String clientAddress) throws Exception {
        System.setProperty("zookeeper.admin.enableServer", "false");
        QuorumPeerConfig config = new QuorumPeerConfig();
        config.parse(configuration.toString());
        Thread peer = new Thread(() -> {
            try {
                new QuorumPeerMain().runFromConfig(config);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        peer.setDaemon(true);
        peer.start();
        CountDownLatch connected = new CountDownLatch(1);
        ZooKeeper client = new ZooKeeper(clientAddress, 60 * TICK_MILLIS, event -> {
            if (event.getState() == KeeperState.SyncConnected) {
                connected.countDown();
            }
        });
        connected.await();
        client.close();
    }
}
