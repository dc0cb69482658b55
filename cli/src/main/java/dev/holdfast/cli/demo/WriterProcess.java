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

/** Runs one {@link Writer} in a process of its own and kills it. */
final class WriterProcess {
    /**
     * Time limit for a writer without an acknowledgement. Even the slowest JVM start takes less, so a writer that is
     * silent for longer hangs.
     */
    private static final long HANGS_AFTER_SECONDS = 30;

    /** Exit code of a killed process: 128 + SIGKILL. */
    private static final int KILLED = 137;

    private final List<String> command;
    private final Path errors;

    /**
     * Creates a writer process without starting it.
     *
     * @param command command line of the writer
     * @param errors file for the writer's standard error
     */
    WriterProcess(List<String> command, Path errors) {
        this.command = command;
        this.errors = errors;
    }

    /**
     * Runs the writer, kills it during its work, and returns all events that it reported.
     *
     * @param acknowledgements number of acknowledged batches after which the writer is killed
     * @param longestMillis maximum time from the first acknowledgement to the kill, in milliseconds
     */
    List<Event> runAndKill(int acknowledgements, long longestMillis) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(command).redirectError(errors.toFile()).start();
        try {
            process.getOutputStream().close();
            List<Event> history = listen(process, acknowledgements, longestMillis);
            if (process.waitFor() != KILLED) {
                throw new IOException("the demo's writer ended by itself before the kill, with exit code "
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

    /** Reads events until the end of the pipe. Events that were written before the kill remain readable after it. */
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

    /**
     * Kills the process through its handle. {@code Process.destroyForcibly} would close the pipe and lose the events in
     * it.
     */
    private static void kill(Process process) {
        boolean unused = process.toHandle().destroyForcibly();
    }

    private static void killLater(Process process, long millis) {
        CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS).execute(() -> kill(process));
    }
}
