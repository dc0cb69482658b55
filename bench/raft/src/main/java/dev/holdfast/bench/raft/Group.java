package dev.holdfast.bench.raft;

import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.error.RemotingException;
import com.alipay.sofa.jraft.option.RpcOptions;
import com.alipay.sofa.jraft.rpc.RpcClient;
import com.alipay.sofa.jraft.util.RpcFactoryHelper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Three nodes on the loopback interface, and a client. */
final class Group implements AutoCloseable {
    private static final int NODES = 3;
    private static final int TIMEOUT_MILLIS = 5000;
    private static final int PATIENCE_SECONDS = 60;

    /** A process of the group, with its input and output. */
    static final class Member {
        private static final String END = "(end)";

        private final Process process;
        private final BlockingQueue<String> words = new LinkedBlockingQueue<>();
        private final PrintStream commands;

        Member(Process process) {
            this.process = process;
            commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
            // A thread that takes from a queue can be interrupted and can have a deadline. A thread that reads from
            // a process cannot.
            Thread listener = new Thread(this::listen, "output of " + process.pid());
            listener.setDaemon(true);
            listener.start();
        }

        private void listen() {
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                lines.lines().forEach(words::add);
            } catch (IOException | RuntimeException e) {
                // The process was killed, so it has no further output.
            }
            words.add(END);
        }

        private String hear(String beginning) throws IOException, InterruptedException {
            while (true) {
                String word = words.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
                if (word == null || word.equals(END)) {
                    throw new IOException("expected the answer '" + beginning + "' from node " + process.pid()
                            + ", but it " + (word == null ? "was silent for " + PATIENCE_SECONDS + " s" : "ended"));
                }
                if (word.startsWith(beginning)) {
                    return word;
                }
            }
        }

        /** Returns the state that the node has applied. */
        String state() throws IOException, InterruptedException {
            commands.println("state");
            return hear("state");
        }

        private void kill() {
            process.toHandle().destroyForcibly();
        }

        private void awaitEnd() {
            // A process that does not end even when it is killed is left alone. The deletion of its directory then
            // reports an error.
            process.onExit()
                    .completeOnTimeout(process, PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .join();
        }

        long pid() {
            return process.pid();
        }

        ProcessHandle handle() {
            return process.toHandle();
        }
    }

    private final Path directory;
    private final List<String> peers = new ArrayList<>();
    private final List<Member> members = new ArrayList<>();
    private final RpcClient client = RpcFactoryHelper.rpcFactory().createRpcClient();
    private volatile int leader;

    Group(Path directory, StorageKind storage) throws IOException, InterruptedException {
        this.directory = directory;
        List<ServerSocket> sockets = new ArrayList<>();
        for (int i = 0; i < NODES; i++) {
            ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
            sockets.add(socket);
            peers.add("127.0.0.1:" + socket.getLocalPort());
        }
        for (ServerSocket socket : sockets) {
            socket.close();
        }
        client.init(new RpcOptions());
        try {
            for (int i = 0; i < NODES; i++) {
                members.add(start(i, storage));
            }
        } catch (IOException | InterruptedException | RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private Member start(int i, StorageKind storage) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "--add-opens",
                        "java.base/java.lang=ALL-UNNAMED",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                        "-Dorg.slf4j.simpleLogger.logFile=" + node(i) + ".log",
                        "-cp",
                        System.getProperty("java.class.path"),
                        RaftNode.class.getName(),
                        storage.name(),
                        node(i).toString(),
                        peers.get(i),
                        String.join(",", peers))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        Member member = new Member(process);
        try {
            member.hear("started");
        } catch (IOException | InterruptedException e) {
            member.kill();
            member.awaitEnd();
            throw e;
        }
        return member;
    }

    Path node(int i) {
        return directory.resolve("node" + i);
    }

    List<Member> members() {
        return members;
    }

    /** Stops a node cleanly. */
    void stop(int i) throws IOException, InterruptedException {
        members.get(i).commands.println("quit");
        members.get(i).hear("stopped");
        members.get(i).awaitEnd();
    }

    void restart(int i, StorageKind storage) throws IOException, InterruptedException {
        members.set(i, start(i, storage));
    }

    /** Replicates some bytes. Returns whether the group has acknowledged them. */
    boolean write(byte[] payload) throws InterruptedException {
        int asked = leader;
        try {
            if ((Boolean) client.invokeSync(
                    PeerId.parsePeer(peers.get(asked)).getEndpoint(), new Write(payload), TIMEOUT_MILLIS)) {
                return true;
            }
        } catch (RemotingException | RuntimeException e) {
            // The node is down or has no leader, so the next node is asked.
        }
        leader = (asked + 1) % NODES;
        Thread.sleep(20);
        return false;
    }

    /** Writes until the group acknowledges a write. */
    void insist(byte[] payload) throws InterruptedException {
        while (!write(payload)) {
            // The next node may be the leader.
        }
    }

    @Override
    public void close() {
        client.shutdown();
        members.forEach(Member::kill);
        members.forEach(Member::awaitEnd);
    }
}
