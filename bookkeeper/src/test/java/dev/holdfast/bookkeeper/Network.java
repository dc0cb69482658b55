package dev.holdfast.bookkeeper;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The network of a cluster's processes. Either all processes use the loopback device, or each bookie is in a network
 * namespace of its own and can be disconnected.
 */
final class Network implements AutoCloseable {
    private static final String ZOOKEEPER = "10.213.200.1";

    private final boolean namespaces;

    /** Path of a hosts file. No name server answers in a namespace, and clients would wait for its answer. */
    private final String hosts;

    private final List<String> made = new ArrayList<>();

    private Network(boolean namespaces, String hosts) {
        this.namespaces = namespaces;
        this.hosts = hosts;
    }

    static Network loopback() {
        return new Network(false, "");
    }

    /** Creates a network namespace for each bookie; empty if this process lacks the permission. */
    static Optional<Network> namespaces(Path directory, int bookies) throws IOException {
        StringBuilder names = new StringBuilder("127.0.0.1 localhost\n" + ZOOKEEPER + " zookeeper\n");
        for (int i = 0; i < bookies; i++) {
            names.append("10.213." + i + ".2 bookie-" + i + "\n10.213." + i + ".1 gateway-" + i + "\n");
        }
        Path hosts = Files.writeString(directory.resolve("hosts"), names);
        Network network = new Network(true, hosts.toString());
        try {
            run("ip", "addr", "add", ZOOKEEPER + "/32", "dev", "lo");
            for (int i = 0; i < bookies; i++) {
                network.make(i);
            }
            return Optional.of(network);
        } catch (IOException e) {
            System.out.println("no network namespaces here: " + e.getMessage());
            network.close();
            return Optional.empty();
        }
    }

    private void make(int number) throws IOException {
        String namespace = "hfbk" + number;
        run("ip", "netns", "add", namespace);
        made.add(namespace);
        run("ip", "link", "add", "hfbkh" + number, "type", "veth", "peer", "name", "hfbkn" + number);
        run("ip", "link", "set", "hfbkn" + number, "netns", namespace);
        run("ip", "addr", "add", "10.213." + number + ".1/30", "dev", "hfbkh" + number);
        run("ip", "link", "set", "hfbkh" + number, "up");
        run("ip", "-n", namespace, "addr", "add", "10.213." + number + ".2/30", "dev", "hfbkn" + number);
        run("ip", "-n", namespace, "link", "set", "lo", "up");
        join(number);
    }

    private static void run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
        if (process.onExit().join().exitValue() != 0) {
            throw new IOException(String.join(" ", command) + ": " + said);
        }
    }

    boolean canCut() {
        return namespaces;
    }

    List<String> commandOf(int bookie) {
        return namespaces
                ? List.of(
                        "ip",
                        "netns",
                        "exec",
                        "hfbk" + bookie,
                        "env",
                        "JAVA_TOOL_OPTIONS=-Djdk.net.hosts.file=" + hosts)
                : List.of();
    }

    String deviceOf(int bookie) {
        return namespaces ? "hfbkn" + bookie : "lo";
    }

    String addressOf(int bookie) {
        return namespaces ? "10.213." + bookie + ".2" : "127.0.0.1";
    }

    String zooKeeperAddress() {
        return namespaces ? ZOOKEEPER : "127.0.0.1";
    }

    /** Disconnects a bookie in both directions. Packets are dropped without an error. */
    void cutOff(int bookie) throws IOException {
        run("ip", "-n", "hfbk" + bookie, "link", "set", "hfbkn" + bookie, "down");
    }

    void join(int bookie) throws IOException {
        run("ip", "-n", "hfbk" + bookie, "link", "set", "hfbkn" + bookie, "up");
        run("ip", "-n", "hfbk" + bookie, "route", "replace", "default", "via", "10.213." + bookie + ".1");
    }

    @Override
    public void close() {
        for (String namespace : made) {
            quietly("ip", "netns", "del", namespace); // removes its devices, too
        }
        if (namespaces) {
            quietly("ip", "addr", "del", ZOOKEEPER + "/32", "dev", "lo");
        }
    }

    private static void quietly(String... command) {
        try {
            run(command);
        } catch (IOException e) {
            System.out.println(e.getMessage());
        }
    }
}
