package dev.holdfast.jraft.example;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Runs a {@link MapNode} in a process of its own. */
final class NodeProcess implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 120;
    private static final String END = "(end)";

    private final Process process;
    private final PrintStream commands;
    private final BlockingQueue<String> words = new LinkedBlockingQueue<>();

    private NodeProcess(Process process) {
        this.process = process;
        commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        Thread listener = new Thread(this::listen, "words of " + process.pid());
        listener.setDaemon(true);
        listener.start();
    }

    /** Starts a node and waits until it is ready. {@code peers} is empty for a node that will be added to its group. */
    static NodeProcess start(Path directory, String self, String peers) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        // The serializer of JRaft's RPC accesses the internals of stack traces.
                        "--add-opens",
                        "java.base/java.lang=ALL-UNNAMED",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                        "-Dorg.slf4j.simpleLogger.logFile=" + directory + ".log",
                        "-cp",
                        System.getProperty("java.class.path"),
                        MapNode.class.getName(),
                        directory.toString(),
                        self,
                        peers)
                .redirectErrorStream(true)
                .start();
        NodeProcess node = new NodeProcess(process);
        try {
            node.hear("started");
        } catch (IllegalStateException | InterruptedException e) {
            node.close();
            throw e;
        }
        return node;
    }

    private void listen() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            lines.lines().forEach(words::add);
        } catch (IOException | RuntimeException e) {
            // The process was killed, so there is no more output.
        }
        words.add(END);
    }

    /** Waits for an output line with the given beginning and returns it. */
    String hear(String beginning) throws InterruptedException {
        while (true) {
            String word = words.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (word == null || word.equals(END) || word.startsWith("failed")) {
                throw new IllegalStateException(
                        "node " + process.pid() + " printed " + word + ", expected '" + beginning + "'");
            }
            if (word.startsWith(beginning)) {
                return word;
            }
        }
    }

    String ask(String command, String beginningOfAnswer) throws InterruptedException {
        commands.println(command);
        return hear(beginningOfAnswer);
    }

    long pid() {
        return process.pid();
    }

    /** Kills the process, like {@code kill -9}. */
    void kill() throws InterruptedException {
        process.toHandle().destroyForcibly();
        process.waitFor();
    }

    /** Kills the process and waits for its end, so that its directory can be deleted afterwards. */
    @Override
    public void close() {
        process.toHandle().destroyForcibly();
        // Stop waiting for a process that does not end after the kill: deleting its directory will then fail.
        process.onExit()
                .completeOnTimeout(process, PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
    }
}
