package dev.holdfast.testkit.file;

import dev.holdfast.wal.file.FileLog;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.Assertions;
import org.jspecify.annotations.Nullable;

/**
 * A child process that runs a class of these tests and exchanges lines with the test. Its options keep it small and
 * fast to start.
 */
final class ChildJvm implements AutoCloseable {
    private static final long HANGING_SECONDS = 60;

    private final Process process;
    private final BufferedReader words;
    private final PrintStream commands;

    private ChildJvm(Process process) {
        this.process = process;
        words = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    }

    static ChildJvm start(Class<?> main, String... arguments) throws IOException {
        return start(List.of(), main, arguments);
    }

    /** Starts the process through another program, such as {@code sh} that sets a limit first. */
    static ChildJvm start(List<String> program, Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(program);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-XX:-UsePerfData",
                "-XX:-MaxFDLimit",
                "-Xshare:auto",
                "-cp",
                String.join(
                        System.getProperty("path.separator"), root(FileLog.class), root(main), root(Assertions.class)),
                main.getName()));
        command.addAll(List.of(arguments));
        return new ChildJvm(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /** Returns the directory or jar that contains a class. */
    static String root(Class<?> type) {
        String file = type.getName().replace('.', '/') + ".class";
        String url = Objects.requireNonNull(type.getResource("/" + file)).toString();
        if (url.startsWith("jar:")) {
            return Path.of(URI.create(url.substring(4, url.indexOf("!/")))).toString();
        }
        return Path.of(URI.create(url.substring(0, url.length() - file.length())))
                .toString();
    }

    long pid() {
        return process.pid();
    }

    /** Returns the next line of the process; null at its end. */
    @Nullable
    String word() throws IOException {
        return words.readLine();
    }

    void tell(String command) {
        commands.println(command);
    }

    /** Kills the process like {@code kill -9}. Lines printed before can still be read. */
    void kill() {
        process.toHandle().destroyForcibly();
    }

    int exitCode() throws InterruptedException {
        if (!process.waitFor(HANGING_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("process " + pid() + " did not end in time");
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
