package dev.holdfast.wal.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.holdfast.wal.commit.LogSettings;
import dev.holdfast.wal.engine.StoredLog;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.segment.SameThread;
import dev.holdfast.wal.storage.DiskStorage;
import dev.holdfast.wal.storage.ForwardingStorage;
import dev.holdfast.wal.storage.ReadableFile;
import dev.holdfast.wal.storage.WritableFile;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Counts the bytes that recovery reads, writes and allocates for records that nothing proves to be synced. Recovery
 * first writes zeros over the spare.
 */
class RecoveryCostTest {
    /**
     * Allocations that do not grow with the records: a chunk and one record, twice because its buffer grows, and small
     * objects.
     */
    private static final long BUFFERS = 8 << 20;

    private static final long SMALL = 256 << 10;

    @TempDir
    Path directory;

    private final SameThread threads = new SameThread(1);
    private final ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Counts the bytes read and written, except those of new spares. Takes no lock, so a log opens twice. */
    private static final class CountingStorage extends ForwardingStorage {
        private long bytesRead;
        private long bytesWritten;

        private CountingStorage(Path directory) throws IOException {
            super(DiskStorage.open(directory));
        }

        @Override
        public void lock() {}

        @Override
        public WritableFile openForWriting(String name) throws IOException {
            return new Writer(super.openForWriting(name)) {
                @Override
                public void write(long offset, byte[] bytes, int from, int length) throws IOException {
                    bytesWritten += length;
                    super.write(offset, bytes, from, length);
                }

                @Override
                public void writeSynced(long offset, byte[] bytes, int from, int length) throws IOException {
                    bytesWritten += length;
                    super.writeSynced(offset, bytes, from, length);
                }
            };
        }

        @Override
        protected ReadableFile wrap(ReadableFile file) {
            return new Reader(file) {
                @Override
                public int read(long offset, ByteBuffer into) throws IOException {
                    int read = super.read(offset, into);
                    bytesRead += read;
                    return read;
                }
            };
        }
    }

    private StoredLog open(CountingStorage storage, int segmentBytes) throws IOException {
        return threads.open(
                storage, new LogSettings(segmentBytes, segmentBytes, 1 << 20, Long.MAX_VALUE, false, Layout.ALIGNMENT));
    }

    private static ByteBuffer record(int bytes) {
        byte[] data = new byte[bytes];
        new Random(bytes).nextBytes(data);
        return ByteBuffer.wrap(data);
    }

    /** Opens a log again after a simulated kill, and compares the cost with the size of the records in bytes. */
    private void assertLinear(StoredLog killed, int segmentBytes, long bytes) throws IOException {
        CountingStorage storage = new CountingStorage(directory);
        long allocated = thread.getCurrentThreadAllocatedBytes();
        try (StoredLog log = open(storage, segmentBytes)) {
            allocated = thread.getCurrentThreadAllocatedBytes() - allocated;
            assertThat(log.lastId()).isEqualTo(killed.lastId());
        }
        assertThat(storage.bytesRead).as("read, of %d", bytes).isLessThan(segmentBytes + 5 * bytes / 4 + SMALL);
        assertThat(storage.bytesWritten)
                .as("written, of %d", bytes)
                .isBetween(bytes, segmentBytes + 11 * bytes / 10 + SMALL);
        assertThat(allocated).as("allocated for %d", bytes).isLessThan(BUFFERS);
    }

    @Test
    void batchOfManySmallRecordsIsReadAndWrittenTwiceInChunks() throws IOException {
        int segmentBytes = 16 << 20;
        StoredLog log = open(new CountingStorage(directory), segmentBytes);
        List<ByteBuffer> batch = new ArrayList<>(Collections.nCopies(120_000, record(100)));
        log.appendAll(batch);
        assertLinear(log, segmentBytes, 120_000L * (100 + Layout.FRAME_HEADER_BYTES));
    }

    @Test
    void manyLargeRecordsAreReadAndWrittenTwiceInChunks() throws IOException {
        int segmentBytes = 16 << 20;
        StoredLog log = open(new CountingStorage(directory), segmentBytes);
        for (int i = 0; i < 240; i++) {
            log.append(record(60_000));
        }
        assertLinear(log, segmentBytes, 240L * 60_000);
    }

    /** These records are rewritten in place. */
    @Test
    void recordsThatFitIntoNoSpareAreReadAndWrittenTwiceInChunks() throws IOException {
        int segmentBytes = 1 << 20;
        StoredLog log = open(new CountingStorage(directory), segmentBytes);
        log.appendAll(Collections.nCopies(120, record(100_000)));
        assertLinear(log, 12 << 20, 120L * 100_000);
    }
}
