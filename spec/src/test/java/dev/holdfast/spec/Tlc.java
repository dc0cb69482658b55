package dev.holdfast.spec;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
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

/**
 * Runs TLC, the model checker, in a process of its own, because TLC keeps its state in static fields. Two runs at once;
 * each uses one worker, so that the same model always gives the same counterexample.
 */
final class Tlc {
    private static final Pattern STATES =
            Pattern.compile("(\\d+) states generated, (\\d+) distinct states found, 0 states left");
    private static final Pattern BROKEN = Pattern.compile("<<\\s*\"broken\",\\s*\\{([^}]*)}\\s*>>");
    private static final ThreadFactory DAEMONS = task -> {
        Thread thread = new Thread(task, "tlc");
        thread.setDaemon(true);
        return thread;
    };
    private static final Executor TWO_AT_ONCE = Executors.newFixedThreadPool(2, DAEMONS);

    private Tlc() {}

    /**
     * What TLC found.
     *
     * @param states number of distinct states; 0 if the search ended early
     * @param broken the promises that the last state of the counterexample breaks; for a property of whole behaviours
     *     or a deadlock, TLC's name for it; empty if there is no counterexample
     * @param output everything that TLC printed
     */
    record Result(long states, Set<String> broken, String output) {
        /** Returns the names of the steps of the counterexample, first to last. */
        List<String> steps() {
            return Pattern.compile("State \\d+: <(\\w+)")
                    .matcher(output)
                    .results()
                    .map(step -> step.group(1))
                    .toList();
        }
    }

    /** Starts a run. */
    static CompletableFuture<Result> start(Model model, Path folder) {
        return CompletableFuture.supplyAsync(() -> run(model, folder), TWO_AT_ONCE);
    }

    /** Runs TLC in an empty folder. */
    static Result run(Model model, Path folder) {
        try {
            Files.createDirectories(folder);
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1", // most runs are short
                    "-Xmx900m",
                    "-Xss4m",
                    "-cp",
                    System.getProperty("java.class.path"),
                    "tlc2.TLC",
                    "-workers",
                    "1"));
            command.addAll(model.write(folder));
            Path output = folder.resolve("output.txt");
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            process.waitFor();
            return result(Files.readString(output, UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while TLC ran", e);
        }
    }

    private static Result result(String output) {
        Matcher states = STATES.matcher(output);
        Set<String> broken = new TreeSet<>();
        Matcher names = BROKEN.matcher(output);
        if (names.find()) {
            for (String name : names.group(1).split(",", -1)) {
                broken.add(name.trim().replace("\"", ""));
            }
        } else if (output.contains("Temporal properties were violated")) {
            broken.add("liveness");
        } else if (output.contains("Deadlock reached")) {
            broken.add("deadlock");
        } else if (!output.contains("No error has been found") || !states.find()) {
            throw new IllegalStateException("TLC could not check the model:\n" + output);
        }
        return new Result(states.reset().find() ? Long.parseLong(states.group(2)) : 0, broken, output);
    }
}
