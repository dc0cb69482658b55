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
 * One race by jcstress's own code for it, in this process, as its forks run it, until it has a forbidden outcome or
 * enough time has passed. It is made by the class loader of a mistake, so that all it uses is that one's; what it takes
 * and gives is the JDK's.
 */
public final class RaceTrial implements Function<String, Optional<String>> {
    /** For a mistake that shows once in so many seconds, on a busy machine. On an idle one most show at once. */
    private static final long ENOUGH_NANOS = TimeUnit.SECONDS.toNanos(Long.getLong("holdfast.race.seconds", 30));

    public RaceTrial() {}

    /** Runs a race of this package, {@code Races.Race}; what it found wrong, or nothing. */
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
            throw new AssertionError("there is no race " + race);
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
                throw new AssertionError("jcstress does not take " + JcstressTest.SHORT);
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
