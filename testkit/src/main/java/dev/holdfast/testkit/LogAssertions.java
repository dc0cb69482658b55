package dev.holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.LogStats;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.LongStream;

/** Assertions that check a log with every read method: it must hold exactly the expected records. */
final class LogAssertions {
    private LogAssertions() {}

    /**
     * Asserts that the log holds exactly {@link Samples#records} from {@code firstId} to {@code lastId}, with every
     * read method.
     */
    static void assertHolds(Log log, long firstId, long lastId) throws IOException {
        assertHolds(log, Samples.records(firstId, lastId));
    }

    static void assertHolds(Log log, List<LogRecord> records) throws IOException {
        long firstId = records.get(0).id();
        long lastId = firstId + records.size() - 1;
        assertIds(log, OptionalLong.of(firstId), OptionalLong.of(lastId), lastId + 1);
        assertThat(shownFrom(log, 0)).as("records of a cursor").isEqualTo(records);
        assertThat(readRange(log, firstId, lastId)).as("records of read()").isEqualTo(records);
        assertAbsent(log, 0, firstId - 1, lastId + 1, Long.MAX_VALUE);
    }

    static void assertEmpty(Log log, long nextId) throws IOException {
        assertIds(log, OptionalLong.empty(), OptionalLong.empty(), nextId);
        assertThat(shownFrom(log, 0)).as("records of a cursor").isEmpty();
        assertAbsent(log, 0, 1, nextId - 1, nextId, nextId + 1);
    }

    private static void assertIds(Log log, OptionalLong firstId, OptionalLong lastId, long nextId) {
        assertThat(log.firstId()).as("first id").isEqualTo(firstId);
        assertThat(log.lastId()).as("last id").isEqualTo(lastId);
        assertThat(log.nextId()).as("next id").isEqualTo(nextId);
        LogStats stats = log.stats();
        assertThat(stats.firstId()).as("first id of the stats").isEqualTo(firstId);
        assertThat(stats.lastId()).as("last id of the stats").isEqualTo(lastId);
        assertThat(stats.nextId()).as("next id of the stats").isEqualTo(nextId);
    }

    /**
     * Asserts that {@code read} finds no record at the given ids. Skips negative ids and ids from {@code log.firstId()}
     * to {@code log.lastId()}.
     */
    private static void assertAbsent(Log log, long... ids) throws IOException {
        for (long id : ids) {
            boolean present = log.firstId().isPresent()
                    && log.firstId().getAsLong() <= id
                    && id <= log.lastId().getAsLong();
            if (id >= 0 && !present) {
                assertThat(log.read(id)).as("record " + id).isEmpty();
            }
        }
    }

    static List<LogRecord> readRange(Log log, long firstId, long lastId) throws IOException {
        List<LogRecord> records = new ArrayList<>();
        for (long id : LongStream.rangeClosed(firstId, lastId).toArray()) {
            records.add(log.read(id).orElseThrow());
        }
        return records;
    }

    /** Returns all records that a new cursor at {@code startId} returns until it reaches the end of the log. */
    static List<LogRecord> shownFrom(Log log, long startId) throws IOException {
        try (LogCursor cursor = log.cursor(startId)) {
            return shownBy(cursor);
        }
    }

    static List<LogRecord> shownBy(LogCursor cursor) throws IOException {
        List<LogRecord> records = new ArrayList<>();
        while (cursor.next()) {
            LogRecord record = cursor.record();
            assertThat(cursor.id()).isEqualTo(record.id());
            assertThat(cursor.data()).isEqualTo(record.data());
            records.add(record);
        }
        return records;
    }

    /** Asserts that the cursor's next record is {@link Samples#record} {@code id}. */
    static void assertShows(LogCursor cursor, long id) throws IOException {
        assertThat(cursor.next()).as("next() finds a record").isTrue();
        assertThat(cursor.record()).isEqualTo(Samples.record(id));
    }

    static void assertShowsNothingNow(LogCursor cursor) throws IOException {
        assertThat(cursor.next()).as("next() finds a record").isFalse();
    }

    /**
     * Asserts that an explicit append is accepted only at {@code id}, and that refused appends leave no trace.
     * Afterwards the log holds record {@code id}.
     */
    static void assertTakesOnly(Log log, long id) throws IOException {
        for (long wrong : new long[] {0, id - 1, id + 1, id + 1000, Long.MAX_VALUE - 1}) {
            if (wrong >= 0 && wrong != id) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> log.append(Samples.record(wrong)))
                        .withMessageContaining(Long.toString(wrong))
                        .withMessageContaining(Long.toString(id));
            }
        }
        assertThat(log.nextId()).isEqualTo(id);
        log.append(Samples.record(id));
        assertThat(log.lastId()).hasValue(id);
    }

    /**
     * Asserts that an empty log accepts an explicit append of two records from {@code id} on, and then only an append
     * at the next id.
     */
    static void assertStartsAt(Log log, long id) throws IOException {
        log.append(Samples.record(id), Samples.record(id + 1));
        assertHolds(log, id, id + 1);
        assertTakesOnly(log, id + 2);
    }
}
