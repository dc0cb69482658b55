package dev.holdfast.testkit.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Makes memory run out at each allocation of each call, once or for the rest of the call. Each record must be
 * acknowledged or reported as failed, and no thread may wait forever.
 */
class OutOfMemoryTest {
    /** Number of logs that several threads use. */
    private static final int RUNS = 60;

    /** Approximate number of allocations that all threads of a log make together. */
    private static final int REQUESTS = 800;

    private static final Class<?> CALLS = starving(StarvedCalls.class);
    private static final Class<?> THREADS = starving(StarvedThreads.class);

    private static Class<?> starving(Class<?> type) {
        try {
            return new StarvingLoader().loadClass(type.getName());
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    static Stream<String> names() throws ReflectiveOperationException {
        Object names = CALLS.getMethod("names").invoke(null);
        return ((List<?>) names).stream().map(String.class::cast);
    }

    @ParameterizedTest
    @MethodSource("names")
    @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void everyRecordIsDurableOrReportedAsFailedWhenMemoryRunsOut(String call) throws ReflectiveOperationException {
        long steps = 0;
        while (strikes(call, steps + 1, steps + 1)) {
            assertThat(strikes(call, steps + 1, Long.MAX_VALUE)).isTrue();
            steps++;
        }
        System.out.println("OutOfMemoryTest: " + call + ": " + steps + " steps");
        assertThat(steps).as("allocations of the call").isPositive();
    }

    private static boolean strikes(String call, long first, long last) throws ReflectiveOperationException {
        Method run = CALLS.getMethod("run", String.class, long.class, long.class);
        try {
            return (boolean) run.invoke(null, call, first, last);
        } catch (InvocationTargetException e) {
            throw new AssertionError("refused allocations " + first + " to " + last, e.getCause());
        }
    }

    @Test
    void threadsWithoutMemoryDoNotAffectOthers(@TempDir Path parent) throws ReflectiveOperationException {
        long seed = Long.getLong("holdfast.seed", new Random().nextLong());
        System.out.println("OutOfMemoryTest: rerun with -Dholdfast.seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        Method run = THREADS.getMethod("run", Path.class, long.class, long.class);
        int failed = 0;
        for (int log = 0; log < RUNS; log++) {
            long first = 1 + random.nextInt(REQUESTS);
            long last = first + (random.nextBoolean() ? 0 : random.nextInt(100));
            try {
                failed += (boolean) run.invoke(null, parent.resolve("log-" + log), first, last) ? 1 : 0;
            } catch (InvocationTargetException e) {
                throw new AssertionError("refused allocations " + first + " to " + last, e.getCause());
            }
        }
        System.out.println("OutOfMemoryTest: " + RUNS + " logs whose threads ran out of memory, " + failed + " failed");
        assertThat(failed).as("logs that failed").isLessThan(RUNS);
    }
}
