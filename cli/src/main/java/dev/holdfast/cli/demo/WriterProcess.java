package dev.holdfast.cli.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The life and death of one {@link Writer} in a process of its own. */
final class WriterProcess {
    /** Long enough for the slowest start of a JVM; a writer that is silent for so long hangs. */
    private static final long HANGS_AFTER_SECONDS = 30;

    /** A killed process: 128 + SIGKILL. */
    private static final int KILLED = 137;

    private final List<String> command;
    private final Path errors;

    /**
     * A writer that is not running yet.
     *
     * @param command starts it
     * @param errors gets its standard error
     */
    WriterProcess(List<String> command, Path errors) {
        this.command = command;
        this.errors = errors;
    }

    /**
     * Runs the writer, kills it in the midst of its work, and returns all that it had told.
     *
     * @param acknowledgements so many batches are acknowledged before the kill
     * @param longestMillis the kill comes at the latest so long after the first acknowledgement
     */
    List<Event> runAndKill(int acknowledgements, long longestMillis) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(command).redirectError(errors.toFile()).start();
        try {
            process.getOutputStream().close();
            List<Event> history = listen(process, acknowledgements, longestMillis);
            if (process.waitFor() != KILLED) {
                throw new IOException("the demo's writer was not killed but ended by itself, with exit code "
                        + process.exitValue() + ": " + Files.readString(errors).strip());
            }
            if (Event.acknowledgements(history).isEmpty()) {
                throw new IOException("the demo's writer acknowledged nothing in " + HANGS_AFTER_SECONDS + " seconds: "
                        + Files.readString(errors).strip());
            }
            return history;
        } finally {
            kill(process);
        }
    }

    /** Reads to the end of the pipe: what was told before the kill stays readable after it. */
    private static List<Event> listen(Process process, int acknowledgements, long longestMillis) throws IOException {
        List<Event> history = new ArrayList<>();
        int acknowledged = 0;
        killLater(process, HANGS_AFTER_SECONDS * 1000);
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Event event = Event.parse(line);
                history.add(event);
                if (event instanceof Event.Acknowledged) {
                    acknowledged++;
                    if (acknowledged == 1) {
                        killLater(process, longestMillis);
                    }
                    if (acknowledged == acknowledgements) {
                        kill(process);
                    }
                }
            }
        }
        return history;
    }

    /** By its handle: {@code Process.destroyForcibly} would close the pipe, and what was told in it would be gone. */
    private static void kill(Process process) {
        boolean unused = process.toHandle().destroyForcibly();
    }

    private static void killLater(Process process, long millis) {
        CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS).execute(() -> kill(process));
    }
}
