package dev.holdfast.races;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.openjdk.jcstress.Options;
import org.openjdk.jcstress.infra.Status;
import org.openjdk.jcstress.infra.TestInfo;
import org.openjdk.jcstress.infra.collectors.TestResult;
import org.openjdk.jcstress.infra.runners.ForkedTestConfig;
import org.openjdk.jcstress.infra.runners.Runner;
import org.openjdk.jcstress.infra.runners.TestConfig;
import org.openjdk.jcstress.infra.runners.TestList;
import org.openjdk.jcstress.os.AffinityMode;
import org.openjdk.jcstress.os.NodeType;
import org.openjdk.jcstress.os.SchedulingClass;

/**
 * Runs one race in this process with the code of jcstress, like a forked JVM of jcstress. Stops at a forbidden outcome
 * or after a time limit. The class loader of a patched core loads this class, so it uses only patched classes. Its
 * arguments and its result have types of the JDK.
 */
public final class RaceTrial implements Function<String, Optional<String>> {
    /** On a busy machine a mistake appears once in this time. On an idle machine most mistakes appear immediately. */
    private static final long ENOUGH_NANOS = TimeUnit.SECONDS.toNanos(Long.getLong("holdfast.race.seconds", 30));

    /** Longest time of one run. jcstress first tries a race without a limit, so a race that hangs would not end. */
    private static final long HANGING_MILLIS = TimeUnit.MINUTES.toMillis(2);

    public RaceTrial() {}

    /** Runs a race of this package, named {@code Races.Race}. Returns the first failure, or empty. */
    @Override
    public Optional<String> apply(String race) {
        long began = System.nanoTime();
        Optional<String> failure;
        do {
            failure = run(RaceTrial.class.getPackageName() + "." + race);
        } while (failure.isEmpty() && System.nanoTime() - began < ENOUGH_NANOS);
        return failure;
    }

    private static Optional<String> run(String race) {
        TestInfo info = TestList.getInfo(race);
        if (info == null) {
            throw new AssertionError("found no race " + race);
        }
        TestConfig config = new TestConfig(
                options(),
                info,
                0,
                List.of(),
                0,
                new SchedulingClass(AffinityMode.NONE, info.threads(), NodeType.PACKAGE));
        Optional<TestResult> finished = run(runner(config));
        if (finished.isEmpty()) {
            return Optional.of("the race hangs: " + waitingThreads());
        }
        TestResult result = finished.get();
        result.setConfig(config);
        List<String> failures = new ArrayList<>(result.grading().failureMessages);
        if (result.status() != Status.NORMAL) {
            failures.add(result.status() + " " + result.getMessages());
        }
        return failures.stream().findFirst();
    }

    /** Returns the result; empty if the race hangs. Its threads are daemons, and are abandoned. */
    private static Optional<TestResult> run(Runner<?> runner) {
        FutureTask<TestResult> run = new FutureTask<>(runner::run);
        Thread thread = new Thread(run, "race");
        thread.setDaemon(true);
        thread.start();
        try {
            return Optional.of(run.get(HANGING_MILLIS, TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    /** Returns what the threads of all races that have not ended wait for. */
    private static String waitingThreads() {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(thread -> thread.getKey().getName().startsWith("Jcstress"))
                .map(thread -> thread.getKey().getName() + " " + Arrays.toString(thread.getValue()))
                .collect(Collectors.joining("; "));
    }

    private static Options options() {
        Options options = new Options(JcstressTest.SHORT.split(" +"));
        try {
            if (!options.parse()) {
                throw new AssertionError("jcstress rejects the options " + JcstressTest.SHORT);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return options;
    }

    private static Runner<?> runner(TestConfig config) {
        try {
            return (Runner<?>) Class.forName(config.generatedRunnerName)
                    .getConstructor(ForkedTestConfig.class)
                    .newInstance(new ForkedTestConfig(config));
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }
}
