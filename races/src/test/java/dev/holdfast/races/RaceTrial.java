package dev.holdfast.races;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
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
        TestResult result = runner(config).run();
        result.setConfig(config);
        List<String> failures = new ArrayList<>(result.grading().failureMessages);
        if (result.status() != Status.NORMAL) {
            failures.add(result.status() + " " + result.getMessages());
        }
        return failures.stream().findFirst();
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
