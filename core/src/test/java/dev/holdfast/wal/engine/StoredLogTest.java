package dev.holdfast.wal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.commit.LogSettings;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.segment.SameThread;
import dev.holdfast.wal.storage.HeapStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which of the acknowledged records a log calls durable, and reads of ranges that contain a damaged record. */
class StoredLogTest {
    private static final int RECORDS = 10;
    private static final int DAMAGED = 6;
    private final SameThread threads = new SameThread(5);
    private final HeapStorage storage = new HeapStorage();

    private StoredLog open(boolean syncEachGroup) throws IOException {
        int bytes = Layout.MIN_SEGMENT_BYTES;
        return threads.open(storage, new LogSettings(bytes, bytes, 1 << 20, 1 << 20, syncEachGroup, Layout.ALIGNMENT));
    }

    private static void append(Log log, int records) throws IOException {
        for (int i = 0; i < records; i++) {
            log.append(new byte[100]);
        }
    }

    @Test
    void everyAcknowledgedRecordIsDurableIfEachGroupIsSynced() throws IOException {
        try (Log log = open(true)) {
            assertThat(log.lastDurableId()).isEmpty();
            append(log, 3);
            assertThat(log.lastDurableId()).hasValue(3);
            log.truncate(2);
            assertThat(log.lastDurableId()).hasValue(2);
            log.trim(2);
            assertThat(log.lastDurableId()).isEmpty();
            log.reset(50);
            assertThat(log.lastDurableId()).isEmpty();
            append(log, 1);
            assertThat(log.lastDurableId()).hasValue(50);
        }
    }

    @Test
    void recordIsDurableAfterASyncIfGroupsAreNotSynced() throws IOException {
        try (Log log = open(false)) {
            append(log, 3);
            assertThat(log.lastId()).hasValue(3);
            assertThat(log.lastDurableId()).as("records exist, none is durable").isEmpty();
            log.sync();
            assertThat(log.lastDurableId()).hasValue(3);
            append(log, 2);
            assertThat(log.lastDurableId()).hasValue(3);
            threads.idle();
            assertThat(log.lastDurableId()).as("an idle log syncs").hasValue(5);
        }
    }

    @Test
    void recordsThatReplaceTruncatedOnesAreNotDurableBeforeTheyAreSynced() throws IOException {
        try (Log log = open(false)) {
            append(log, 10);
            log.sync();
            log.truncate(4);
            append(log, 3);
            assertThat(log.lastId()).hasValue(7);
            assertThat(log.lastDurableId()).hasValue(4);
        }
    }

    @Test
    void recordsFoundAtOpeningAreDurable() throws IOException {
        StoredLog crashed = open(false);
        append(crashed, 3);
        HeapStorage copy = storage.copy();
        crashed.close();
        try (Log log = threads.open(copy)) {
            assertThat(log.lastDurableId())
                    .as("recovery has written and synced them again")
                    .hasValue(3);
        }
    }

    @Test
    void logOpenedForReadingCallsARecordDurableIfTheFilesProveIt() throws IOException {
        try (StoredLog writer = open(false)) {
            append(writer, 3);
            writer.sync();
            append(writer, 4);
            HeapStorage copy = storage.copy();
            try (StoredLog reader = threads.openReadOnly(copy)) {
                assertThat(reader.lastId()).hasValue(7);
                assertThat(reader.opened().unprovenFrom()).isPresent();
                assertThat(reader.lastDurableId().orElse(0))
                        .isEqualTo(reader.opened().unprovenFrom().getAsLong() - 1)
                        .isLessThan(7);
            }
            writer.sync();
        }
        try (StoredLog reader = threads.openReadOnly(storage)) {
            assertThat(reader.lastDurableId()).as("closed cleanly").hasValue(7);
        }
    }

    @Test
    void followerShowsDurableRecordsAlone() throws IOException {
        try (StoredLog writer = open(true)) {
            append(writer, 3);
            threads.idle();
            storage.setHolder(Optional.of("process 1"));
            try (StoredLog follower = threads.openReadOnly(storage)) {
                assertThat(follower.lastDurableId())
                        .isEqualTo(follower.lastId())
                        .hasValue(3);
            }
        }
    }

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
