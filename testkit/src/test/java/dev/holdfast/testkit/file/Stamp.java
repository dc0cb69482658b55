package dev.holdfast.testkit.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.LogRecord;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

/**
 * Identifies a record by its own bytes. The bytes consist of the id, a generation, derived bytes and a checksum. The
 * generation distinguishes records that had the same id one after the other.
 *
 * @param id the record's id
 * @param generation identifies the append that wrote the record
 */
record Stamp(long id, long generation) {
    /** Length of the shortest record that can hold a stamp. */
    static final int MIN_BYTES = 20;

    /** Returns the bytes of a record of this length. */
    byte[] bytes(int length) {
        if (length < MIN_BYTES) {
            throw new IllegalArgumentException(
                    "a record with a stamp has at least " + MIN_BYTES + " bytes, was " + length);
        }
        ByteBuffer bytes = ByteBuffer.allocate(length);
        bytes.putLong(id).putLong(generation);
        SplittableRandom random = new SplittableRandom(id * 31 + generation);
        while (bytes.remaining() > Integer.BYTES) {
            bytes.put((byte) random.nextInt());
        }
        return bytes.putInt(checksum(bytes.array())).array();
    }

    LogRecord record(int length) {
        return LogRecord.of(id, bytes(length));
    }

    /** Returns the generation of a record whose id was unknown when its bytes were created. */
    static long mark(ByteBuffer data) {
        return read(0, data).generation();
    }

    /** Reads the stamp in the bytes of a record. Fails if the bytes were not written with this id. */
    static Stamp read(long id, ByteBuffer data) {
        byte[] bytes = new byte[data.remaining()];
        data.duplicate().get(bytes);
        assertThat(bytes.length).as("bytes of record " + id).isGreaterThanOrEqualTo(MIN_BYTES);
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        assertThat(buffer.getInt(bytes.length - Integer.BYTES))
                .as("checksum in record " + id)
                .isEqualTo(checksum(bytes));
        Stamp stamp = new Stamp(buffer.getLong(), buffer.getLong());
        assertThat(stamp.id()).as("id in record " + id).isEqualTo(id);
        return stamp;
    }

    private static int checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, bytes.length - Integer.BYTES);
        return (int) crc.getValue();
    }
}
