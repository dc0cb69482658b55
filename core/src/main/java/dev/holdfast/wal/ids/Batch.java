package dev.holdfast.wal.ids;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.RecordTooLargeException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;

/**
 * The records of one append after the checks that depend on no other record of the log: the ids are consecutive and the
 * sizes within the limits. Shares the caller's bytes, but not the caller's buffers, so the caller cannot move a
 * position between these checks and the copy of the bytes.
 *
 * @param data the records' data: the remaining bytes of each buffer. The batch owns the array and the buffers
 * @param firstId the explicit id of the first record; empty if the log assigns the ids
 * @param dataBytes number of bytes of data in all records
 */
@SuppressWarnings("ArrayRecordComponent") // batches are not compared
public record Batch(ByteBuffer[] data, OptionalLong firstId, long dataBytes) {
    private static Batch checked(ByteBuffer[] data, OptionalLong firstId, int maxRecordBytes) {
        long dataBytes = 0;
        for (ByteBuffer record : data) {
            checkSize(record.remaining(), maxRecordBytes);
            dataBytes += record.remaining();
        }
        long bytes = dataBytes + (long) Long.BYTES * data.length;
        if (bytes > Log.MAX_BATCH_BYTES) {
            throw new IllegalArgumentException("a batch must have at most " + Log.MAX_BATCH_BYTES
                    + " bytes, 8 a record beside its data, this one has " + bytes + "; nothing of it was written");
        }
        return new Batch(data, firstId, dataBytes);
    }

    /**
     * Returns the batch of records with explicit ids.
     *
     * @throws IllegalArgumentException if the ids are not consecutive, or a record or the batch is too large
     */
    public static Batch of(List<LogRecord> records, int maxRecordBytes) {
        LogRecord[] all = records.toArray(LogRecord[]::new);
        ByteBuffer[] data = new ByteBuffer[all.length];
        for (int i = 0; i < all.length; i++) {
            if (i > 0 && all[i].id() - 1 != all[i - 1].id()) {
                throw new IllegalArgumentException("record id must be one more than " + all[i - 1].id()
                        + ", the id before it in the batch, was " + all[i].id());
            }
            data[i] = all[i].data();
        }
        OptionalLong firstId = all.length == 0 ? OptionalLong.empty() : OptionalLong.of(all[0].id());
        return checked(data, firstId, maxRecordBytes);
    }

    /**
     * Returns the batch of records to which the log assigns ids.
     *
     * @throws IllegalArgumentException if a record or the batch is too large
     */
    public static Batch withoutIds(List<ByteBuffer> records, int maxRecordBytes) {
        ByteBuffer[] data = records.toArray(ByteBuffer[]::new);
        for (int i = 0; i < data.length; i++) {
            data[i] = data[i].duplicate();
        }
        return checked(data, OptionalLong.empty(), maxRecordBytes);
    }

    public static void checkSize(int dataBytes, int maxRecordBytes) {
        if (dataBytes > maxRecordBytes) {
            throw new RecordTooLargeException("a record must have at most " + maxRecordBytes
                    + " bytes of data, this one has " + dataBytes + "; nothing of its batch was written");
        }
    }

    public boolean isEmpty() {
        return data.length == 0;
    }

    public int count() {
        return data.length;
    }
}
