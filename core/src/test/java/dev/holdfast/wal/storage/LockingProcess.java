package dev.holdfast.wal.storage;

import dev.holdfast.wal.LogLockedException;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/** Another process that locks directories on command, one command per line. Its main method runs in that process. */
final class LockingProcess implements AutoCloseable {
    private final Process process;
    private final PrintStream commands;
    private final BufferedReader answers;

    private LockingProcess(Process process) {
        this.process = process;
        commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    static LockingProcess start() throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String classes = root(DiskStorage.class) + System.getProperty("path.separator") + root(LockingProcess.class);
        return new LockingProcess(new ProcessBuilder(List.of(
                        java,
                        "-Xmx64m",
                        "-XX:TieredStopAtLevel=1",
                        "-Xshare:auto",
                        "-cp",
                        classes,
                        LockingProcess.class.getName()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    long pid() {
        return process.pid();
    }

    /** Tries to lock a directory. Returns {@code locked}, or {@code refused} with the reason. */
    String lock(Path directory) throws IOException {
        tell("lock " + directory);
        return answer();
    }

    /** Sends a command without waiting for its answer. */
    void tell(String command) {
        commands.println(command);
    }

    String answer() throws IOException {
        return Objects.requireNonNull(answers.readLine(), "the process has ended");
    }

    String release() throws IOException {
        tell("release");
        return answer();
    }

    /** Opens and closes LOCK in the other process, so that the kernel drops that process's lock. */
    String touch(Path directory) throws IOException {
        tell("touch " + directory);
        return answer();
    }

    @Override
    public void close() {
        kill();
    }

    /** Kills the process like {@code kill -9} and waits until it has ended. */
    void kill() {
        process.destroyForcibly();
        boolean interrupted = false;
        while (true) {
            try {
                process.waitFor();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }

    private static String root(Class<?> type) {
        String file = type.getName().replace('.', '/') + ".class";
        String url = Objects.requireNonNull(type.getResource("/" + file)).toString();
        return Path.of(URI.create(url.substring(0, url.length() - file.length())))
                .toString();
    }

    public static void main(String[] arguments) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        DiskStorage held = null;
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (line.startsWith("lock ")) {
                DiskStorage storage = DiskStorage.open(Path.of(line.substring(5)));
                try {
                    storage.lock();
                    held = storage;
                    System.out.println("locked");
                } catch (LogLockedException e) {
                    storage.close();
                    System.out.println("refused: " + e.getMessage());
                }
            } else if (line.startsWith("touch ")) {
                new FileInputStream(Path.of(line.substring(6), "LOCK").toFile()).close();
                System.out.println("touched");
            } else if (held != null) {
                held.close();
                System.out.println("released");
            }
        }
    }
}
