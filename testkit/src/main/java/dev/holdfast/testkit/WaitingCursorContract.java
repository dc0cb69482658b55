package dev.holdfast.testkit;

import static dev.holdfast.testkit.LogAssertions.assertShows;
import static dev.holdfast.testkit.LogAssertions.assertShowsNothingNow;
import static dev.holdfast.testkit.Samples.record;
import static dev.holdfast.testkit.Samples.records;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Contract tests of {@link LogCursor#next(Duration)}: waiting for a record, and the ways in which a wait ends. */
public interface WaitingCursorContract extends LogFixture {
    @Test
    default void existingRecordIsReturnedWithoutWaiting() throws Exception {
        inLog(log -> {
            log.append(records(1, 4));
            try (LogCursor cursor = log.cursor(1)) {
                assertThat(cursor.next(Waiter.LONG)).isTrue();
                assertThat(cursor.next(Duration.ZERO)).isTrue();
                assertThat(cursor.next(Duration.ofSeconds(-1))).isTrue();
                assertThat(cursor.next(Duration.ofSeconds(Long.MAX_VALUE))).isTrue();
                assertThat(cursor.record()).isEqualTo(record(4));
            }
        });
    }

    @Test
    default void timeoutOfZeroOrLessDoesNotWait() throws Exception {
        inLog(log -> {
            try (LogCursor cursor = log.cursor(1)) {
                assertThat(cursor.next(Duration.ZERO)).isFalse();
                assertThat(cursor.next(Duration.ofNanos(-1))).isFalse();
                assertThat(cursor.next(Duration.ofSeconds(Long.MIN_VALUE))).isFalse();
            }
        });
    }

    @Test
    default void waitEndsAtTheTimeoutAndTheCursorStaysUsable() throws Exception {
        inLog(log -> {
            log.append(record(1));
            try (LogCursor cursor = log.cursor(1)) {
                assertShows(cursor, 1);
                assertThat(cursor.next(Duration.ofNanos(1))).isFalse();
                assertThat(cursor.next(Duration.ofMillis(2))).isFalse();
                assertThatIllegalStateException().isThrownBy(cursor::record);
                log.append(record(2));
                assertShows(cursor, 2);
            }
        });
    }

    @Test
    default void appendWakesAWaitingCursor() throws Exception {
        inLog(log -> {
            log.append(record(1));
            try (LogCursor cursor = log.cursor(2)) {
                Waiter waiter = Waiter.at(cursor);
                log.append(record(2));
                assertThat(waiter.shown()).isEqualTo(record(2));
            }
        });
    }

    @Test
    default void longestTimeoutWaits() throws Exception {
        inLog(log -> {
            try (LogCursor cursor = log.cursor(1)) {
                Waiter waiter = Waiter.at(cursor, Duration.ofSeconds(Long.MAX_VALUE));
                log.appendAsync(records(1, 1)).get();
                assertThat(waiter.shown()).isEqualTo(record(1));
            }
        });
    }

    @Test
    default void appendBelowItsStartIdDoesNotWakeACursor() throws Exception {
        inLog(log -> {
            try (LogCursor cursor = log.cursor(3)) {
                Waiter waiter = Waiter.at(cursor);
                log.append(record(1));
                log.append(record(2));
                log.append(record(3));
                assertThat(waiter.shown()).isEqualTo(record(3));
            }
        });
    }

    @Test
    default void appendWakesEveryWaitingCursor() throws Exception {
        inLog(log -> {
            List<Waiter> waiters = waiters(log, 20);
            log.append(records(1, 3));
            for (Waiter waiter : waiters) {
                assertThat(waiter.shown()).isEqualTo(record(1));
                waiter.cursor().close();
            }
        });
    }

    private static List<Waiter> waiters(Log log, int count) {
        List<Waiter> waiters = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            waiters.add(Waiter.at(log.cursor(0)));
        }
        return waiters;
    }

    @Test
    default void waitingCursorFollowsTheAppends() throws Exception {
        inLog(log -> {
            List<LogRecord> seen = new ArrayList<>();
            Running reader = Running.start(() -> {
                try (LogCursor cursor = log.cursor(1)) {
                    while (seen.size() < 300 && cursor.next(Waiter.LONG)) {
                        seen.add(cursor.record());
                    }
                }
            });
            for (long id = 1; id <= 300; id++) {
                log.append(record(id));
            }
            reader.join();
            assertThat(seen).isEqualTo(records(1, 300));
        });
    }

    // closing

    @Test
    default void closingTheCursorWakesItsWaiter() throws Exception {
        inLog(log -> {
            LogCursor cursor = log.cursor(1);
            Waiter waiter = Waiter.at(cursor);
            cursor.close();
            waiter.assertFailed(IllegalStateException.class);
            log.append(record(1));
        });
    }

    @Test
    default void closingACursorLeavesOthersWaiting() throws Exception {
        inLog(log -> {
            List<Waiter> waiters = waiters(log, 2);
            waiters.get(0).cursor().close();
            waiters.get(0).assertFailed(IllegalStateException.class);
            log.append(record(1));
            assertThat(waiters.get(1).shown()).isEqualTo(record(1));
        });
    }

    @Test
    default void closingTheLogWakesEveryWaiter() throws Exception {
        inLog(log -> {
            List<Waiter> waiters = waiters(log, 5);
            log.close();
            for (Waiter waiter : waiters) {
                waiter.assertFailed(IllegalStateException.class);
            }
        });
    }

    @Test
    default void closedCursorRefusesToWait() throws Exception {
        inLog(log -> {
            log.append(record(1));
            LogCursor cursor = log.cursor(1);
            cursor.close();
            assertThatIllegalStateException().isThrownBy(() -> cursor.next(Duration.ZERO));
            assertThatIllegalStateException().isThrownBy(() -> cursor.next(Waiter.LONG));
        });
    }

    @Test
    default void cursorOfAClosedLogRefusesToWait() throws Exception {
        inLog(log -> {
            log.append(record(1));
            LogCursor cursor = log.cursor(1);
            log.close();
            assertThatIllegalStateException().isThrownBy(() -> cursor.next(Duration.ZERO));
            assertThatIllegalStateException().isThrownBy(() -> cursor.next(Waiter.LONG));
            cursor.close();
        });
    }

    // interrupts

    @Test
    default void interruptEndsTheWaitAndKeepsTheCursorPosition() throws Exception {
        inLog(log -> {
            log.append(record(1));
            try (LogCursor cursor = log.cursor(1)) {
                assertShows(cursor, 1);
                Waiter waiter = Waiter.at(cursor);
                waiter.interrupt();
                waiter.assertFailed(InterruptedException.class);
                assertThatIllegalStateException().isThrownBy(cursor::record);
                assertShowsNothingNow(cursor);
                log.append(records(2, 3));
                assertShows(cursor, 2);
                assertThat(cursor.next(Waiter.LONG)).isTrue();
                assertThat(cursor.record()).isEqualTo(record(3));
            }
        });
    }

    @Test
    default void pendingInterruptEndsTheWaitAndClearsTheFlag() throws Exception {
        inLog(log -> {
            try (LogCursor cursor = log.cursor(1)) {
                Thread.currentThread().interrupt();
                assertThatExceptionOfType(InterruptedException.class).isThrownBy(() -> cursor.next(Waiter.LONG));
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
                log.append(record(1));
                assertShows(cursor, 1);
            }
        });
    }

    @Test
    default void interruptOfAWaiterDoesNotAffectOthers() throws Exception {
        inLog(log -> {
            List<Waiter> waiters = waiters(log, 3);
            waiters.get(1).interrupt();
            waiters.get(1).assertFailed(InterruptedException.class);
            log.append(record(1));
            assertThat(waiters.get(0).shown()).isEqualTo(record(1));
            assertThat(waiters.get(2).shown()).isEqualTo(record(1));
        });
    }
}
