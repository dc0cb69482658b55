package dev.holdfast.wal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.segment.SameThread;
import dev.holdfast.wal.storage.HeapStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Reads of ranges that contain a damaged record. */
class DamagedRangeTest {
    private static final int RECORDS = 10;
    private static final int DAMAGED = 6;

    private final SameThread threads = new SameThread(11);
    private final HeapStorage storage = new HeapStorage();

    /** Data that is not part of any other record. */
    private static byte[] data(int id) {
        byte[] data = new byte[40];
        Arrays.fill(data, (byte) (100 + id));
        return data;
    }

    private void damage() throws IOException {
        for (var file : storage.snapshot().entrySet()) {
            byte[] bytes = file.getValue();
            for (int at = 0; at + 40 <= bytes.length; at++) {
                if (ByteBuffer.wrap(bytes, at, 40).equals(ByteBuffer.wrap(data(DAMAGED)))) {
                    storage.bytes(file.getKey())[at + 20] ^= 1;
                    return;
                }
            }
        }
        throw new AssertionError("record " + DAMAGED + " was not found");
    }

    private void assertRangesEndBeforeTheDamagedRecord(StoredLog log) throws IOException {
        damage();
        assertThat(log.read(3, 100, 10_000)).extracting(LogRecord::id).containsExactly(3L, 4L, 5L);
        assertThatThrownBy(() -> log.read(DAMAGED, 100, 10_000))
                .isInstanceOf(CorruptLogException.class)
                .hasMessageContaining("record " + DAMAGED);
        assertThat(log.read(7, 100, 10_000)).extracting(LogRecord::id).containsExactly(7L, 8L, 9L, 10L);
    }

    @Test
    void rangeEndsBeforeADamagedRecordThatWasAppendedAlone() throws IOException {
        try (StoredLog log = threads.open(storage)) {
            for (int id = 1; id <= RECORDS; id++) {
                log.append(data(id));
            }
            assertRangesEndBeforeTheDamagedRecord(log);
        }
    }

    @Test
    void rangeEndsBeforeADamagedRecordOfABatch() throws IOException {
        try (StoredLog log = threads.open(storage)) {
            List<ByteBuffer> batch = new ArrayList<>();
            for (int id = 1; id <= RECORDS; id++) {
                batch.add(ByteBuffer.wrap(data(id)));
            }
            log.appendAll(batch);
            assertRangesEndBeforeTheDamagedRecord(log);
        }
    }
}
