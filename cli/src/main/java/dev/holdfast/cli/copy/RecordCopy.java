package dev.holdfast.cli.copy;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.zip.CRC32C;

/**
 * Copies the records of a log to an empty log record by record, with their ids. Reads the copy afterwards, and compares
 * it with what was read from the log.
 */
public final class RecordCopy {
    /** Bytes of records that are appended together, unless a single record is larger. */
    private static final long BATCH_BYTES = 512 << 10;

    private static final int BATCH_RECORDS = 4096;

    /** Number of records that were copied, and the bytes of their data. */
    public record Copied(long records, long bytes) {}

    private final Log from;
    private final Log to;
    private final LongConsumer progress;
    private final List<LogRecord> batch = new ArrayList<>();
    private long batchBytes;

    private RecordCopy(Log from, Log to, LongConsumer progress) {
        this.from = from;
        this.to = to;
        this.progress = progress;
    }

    /**
     * Copies the records that the log holds now.
     *
     * @param to a log without records
     * @param progress receives the number of records after each step; may throw to end the copy
     * @throws CorruptLogException if the copy does not contain the same records afterwards
     */
    public static Copied run(Log from, Log to, LongConsumer progress) throws IOException {
        return new RecordCopy(from, to, progress).run();
    }

    private Copied run() throws IOException {
        long end = from.nextId();
        Content source = new Content(from.firstId().orElse(end));
        try (LogCursor cursor = from.cursor(source.next)) {
            while (source.next < end && cursor.next() && cursor.id() < end) {
                add(LogRecord.of(cursor.id(), cursor.data()));
                source.add(cursor.id(), cursor.data());
            }
        }
        append();
        if (source.next < end) {
            throw new IOException("record " + source.next + " was removed from the log while it was copied");
        }
        if (source.records == 0) {
            to.reset(end); // the next id is part of an empty log
        }
        requireEqual(source, end);
        return new Copied(source.records, source.bytes);
    }

    private void add(LogRecord record) throws IOException {
        if (batchBytes + record.size() > BATCH_BYTES || batch.size() == BATCH_RECORDS) {
            append();
        }
        batch.add(record);
        batchBytes += record.size();
    }

    private void append() throws IOException {
        progress.accept(batch.size());
        to.append(batch);
        batch.clear();
        batchBytes = 0;
    }

    private void requireEqual(Content source, long end) throws IOException {
        Content copy = new Content(to.firstId().orElse(end));
        try (LogCursor cursor = to.cursor(copy.next)) {
            while (cursor.next()) {
                copy.add(cursor.id(), cursor.data());
                if (copy.records % BATCH_RECORDS == 0) {
                    progress.accept(0);
                }
            }
        }
        if (!copy.isEqualTo(source) || to.nextId() != end) {
            throw new CorruptLogException(
                    "the copy differs from the log: it has " + copy.records + " records with " + copy.bytes
                            + " bytes, expected " + source.records + " with " + source.bytes
                            + " bytes. No copy was made. Check the disk and the memory, and try again.",
                    "",
                    0,
                    end - source.records,
                    end - 1);
        }
    }

    /** What was read: number, ids, bytes and checksum of records. */
    private static final class Content {
        private final CRC32C checksum = new CRC32C();
        private final ByteBuffer head = ByteBuffer.allocate(Long.BYTES + Integer.BYTES);
        private long next;
        private long records;
        private long bytes;

        Content(long firstId) {
            next = firstId;
        }

        void add(long id, ByteBuffer data) {
            next = id + 1;
            records++;
            bytes += data.remaining();
            checksum.update(head.clear().putLong(id).putInt(data.remaining()).flip());
            checksum.update(data.duplicate());
        }

        boolean isEqualTo(Content other) {
            return next == other.next
                    && records == other.records
                    && bytes == other.bytes
                    && checksum.getValue() == other.checksum.getValue();
        }
    }
}
