package dev.holdfast.bookkeeper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.ids.Batch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Creates and checks records whose data is their id. */
final class Records {
    private Records() {}

    static ByteBuffer record(long id) {
        return ByteBuffer.allocate(8).putLong(0, id);
    }

    /** Returns a batch of one record. */
    static Batch batch(long id) {
        return Batch.withoutIds(List.of(record(id)), LogRecord.MAX_DATA_BYTES);
    }

    static List<ByteBuffer> records(long from, int count) {
        List<ByteBuffer> records = new ArrayList<>();
        for (long id = from; id < from + count; id++) {
            records.add(record(id));
        }
        return records;
    }

    /** Asserts that a log that was never trimmed holds the records up to {@code last}, and no others. */
    static void assertHolds(Log log, long last) throws IOException {
        long shown = 0;
        try (LogCursor cursor = log.cursor(0)) {
            while (cursor.next()) {
                assertThat(cursor.id()).isEqualTo(++shown);
                assertThat(cursor.data().getLong()).isEqualTo(shown);
            }
        }
        assertThat(shown).isEqualTo(last);
        assertThat(log.nextId()).isEqualTo(last + 1);
    }
}
