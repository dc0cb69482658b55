package dev.holdfast.bookkeeper;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A child JVM that can be killed, paused and resumed. It ends with this JVM, because its standard input ends then. */
final class Child implements AutoCloseable {
    /** Servers that are killed write many errors, so errors are printed only on request. */
    private static final ProcessBuilder.Redirect ERRORS = Boolean.getBoolean("holdfast.bookkeeper.errors")
            ? ProcessBuilder.Redirect.INHERIT
            : ProcessBuilder.Redirect.DISCARD;

    private final Process process;
    private final BufferedReader words;
    private final PrintStream commands;

    private Child(Process process) {
        this.process = process;
        this.words = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
        this.commands = new PrintStream(process.getOutputStream(), true, UTF_8);
    }

    static Child start(List<String> before, Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(before);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-XX:-UsePerfData",
                "-Djava.net.preferIPv4Stack=true",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
                "--add-opens=java.base/java.io=ALL-UNNAMED",
                "--add-opens=java.base/java.util.zip=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(arguments));
        return new Child(new ProcessBuilder(command).redirectError(ERRORS).start());
    }

    /**
     * Returns the next word that the process prints.
     *
     * @throws AssertionError if the process has ended
     */
    String word() throws IOException {
        String word = words.readLine();
        if (word == null) {
            throw new IOException("process " + process.pid() + " has ended");
        }
        return word;
    }

    void await(String expected) throws IOException {
        String word = word();
        if (!word.equals(expected)) {
            throw new AssertionError("expected " + expected + ", the process printed " + word);
        }
    }

    void tell(String command) {
        commands.println(command);
    }

    void stop() throws Exception {
        signal("STOP");
    }

    void proceed() throws Exception {
        signal("CONT");
    }

    private void signal(String name) throws Exception {
        int code = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .inheritIO()
                .start()
                .waitFor();
        if (code != 0) {
            throw new IOException("kill -" + name + " " + process.pid() + " gave " + code);
        }
    }

    /** Kills the process with SIGKILL, which also ends a paused process. */
    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
