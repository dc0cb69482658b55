package dev.holdfast.testkit.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.LogRecord;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

/**
 * Records that say who they are: the id, a generation that tells records apart which had the same id one after the
 * other, bytes that follow from both, and a checksum. So a record is known to be right, and which one it is, from its
 * bytes alone.
 *
 * @param id of the record
 * @param generation who wrote it
 */
record Stamp(long id, long generation) {
    /** The shortest record that can be told apart. */
    static final int MIN_BYTES = 20;

    /** The bytes of a record of this length. */
    byte[] bytes(int length) {
        if (length < MIN_BYTES) {
            throw new IllegalArgumentException(
                    "a record that says who it is has at least " + MIN_BYTES + " bytes, not " + length);
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

    /** The generation of a record whose id was not known when it was made. */
    static long mark(ByteBuffer data) {
        return read(0, data).generation();
    }

    /** Reads the bytes of a record; fails if they are not those that were written under this id. */
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
