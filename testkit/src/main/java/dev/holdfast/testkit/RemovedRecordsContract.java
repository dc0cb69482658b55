package dev.holdfast.testkit;

import static dev.holdfast.testkit.LogAssertions.assertShows;
import static dev.holdfast.testkit.LogAssertions.assertShowsNothingNow;
import static dev.holdfast.testkit.LogAssertions.shownBy;
import static dev.holdfast.testkit.LogAssertions.shownFrom;
import static dev.holdfast.testkit.Samples.record;
import static dev.holdfast.testkit.Samples.records;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.RecordsRemovedException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/**
 * Contract tests of cursors while records are removed: a cursor never returns a removed record, never invents one, and
 * never skips a record silently.
 */
public interface RemovedRecordsContract extends LogFixture {
    /**
     * Runs the step with a log that holds records 1 to 10 and a cursor that has returned the records up to
     * {@code shownId}.
     */
    private void withCursorAt(long shownId, CursorStep step) throws Exception {
        inLog(log -> {
            log.append(records(1, 10));
            try (LogCursor cursor = log.cursor(1)) {
                for (long id = 1; id <= shownId; id++) {
                    assertShows(cursor, id);
                }
                step.run(log, cursor);
            }
        });
    }

    /** One step of a test with a cursor. */
    @FunctionalInterface
    interface CursorStep {
        void run(Log log, LogCursor cursor) throws Exception;
    }

    /** Asserts that both forms of {@code next()} report removed records, and report them again in further calls. */
    private static RecordsRemovedException assertRemoved(LogCursor cursor) {
        RecordsRemovedException e = catchThrowableOfType(RecordsRemovedException.class, cursor::next);
        assertThat(e).isNotNull();
        assertThat(e.firstRemovedId()).isLessThanOrEqualTo(e.lastRemovedId());
        assertThat(e).hasMessageContaining(Long.toString(e.firstRemovedId()));
        assertThat(e).hasMessageContaining(Long.toString(e.lastRemovedId()));
        assertThatIllegalStateException().isThrownBy(cursor::record);
        assertThat(catchThrowableOfType(RecordsRemovedException.class, cursor::next))
                .isNotNull();
        assertThat(catchThrowableOfType(RecordsRemovedException.class, () -> cursor.next(Duration.ofSeconds(1))))
                .isNotNull();
        return e;
    }

    // trim

    @Test
    default void cursorReportsThatItsNextRecordWasTrimmed() throws Exception {
        withCursorAt(3, (log, cursor) -> {
            log.trim(6);
            RecordsRemovedException e = assertRemoved(cursor);
            assertThat(e.firstRemovedId()).isEqualTo(4);
            assertThat(e.lastRemovedId()).isEqualTo(6);
            assertThat(shownFrom(log, 4)).isEqualTo(records(7, 10));
        });
    }

    @Test
    default void cursorReportsThatTheLastRecordWasTrimmed() throws Exception {
        withCursorAt(9, (log, cursor) -> {
            log.trim(10);
            assertRemoved(cursor);
            log.append(record(11));
            assertRemoved(cursor);
        });
    }

    @Test
    default void cursorContinuesAfterReturnedRecordsWereTrimmed() throws Exception {
        withCursorAt(3, (log, cursor) -> {
            log.trim(3);
            assertThat(shownBy(cursor)).isEqualTo(records(4, 10));
        });
    }

    @Test
    default void cursorAtTheEndOfATrimmedLogSeesTheNextAppend() throws Exception {
        withCursorAt(10, (log, cursor) -> {
            log.trim(10);
            assertShowsNothingNow(cursor);
            log.append(record(11));
            assertShows(cursor, 11);
        });
    }

    @Test
    default void unusedCursorStartsAfterTheTrim() throws Exception {
        withCursorAt(0, (log, cursor) -> {
            log.trim(6);
            assertThat(shownBy(cursor)).isEqualTo(records(7, 10));
        });
    }

    // truncate

    @Test
    default void cursorReportsThatItsCurrentRecordWasTruncated() throws Exception {
        withCursorAt(6, (log, cursor) -> {
            log.truncate(5);
            RecordsRemovedException e = assertRemoved(cursor);
            assertThat(6L).isBetween(e.firstRemovedId(), e.lastRemovedId());
        });
    }

    @Test
    default void cursorReportsATruncatedRecordEvenIfItsIdWasReused() throws Exception {
        withCursorAt(6, (log, cursor) -> {
            log.truncate(5);
            log.append(records(6, 12));
            assertRemoved(cursor);
            assertThat(shownFrom(log, 6)).isEqualTo(records(6, 12));
        });
    }

    @Test
    default void cursorReportsATruncatedRecordEvenIfItsIdWasTrimmedLater() throws Exception {
        withCursorAt(6, (log, cursor) -> {
            log.truncate(5);
            log.append(records(6, 12));
            log.trim(6);
            assertRemoved(cursor);
        });
    }

    @Test
    default void cursorAtTheEndReportsATruncate() throws Exception {
        withCursorAt(10, (log, cursor) -> {
            assertShowsNothingNow(cursor);
            log.truncate(9);
            assertRemoved(cursor);
            log.append(records(10, 11));
            assertRemoved(cursor);
        });
    }

    @Test
    default void cursorReportsThatAllRecordsWereTruncated() throws Exception {
        withCursorAt(1, (log, cursor) -> {
            log.truncate(-1);
            assertRemoved(cursor);
            log.append(records(1, 4));
            assertRemoved(cursor);
        });
    }

    @Test
    default void cursorBeforeATruncateReturnsKeptAndThenNewRecords() throws Exception {
        LogRecord other = LogRecord.of(6, new byte[] {6, 6});
        withCursorAt(3, (log, cursor) -> {
            log.truncate(5);
            assertShows(cursor, 4);
            assertShows(cursor, 5);
            assertShowsNothingNow(cursor);
            log.append(other);
            assertThat(shownBy(cursor)).isEqualTo(List.of(other));
        });
    }

    @Test
    default void cursorDoesNotReturnATruncatedRecordThatItReadAhead() throws Exception {
        LogRecord other = LogRecord.of(4, new byte[] {4, 4});
        withCursorAt(3, (log, cursor) -> {
            log.truncate(3);
            log.append(other);
            assertThat(shownBy(cursor)).isEqualTo(List.of(other));
        });
    }

    @Test
    default void cursorReportsASecondTruncateAfterAHarmlessOne() throws Exception {
        withCursorAt(3, (log, cursor) -> {
            log.truncate(8);
            assertShows(cursor, 4);
            log.append(records(9, 10));
            log.truncate(6);
            assertShows(cursor, 5);
            log.truncate(4);
            log.append(records(5, 10));
            assertRemoved(cursor);
        });
    }

    @Test
    default void cursorReportsATruncateEvenIfALaterOneIsHarmless() throws Exception {
        withCursorAt(6, (log, cursor) -> {
            log.truncate(4);
            log.append(records(5, 10));
            log.truncate(8);
            assertRemoved(cursor);
        });
    }

    @Test
    default void unusedCursorStartsAfterTheTruncate() throws Exception {
        LogRecord other = LogRecord.of(1, new byte[] {1, 1});
        withCursorAt(0, (log, cursor) -> {
            log.truncate(0);
            assertShowsNothingNow(cursor);
            log.append(other);
            assertThat(shownBy(cursor)).isEqualTo(List.of(other));
        });
    }

    @Test
    default void removalOfNoRecordDoesNotAffectCursors() throws Exception {
        withCursorAt(3, (log, cursor) -> {
            log.truncate(10);
            log.truncate(Long.MAX_VALUE);
            log.trim(-1);
            log.trim(0);
            assertThat(shownBy(cursor)).isEqualTo(records(4, 10));
            log.truncate(100);
            log.append(record(11));
            assertShows(cursor, 11);
        });
    }

    // reset, and an append elsewhere in an empty log

    @Test
    default void resetIsReportedByEveryCursorThatHasReturnedARecord() throws Exception {
        for (long nextId : new long[] {0, 4, 50}) {
            inLog(log -> {
                log.reset(1);
                log.append(records(1, 10));
                try (LogCursor atThree = log.cursor(3);
                        LogCursor atTen = log.cursor(10)) {
                    assertShows(atThree, 3);
                    assertShows(atTen, 10);
                    log.reset(nextId);
                    assertRemoved(atThree);
                    log.append(records(nextId, nextId + 12));
                    assertRemoved(atThree);
                    assertRemoved(atTen);
                }
            });
        }
    }

    @Test
    default void unusedCursorStartsAfterTheReset() throws Exception {
        withCursorAt(0, (log, cursor) -> {
            log.reset(50);
            assertShowsNothingNow(cursor);
            log.append(records(50, 51));
            assertThat(shownBy(cursor)).isEqualTo(records(50, 51));
        });
    }

    @Test
    default void unusedCursorStartsAtLowerIdsAfterAReset() throws Exception {
        inLog(log -> {
            log.append(records(20, 25));
            try (LogCursor cursor = log.cursor(1)) {
                log.reset(2);
                assertShowsNothingNow(cursor);
                log.append(records(2, 4));
                assertThat(shownBy(cursor)).isEqualTo(records(2, 4));
            }
        });
    }

    @Test
    default void cursorReportsAGapBeforeANewFirstRecord() throws Exception {
        withCursorAt(10, (log, cursor) -> {
            log.trim(10);
            assertShowsNothingNow(cursor);
            log.append(record(50));
            assertRemoved(cursor);
            assertThat(shownFrom(log, 11)).isEqualTo(records(50, 50));
        });
    }

    @Test
    default void cursorReportsANewFirstRecordBelowItsPosition() throws Exception {
        withCursorAt(10, (log, cursor) -> {
            log.trim(10);
            assertShowsNothingNow(cursor);
            log.append(records(3, 12));
            assertRemoved(cursor);
            assertThat(shownFrom(log, 10)).isEqualTo(records(10, 12));
        });
    }

    // while waiting

    @Test
    default void waitingCursorReportsATruncateNoLaterThanTheNextAppend() throws Exception {
        withCursorAt(10, (log, cursor) -> {
            Waiter waiter = Waiter.at(cursor);
            log.truncate(5);
            log.append(records(6, 12));
            waiter.assertFailed(RecordsRemovedException.class);
        });
    }

    @Test
    default void waitingCursorReportsAResetNoLaterThanTheNextAppend() throws Exception {
        withCursorAt(10, (log, cursor) -> {
            Waiter waiter = Waiter.at(cursor);
            log.reset(11);
            log.append(record(11));
            waiter.assertFailed(RecordsRemovedException.class);
        });
    }

    @Test
    default void unusedWaitingCursorStartsAfterTheReset() throws Exception {
        inLog(log -> {
            try (LogCursor cursor = log.cursor(20)) {
                Waiter waiter = Waiter.at(cursor);
                log.reset(50);
                log.append(record(50));
                assertThat(waiter.shown()).isEqualTo(record(50));
            }
        });
    }

    // while others read

    @Test
    default void readersReturnCorrectRecordsDuringTrimsAndTruncates() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        inLog(log -> {
            log.append(records(1, 50));
            Running reader = Running.start(() -> {
                while (!done.get()) {
                    readUntilRemoved(log);
                }
            });
            for (int i = 0; i < 100; i++) {
                long next = log.nextId();
                log.append(records(next, next + 9));
                log.truncate(next + 6);
                log.trim(next - 40);
            }
            done.set(true);
            reader.join();
        });
    }

    private static void readUntilRemoved(Log log) throws IOException {
        try (LogCursor cursor = log.cursor(0)) {
            long before = -1;
            while (cursor.next()) {
                assertThat(cursor.record()).isEqualTo(Samples.record(cursor.id()));
                assertThat(before == -1 || cursor.id() == before + 1)
                        .as("record " + cursor.id() + " was returned after record " + before)
                        .isTrue();
                before = cursor.id();
            }
        } catch (RecordsRemovedException e) {
            assertThat(e.firstRemovedId()).isLessThanOrEqualTo(e.lastRemovedId());
        }
    }

    // read

    @Test
    default void removedRecordsAreNotRead() throws Exception {
        withCursorAt(10, (log, cursor) -> {
            log.trim(2);
            log.truncate(8);
            assertRead(log, false, 0, 2, 9, 10);
            assertRead(log, true, 3, 8);
            log.reset(5);
            assertRead(log, false, 3, 5, 8);
        });
    }

    private static void assertRead(Log log, boolean present, long... ids) throws IOException {
        for (long id : ids) {
            assertThat(log.read(id).isPresent()).as("record " + id).isEqualTo(present);
        }
    }
}
