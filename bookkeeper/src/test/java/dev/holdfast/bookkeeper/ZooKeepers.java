package dev.holdfast.bookkeeper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** One or several ZooKeeper servers, each a process of its own, which can be killed and restarted. */
final class ZooKeepers implements AutoCloseable {
    private final List<List<String>> commands = new ArrayList<>();
    private final List<Integer> ports = new ArrayList<>();
    private final List<Child> processes = new ArrayList<>();
    private final String address;

    ZooKeepers(Path directory, String address, int count) throws Exception {
        this.address = address;
        StringBuilder members = new StringBuilder();
        for (int i = 1; i <= count; i++) {
            ports.add(LocalCluster.freePort());
            members.append("server." + i + "=" + address + ":" + LocalCluster.freePort() + ":" + LocalCluster.freePort()
                    + "\n");
        }
        for (int i = 1; i <= count; i++) {
            Path home = Files.createDirectories(directory.resolve("zookeeper-" + i));
            commands.add(
                    count == 1
                            ? List.of("zookeeper", home.toString(), address, ports.get(0) + "")
                            : List.of(
                                    "zookeepers",
                                    configuration(home, i, members.toString()).toString(),
                                    address + ":" + ports.get(i - 1)));
            processes.add(null);
        }
        startAll();
    }

    private Path configuration(Path home, int number, String members) throws IOException {
        Files.writeString(home.resolve("myid"), number + "\n");
        return Files.writeString(
                home.resolve("zoo.cfg"),
                "dataDir=" + home + "\ntickTime=1000\ninitLimit=20\nsyncLimit=5\nclientPortAddress=" + address
                        + "\nclientPort=" + ports.get(number - 1) + "\n" + members);
    }

    List<Integer> ports() {
        return ports;
    }

    int count() {
        return ports.size();
    }

    boolean allAreUp() {
        return !processes.contains(null);
    }

    /** Returns the address list of servers at these ports, in the form that clients use. */
    static String uri(String address, List<Integer> ports) {
        return ports.stream()
                        .map(port -> address + ":" + port)
                        .collect(Collectors.joining(";", "zk+hierarchical://", ""))
                + "/ledgers";
    }

    String uri() {
        return uri(address, ports);
    }

    void kill(int number) {
        processes.get(number).close();
        processes.set(number, null);
    }

    /** Starts the servers that are down, and waits until they are ready. */
    void startAll() throws IOException {
        List<Child> started = new ArrayList<>();
        for (int i = 0; i < processes.size(); i++) {
            if (processes.get(i) == null) {
                Child child =
                        Child.start(List.of(), Server.class, commands.get(i).toArray(String[]::new));
                processes.set(i, child);
                started.add(child);
            }
        }
        for (Child child : started) {
            child.await("ready");
        }
    }

    @Override
    public void close() {
        for (Child process : processes) {
            if (process != null) {
                process.close();
            }
        }
    }
}
