package dev.holdfast.testkit.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Memory runs out at each step of each call, once and for the rest of it: nothing is left undecided, and nobody waits for ever. */
class OutOfMemoryTest {
    private static final Class<?> CALLS = calls();

    private static Class<?> calls() {
        try {
            return new StarvingLoader().loadClass(StarvedCalls.class.getName());
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
    void eachRecordIsDurableOrReportedFailedWhereverMemoryRunsOut(String call) throws ReflectiveOperationException {
        long steps = 0;
        while (strikes(call, steps + 1, steps + 1)) {
            assertThat(strikes(call, steps + 1, Long.MAX_VALUE)).isTrue();
            steps++;
        }
        System.out.println("OutOfMemoryTest: " + call + ": " + steps + " steps");
        assertThat(steps).as("steps at which it asks for memory").isPositive();
    }

    private static boolean strikes(String call, long first, long last) throws ReflectiveOperationException {
        Method run = CALLS.getMethod("run", String.class, long.class, long.class);
        try {
            return (boolean) run.invoke(null, call, first, last);
        } catch (InvocationTargetException e) {
            throw new AssertionError("memory refused from request " + first + " to " + last, e.getCause());
        }
    }
}
