package dev.holdfast.testkit.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Reads all records of a log. */
final class AllRecords {
    private AllRecords() {}

    /** Returns all records. Asserts that the ids and the single reads of the log agree with them. */
    static List<LogRecord> of(Log log) throws IOException {
        List<LogRecord> records = new ArrayList<>();
        try (LogCursor cursor = log.cursor(0)) {
            addAll(cursor, records);
        }
        if (records.isEmpty()) {
            assertThat(log.firstId()).as("first id").isEmpty();
            assertThat(log.lastId()).as("last id").isEmpty();
        } else {
            long firstId = records.get(0).id();
            long lastId = firstId + records.size() - 1;
            assertThat(log.firstId()).as("first id").hasValue(firstId);
            assertThat(log.lastId()).as("last id").hasValue(lastId);
            assertThat(log.nextId()).as("next id").isEqualTo(lastId + 1);
            assertThat(log.read(firstId)).contains(records.get(0));
            assertThat(log.read(lastId)).contains(records.get(records.size() - 1));
            assertThat(log.read(lastId + 1)).isEmpty();
        }
        return records;
    }

    /** Adds the remaining records of a cursor. Asserts that their ids are consecutive. */
    static void addAll(LogCursor cursor, List<LogRecord> records) throws IOException {
        while (cursor.next()) {
            if (!records.isEmpty()) {
                assertThat(cursor.id())
                        .isEqualTo(records.get(records.size() - 1).id() + 1);
            }
            records.add(cursor.record());
        }
    }
}
