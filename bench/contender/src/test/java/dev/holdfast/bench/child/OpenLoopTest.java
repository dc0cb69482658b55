package dev.holdfast.bench.child;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

/** One caller on a clock that only calls and waits move. */
class OpenLoopTest {
    private static final long MILLI = 1_000_000;
    private static final long SECOND = 1_000 * MILLI;
    private static final long PER_SECOND = 1_000;
    private static final double ROUNDED = 0.002;

    private static final class FakeClock implements Clock {
        private long now;

        @Override
        public long nanoTime() {
            return now;
        }

        @Override
        public void sleepUntil(long nanoTime) {
            now = Math.max(now, nanoTime);
        }
    }

    private final FakeClock clock = new FakeClock();
    private final OpenLoop loop = new OpenLoop(new Window(SECOND, 2 * SECOND), 0, PER_SECOND);
    private long calls;

    private Histogram latencies(java.util.function.LongUnaryOperator nanosOfCall) throws Exception {
        return loop.callWhenDue(clock, i -> {
            calls++;
            clock.now += nanosOfCall.applyAsLong(i);
        });
    }

    private static double millis(Histogram latency, double percentile) {
        return latency.getValueAtPercentile(percentile) / (double) MILLI;
    }

    @Test
    void callsAreMadeWhenTheyAreDueAndOnlyThoseDueInTheWindowCount() throws Exception {
        Histogram latency = latencies(i -> MILLI / 10);

        assertThat(calls).isEqualTo(2 * PER_SECOND);
        assertThat(latency.getTotalCount()).isEqualTo(PER_SECOND);
        assertThat(millis(latency, 100)).isEqualTo(0.1, within(ROUNDED));
        assertThat(clock.now).isEqualTo(2 * SECOND - MILLI + MILLI / 10);
    }

    @Test
    void pauseCountsForEachCallThatWasDueDuringIt() throws Exception {
        // A closed loop would record one call of 100 ms among 1,000.
        Histogram latency = latencies(i -> i == 1_500 ? 100 * MILLI : MILLI / 10);

        assertThat(latency.getTotalCount()).isEqualTo(PER_SECOND);
        assertThat(millis(latency, 50)).isEqualTo(0.1, within(ROUNDED));
        // The call after the pause was due 1 ms after the slow one began: it waits for 99 ms, the next one for 98.1.
        assertThat(millis(latency, 99)).isGreaterThan(90);
        // The delay shrinks by 0.9 ms with each call, so 110 calls are late.
        assertThat(latency.getCountBetweenValues(MILLI / 2, Long.MAX_VALUE / 2)).isBetween(109L, 112L);
    }

    @Test
    void lateCallsOfTheWindowAreMadeAfterItsEnd() throws Exception {
        Histogram latency = latencies(i -> i == 1_999 ? 300 * MILLI : MILLI / 10);

        assertThat(latency.getTotalCount()).isEqualTo(PER_SECOND);
        assertThat(millis(latency, 100)).isEqualTo(300, within(1.0));
    }

    @Test
    void pauseInTheWarmUpStillDelaysCallsOfTheWindow() throws Exception {
        Histogram latency = latencies(i -> i == 990 ? 50 * MILLI : MILLI / 10);

        assertThat(latency.getTotalCount()).isEqualTo(PER_SECOND);
        assertThat(millis(latency, 100)).isBetween(39.0, 42.0);
    }

    @Test
    void callerThatIsAlwaysLateFallsBehindMoreAndMore() throws Exception {
        Histogram latency = latencies(i -> 2 * MILLI);

        assertThat(millis(latency, 100)).isGreaterThan(1_900);
    }
}
