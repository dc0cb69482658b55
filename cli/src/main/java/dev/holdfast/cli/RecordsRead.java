package dev.holdfast.cli;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The result of reading every record of a log that nobody else changes.
 *
 * @param bytes bytes of the records that were read
 */
record RecordsRead(long records, long bytes, List<Unreadable> unreadable) {
    /**
     * Consecutive records that cannot be read.
     *
     * @param damage the damage of the first record
     */
    record Unreadable(long firstId, long lastId, CorruptLogException damage) {
        /** Returns a sentence that names the records and the damage. */
        String text() {
            return (firstId == lastId ? "record " + firstId : "records " + firstId + " to " + lastId)
                    + " cannot be read: " + FailureText.of(damage);
        }
    }

    /** Reads every record, and continues after a damaged record. */
    static RecordsRead of(Log log, Progress progress) throws IOException {
        List<Unreadable> unreadable = new ArrayList<>();
        long records = 0;
        long bytes = 0;
        long end = log.nextId();
        long id = log.firstId().orElse(end);
        while (id < end) {
            try (LogCursor cursor = log.cursor(id)) {
                while (cursor.next()) {
                    CtrlC.check();
                    id = cursor.id() + 1;
                    records++;
                    bytes += cursor.data().remaining();
                    progress.add(1);
                }
                id = end;
            } catch (CorruptLogException e) {
                add(unreadable, id, e);
                id++;
            }
        }
        return new RecordsRead(records, bytes, unreadable);
    }

    private static void add(List<Unreadable> unreadable, long id, CorruptLogException damage) {
        int last = unreadable.size() - 1;
        if (last >= 0 && unreadable.get(last).lastId() == id - 1) {
            Unreadable before = unreadable.get(last);
            unreadable.set(last, new Unreadable(before.firstId(), id, before.damage()));
        } else {
            unreadable.add(new Unreadable(id, id, damage));
        }
    }
}
