package dev.holdfast.wal.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.engine.StoredLog;
import dev.holdfast.wal.segment.SameThread;
import dev.holdfast.wal.storage.HeapStorage;
import java.io.IOException;
import java.util.Arrays;

/** A log in memory that a test kills and opens again. Two records of 1000 bytes fill a segment. */
final class KilledLog {
    static final String FIRST = "00000001-0000000000000001.seg";
    static final String SECOND = "00000002-0000000000000003.seg";

    final SameThread threads = new SameThread(7);
    HeapStorage storage = new HeapStorage().recordSteps();

    StoredLog open() throws IOException {
        return threads.open(storage);
    }

    /** Appends records of 1000 bytes. Two of them fill a segment of 8 KiB. */
    static void append(Log log, int records) throws IOException {
        for (int i = 0; i < records; i++) {
            long id = log.nextId();
            log.append(LogRecord.of(id, data(id)));
        }
    }

    static byte[] data(long id) {
        byte[] data = new byte[1000];
        Arrays.fill(data, (byte) (id * 7 + 1));
        return data;
    }

    static void assertHolds(Log log, long first, long last) throws IOException {
        assertThat(log.firstId()).hasValue(first);
        assertThat(log.lastId()).hasValue(last);
        for (long id = first; id <= last; id++) {
            assertThat(log.read(id)).contains(LogRecord.of(id, data(id)));
        }
    }

    /** Simulates a kill of the process, or a power failure after everything was synced. */
    void kill() {
        storage = storage.copy();
    }
}
