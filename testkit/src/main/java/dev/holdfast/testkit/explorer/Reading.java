package dev.holdfast.testkit.explorer;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Reads a log with every read method and compares the results with the expected contents. */
final class Reading {
    private Reading() {}

    /**
     * Compares a log with {@code expected}. Returns a description of the first difference, or null if there is none.
     *
     * @param seed selects the ids that are read individually
     */
    static @Nullable String difference(Log log, Contents expected, long seed) throws IOException {
        String ids = differenceInIds(log, expected);
        if (ids != null) {
            return ids;
        }
        String records = differenceFrom(log, expected, 0);
        if (records != null || expected.isEmpty()) {
            return records;
        }
        SplittableRandom random = new SplittableRandom(seed);
        long some = expected.firstId() + random.nextInt(expected.records().size());
        for (long id :
                new long[] {expected.firstId() - 1, expected.firstId(), some, expected.lastId(), expected.nextId()}) {
            String record = id < 0 ? null : differenceAt(log, expected, id);
            if (record != null) {
                return record;
            }
        }
        return differenceFrom(log, expected, some);
    }

    private static @Nullable String differenceInIds(Log log, Contents expected) {
        OptionalLong first = expected.isEmpty() ? OptionalLong.empty() : OptionalLong.of(expected.firstId());
        OptionalLong last = expected.isEmpty() ? OptionalLong.empty() : OptionalLong.of(expected.lastId());
        if (log.firstId().equals(first) && log.lastId().equals(last) && log.nextId() == expected.nextId()) {
            return null;
        }
        return "found firstId " + log.firstId() + ", lastId " + log.lastId() + ", nextId " + log.nextId();
    }

    private static @Nullable String differenceFrom(Log log, Contents expected, long startId) throws IOException {
        try (LogCursor cursor = log.cursor(startId)) {
            for (long id = Math.max(startId, expected.firstId()); expected.holds(id); id++) {
                if (!cursor.next()) {
                    return "cursor(" + startId + ") ends before record " + id;
                }
                if (cursor.id() != id) {
                    return "cursor(" + startId + ") returns record " + cursor.id() + " instead of " + id;
                }
                if (!expected.record(id).isIn(cursor.data())) {
                    return "cursor(" + startId + ") returns record " + id + " with bytes other than those appended ("
                            + cursor.data().remaining() + " of "
                            + expected.record(id).length() + ")";
                }
            }
            return cursor.next() ? "cursor(" + startId + ") returns record " + cursor.id() + " beyond the end" : null;
        }
    }

    private static @Nullable String differenceAt(Log log, Contents expected, long id) throws IOException {
        Optional<LogRecord> found = log.read(id);
        if (!expected.holds(id)) {
            return found.isEmpty() ? null : "read(" + id + ") finds a record that is not in the log";
        }
        if (found.isEmpty()) {
            return "read(" + id + ") finds nothing";
        }
        boolean same =
                found.get().id() == id && expected.record(id).isIn(found.get().data());
        return same ? null : "read(" + id + ") returns a different record";
    }
}
