package dev.holdfast.testkit;

import static dev.holdfast.testkit.LogAssertions.assertShows;
import static dev.holdfast.testkit.LogAssertions.assertShowsNothingNow;
import static dev.holdfast.testkit.LogAssertions.shownFrom;
import static dev.holdfast.testkit.Samples.buffers;
import static dev.holdfast.testkit.Samples.record;
import static dev.holdfast.testkit.Samples.records;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Contract tests of {@link LogCursor#next()} in a log from which no record is removed. */
public interface CursorContract extends LogFixture {
    // start position

    @Test
    default void cursorReturnsAllRecordsFromItsStartId() throws Exception {
        inLog(log -> log.append(records(5, 14)), log -> {
            assertThat(shownFrom(log, 5)).isEqualTo(records(5, 14));
            assertThat(shownFrom(log, 9)).isEqualTo(records(9, 14));
            assertThat(shownFrom(log, 14)).isEqualTo(records(14, 14));
        });
    }

    @Test
    default void cursorBelowTheFirstIdStartsAtTheFirstRecord() throws Exception {
        inLog(log -> {
            log.append(records(5, 7));
            assertThat(shownFrom(log, 0)).isEqualTo(records(5, 7));
            assertThat(shownFrom(log, 4)).isEqualTo(records(5, 7));
        });
    }

    @Test
    default void cursorBeyondTheEndStartsOnceItsIdExists() throws Exception {
        inLog(log -> {
            log.append(records(5, 7));
            try (LogCursor cursor = log.cursor(9)) {
                assertShowsNothingNow(cursor);
                log.append(record(8));
                assertShowsNothingNow(cursor);
                log.append(record(9));
                assertShows(cursor, 9);
                assertShowsNothingNow(cursor);
            }
            assertThat(shownFrom(log, Long.MAX_VALUE)).isEmpty();
        });
    }

    @Test
    default void cursorOfAnEmptyLogStartsAtTheFirstMatchingRecord() throws Exception {
        inLog(log -> {
            try (LogCursor below = log.cursor(0);
                    LogCursor within = log.cursor(8)) {
                assertShowsNothingNow(below);
                assertShowsNothingNow(within);
                log.append(records(7, 9));
                assertShows(below, 7);
                assertShows(within, 8);
            }
        });
    }

    @Test
    default void cursorIsPositionedByItsFirstNext() throws Exception {
        inLog(log -> {
            try (LogCursor cursor = log.cursor(2)) {
                log.append(records(1, 3));
                assertShows(cursor, 2);
            }
        });
    }

    // returned records

    @Test
    default void cursorReturnsRecordsAppendedAfterItsCreation() throws Exception {
        inLog(log -> {
            log.append(record(1));
            try (LogCursor cursor = log.cursor(1)) {
                for (long id = 1; id <= 100; id++) {
                    assertShows(cursor, id);
                    assertShowsNothingNow(cursor);
                    assertShowsNothingNow(cursor);
                    log.append(record(id + 1));
                }
            }
        });
    }

    @Test
    default void cursorReturnsTheLargestId() throws Exception {
        inLog(log -> {
            log.append(record(Samples.MAX_ID));
            try (LogCursor cursor = log.cursor(0)) {
                assertShows(cursor, Samples.MAX_ID);
                assertShowsNothingNow(cursor);
            }
        });
    }

    @Test
    default void cursorReturnsTheLargestRecord() throws Exception {
        byte[] largest = Samples.randomBytes(new Random(2), LogRecord.MAX_DATA_BYTES);
        inLog(log -> {
            log.append(record(1), LogRecord.of(2, largest), record(3), LogRecord.of(4, new byte[0]));
            assertThat(shownFrom(log, 1))
                    .containsExactly(record(1), LogRecord.of(2, largest), record(3), LogRecord.of(4, new byte[0]));
        });
    }

    @Test
    default void cursorsReturnManyRecordsFromAnyStartId() throws Exception {
        inLog(
                log -> {
                    for (long id = 1; id < 3000; id += 30) {
                        log.appendAll(buffers(id, id + 29));
                    }
                },
                log -> {
                    List<LogRecord> all = records(1, 3000);
                    for (int from = 1; from <= 3000; from += 97) {
                        assertThat(shownFrom(log, from)).isEqualTo(all.subList(from - 1, 3000));
                    }
                });
    }

    @Test
    default void manyCursorsKeepIndependentPositions() throws Exception {
        inLog(log -> {
            log.append(records(1, 200));
            List<LogCursor> cursors = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                cursors.add(log.cursor(i + 1));
            }
            for (int step = 0; step < 100; step++) {
                for (int i = 0; i < cursors.size(); i++) {
                    assertShows(cursors.get(i), i + 1 + step);
                }
            }
            cursors.forEach(LogCursor::close);
        });
    }

    // the current record

    @Test
    default void dataIsAReadOnlyBigEndianViewOfOneRecord() throws Exception {
        inLog(log -> {
            byte[] one = {0, 0, 0, 1};
            log.append(ByteBuffer.wrap(one).order(ByteOrder.LITTLE_ENDIAN));
            log.append(one);
            try (LogCursor cursor = log.cursor(1)) {
                while (cursor.next()) {
                    ByteBuffer data = cursor.data();
                    assertThat(data.isReadOnly()).isTrue();
                    assertThat(data.remaining()).isEqualTo(4);
                    assertThat(data.getInt(data.position())).isEqualTo(1);
                    assertThatExceptionOfType(ReadOnlyBufferException.class)
                            .isThrownBy(() -> data.put(data.position(), (byte) 1));
                }
            }
        });
    }

    @Test
    default void changingThePositionOfTheDataDoesNotAffectTheCursor() throws Exception {
        inLog(log -> {
            log.append(records(1, 10));
            try (LogCursor cursor = log.cursor(1)) {
                for (long id = 1; id <= 10; id++) {
                    assertShows(cursor, id);
                    ByteBuffer data = cursor.data();
                    data.position(data.limit());
                }
            }
        });
    }

    @Test
    default void recordIsACopyThatOutlivesTheCursorAndTheLog() throws Exception {
        List<LogRecord> kept = new ArrayList<>();
        inLog(log -> {
            log.append(records(1, 300));
            kept.addAll(shownFrom(log, 1));
        });
        assertThat(kept).isEqualTo(records(1, 300));
    }

    @Test
    default void thereIsNoCurrentRecordUnlessNextReturnedTrue() throws Exception {
        inLog(log -> {
            try (LogCursor cursor = log.cursor(1)) {
                assertShowsNoRecord(cursor);
                assertShowsNothingNow(cursor);
                assertShowsNoRecord(cursor);
                log.append(record(1));
                assertShowsNoRecord(cursor);
                assertShows(cursor, 1);
                assertShowsNothingNow(cursor);
                assertShowsNoRecord(cursor);
                log.append(record(2));
                assertShows(cursor, 2);
            }
        });
    }

    private static void assertShowsNoRecord(LogCursor cursor) {
        assertThatIllegalStateException().isThrownBy(cursor::id);
        assertThatIllegalStateException().isThrownBy(cursor::data);
        assertThatIllegalStateException().isThrownBy(cursor::record);
    }

    // closing

    @Test
    default void closedCursorRefusesEverythingButClose() throws Exception {
        inLog(log -> {
            log.append(records(1, 3));
            LogCursor cursor = log.cursor(1);
            assertShows(cursor, 1);
            cursor.close();
            cursor.close();
            assertShowsNoRecord(cursor);
            assertThatIllegalStateException().isThrownBy(cursor::next);
        });
    }

    @Test
    default void closingACursorDoesNotAffectOthers() throws Exception {
        inLog(log -> {
            log.append(records(1, 3));
            try (LogCursor other = log.cursor(1)) {
                LogCursor cursor = log.cursor(1);
                assertShows(cursor, 1);
                assertShows(other, 1);
                cursor.close();
                assertShows(other, 2);
                assertThat(shownFrom(log, 1)).isEqualTo(records(1, 3));
            }
        });
    }

    @Test
    default void cursorOfAClosedLogRefusesNextAndCanBeClosed() throws Exception {
        LogCursor[] cursor = new LogCursor[1];
        inLog(log -> {
            log.append(records(1, 300));
            cursor[0] = log.cursor(1);
            assertShows(cursor[0], 1);
        });
        assertThatIllegalStateException().isThrownBy(cursor[0]::next);
        cursor[0].close();
        cursor[0].close();
    }
}
