package dev.holdfast.wal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Reads a range of records with a cursor. A cursor returns no record that a truncate has removed or replaced. */
final class RangeRead {
    private RangeRead() {}

    static List<LogRecord> read(Log log, long fromId, int maxRecords, long maxBytes) throws IOException {
        if (maxRecords < 1) throw new IllegalArgumentException("maxRecords must be >= 1, was " + maxRecords);
        if (maxBytes < 1) throw new IllegalArgumentException("maxBytes must be >= 1, was " + maxBytes);
        try (LogCursor cursor = log.cursor(fromId)) {
            requireHeld(fromId, log.firstId().orElse(fromId));
            List<LogRecord> records = new ArrayList<>();
            if (!cursor.next()) return records;
            requireHeld(fromId, cursor.id()); // a trim may have removed records since
            long bytesLeft = maxBytes;
            do {
                records.add(cursor.record());
                bytesLeft -= cursor.data().remaining();
            } while (records.size() < maxRecords
                    && moves(cursor)
                    && cursor.data().remaining() <= bytesLeft);
            return records;
        }
    }

    private static void requireHeld(long fromId, long firstId) throws RecordsRemovedException {
        if (fromId < firstId) {
            throw new RecordsRemovedException(
                    "record " + fromId + " was removed or never existed: the log begins at record " + firstId
                            + ". Read from there, or restore the records before it from a copy.",
                    fromId,
                    firstId - 1);
        }
    }

    /** Moves to the next record; returns false if there is none, or if the record was removed or is damaged. */
    private static boolean moves(LogCursor cursor) throws IOException {
        try {
            return cursor.next();
        } catch (RecordsRemovedException | CorruptLogException e) {
            return false;
        }
    }
}
