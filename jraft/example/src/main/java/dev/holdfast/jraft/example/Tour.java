package dev.holdfast.jraft.example;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** A tour of the example: starts three nodes and a client that writes, kills the leader, and restarts it. */
final class Tour {
    private static final int WRITES = 1000;

    private final Path directory;
    private final List<String> peers;
    private final List<NodeProcess> nodes = new ArrayList<>();
    private final Set<String> acknowledged = new HashSet<>();
    private int number;

    private Tour(Path directory, List<String> peers) {
        this.directory = directory;
        this.peers = peers;
    }

    /** Runs the tour and prints its steps. The exit code is 1 if an acknowledged write is missing on any node. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("holdfast-raft");
        boolean whole;
        try {
            whole = new Tour(directory, freePeers(3)).run();
        } finally {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
        System.exit(whole ? 0 : 1);
    }

    /** Returns unused addresses on the loopback interface. */
    static List<String> freePeers(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        List<String> peers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
            sockets.add(socket);
            peers.add("127.0.0.1:" + socket.getLocalPort());
        }
        for (ServerSocket socket : sockets) {
            socket.close();
        }
        return peers;
    }

    private boolean run() throws IOException, InterruptedException {
        say("Three nodes start. Each keeps its Raft log in Holdfast; RocksDB is not installed.");
        try (MapClient client = new MapClient(peers)) {
            for (int i = 0; i < peers.size(); i++) {
                nodes.add(start(i));
                say("  node " + i + " at " + peers.get(i) + ", process "
                        + nodes.get(i).pid());
            }
            write(client, WRITES);
            int leader = peers.indexOf(client.leader());
            say("Node " + leader + " leads. " + acknowledged.size() + " writes are acknowledged.");

            nodes.get(leader).kill();
            say("Node " + leader + " is killed (SIGKILL).");
            write(client, WRITES);
            say("Node " + peers.indexOf(client.leader()) + " leads now. " + acknowledged.size()
                    + " writes are acknowledged.");

            nodes.set(leader, start(leader));
            say("Node " + leader + " restarts with its directory.");
            write(client, WRITES);
            say(acknowledged.size() + " writes are acknowledged.");
            return compare();
        } finally {
            nodes.forEach(NodeProcess::close);
        }
    }

    private NodeProcess start(int i) throws IOException, InterruptedException {
        return NodeProcess.start(directory.resolve("node" + i), peers.get(i), String.join(",", peers));
    }

    private void write(MapClient client, int count) throws InterruptedException {
        for (int done = 0; done < count; number++) {
            if (client.put("key" + number % 100, "value" + number)) {
                acknowledged.add("key" + number % 100 + "=value" + number);
                done++;
            }
        }
    }

    /** Compares the writes of all nodes, after each node has applied as many writes as the most advanced one. */
    private boolean compare() throws IOException, InterruptedException {
        List<List<String>> all = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            all.add(writesOf(i));
        }
        while (all.stream().distinct().count() > 1 || !all.get(0).containsAll(acknowledged)) {
            int behind = all.indexOf(
                    all.stream().min(Comparator.comparingInt(List::size)).orElseThrow());
            List<String> again = writesOf(behind);
            if (again.size() == all.get(behind).size()
                    && all.stream().mapToInt(List::size).distinct().count() == 1) {
                say("The nodes differ.");
                return false;
            }
            all.set(behind, again);
        }
        say("All three nodes applied the same " + all.get(0).size()
                + " writes in the same order, and every acknowledged write is among them.");
        return true;
    }

    private List<String> writesOf(int i) throws IOException, InterruptedException {
        Path file = directory.resolve("writes" + i);
        nodes.get(i).ask("writes " + file, "written");
        return Files.readAllLines(file);
    }

    private static void say(String text) {
        System.out.println(text);
    }
}
