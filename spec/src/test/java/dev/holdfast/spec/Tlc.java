package dev.holdfast.spec;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tlc2.TLC;

/**
 * Runs TLC, the model checker, in a process of its own, because TLC keeps its state in static fields. Each run uses one
 * worker, so that the same model always gives the same counterexample.
 */
final class Tlc {
    /** Whether the tests check larger bounds. */
    static final boolean LARGE = "large".equals(System.getProperty("holdfast.spec"));

    private static final Pattern STATES =
            Pattern.compile("(\\d+) states generated, (\\d+) distinct states found, 0 states left");
    private static final Pattern BROKEN = Pattern.compile("<<\\s*\"broken\",\\s*\\{([^}]*)}\\s*>>");
    private static final ThreadFactory DAEMONS = task -> {
        Thread thread = new Thread(task, "tlc");
        thread.setDaemon(true);
        return thread;
    };
    // Runs at once. Small searches use two cores fully only if there are three, because each process is idle for the
    // third of a second that its virtual machine takes to end.
    private static final Executor SLOTS = Executors.newFixedThreadPool(LARGE ? 2 : 3, DAEMONS);

    private Tlc() {}

    /**
     * What TLC found.
     *
     * @param states number of distinct states; 0 if the search ended early
     * @param broken the promises that the last state of the counterexample breaks. If TLC found a behaviour that breaks
     *     a property of whole behaviours: all such properties of the model, or "stuck" if the last state has no next
     *     one. Empty if there is no counterexample
     * @param output everything that TLC printed
     */
    record Result(long states, Set<String> broken, String output) {}

    /** Starts a run in an empty folder. */
    static CompletableFuture<Result> start(Model model, Path folder) {
        // The optimizing compiler costs more than it saves in a run of a few seconds.
        return start(model, folder, LARGE ? List.of("-Xmx1900m") : List.of("-Xmx600m", "-XX:TieredStopAtLevel=1"));
    }

    /** Starts a run that takes more than ten seconds, in an empty folder. */
    static CompletableFuture<Result> startLong(Model model, Path folder) {
        return start(model, folder, List.of(LARGE ? "-Xmx1900m" : "-Xmx600m"));
    }

    private static CompletableFuture<Result> start(Model model, Path folder, List<String> options) {
        return CompletableFuture.supplyAsync(() -> run(model, folder, options), SLOTS);
    }

    private static Result run(Model model, Path folder, List<String> options) {
        try {
            Files.createDirectories(folder);
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(options);
            command.addAll(List.of(
                    "-XX:+UseSerialGC",
                    "-Xss4m",
                    "-Djava.io.tmpdir=" + folder, // TLC unpacks its modules there; two runs must not share the files
                    "-cp",
                    jar(),
                    "tlc2.TLC",
                    "-workers",
                    "1",
                    "-lncheck",
                    "final"));
            command.addAll(model.write(folder));
            Path output = folder.resolve("output.txt");
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            process.waitFor();
            return result(model, Files.readString(output, UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while TLC ran", e);
        }
    }

    private static String jar() {
        return Path.of(URI.create(TLC.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toString()))
                .toString();
    }

    private static Result result(Model model, String output) {
        Matcher states = STATES.matcher(output);
        Set<String> broken = new TreeSet<>();
        Matcher names = BROKEN.matcher(output);
        if (names.find()) {
            for (String name : names.group(1).split(",", -1)) {
                broken.add(name.trim().replace("\"", ""));
            }
        } else if (output.contains("Temporal properties were violated")) {
            broken.addAll(model.properties());
        } else if (output.contains("Deadlock reached")) {
            broken.add("stuck");
        } else if (!output.contains("No error has been found") || !states.find()) {
            throw new IllegalStateException("TLC could not check the model:\n" + output);
        }
        return new Result(states.reset().find() ? Long.parseLong(states.group(2)) : 0, broken, output);
    }
}
