package dev.holdfast.testkit.explorer;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

/** The bytes of one record. Payloads of at least 8 bytes from different seeds are never equal. */
final class Payload {
    private final byte[] bytes;
    private final long digest;

    private Payload(byte[] bytes) {
        this.bytes = bytes;
        this.digest = digest(bytes);
    }

    /** Returns a hash of the bytes: their CRC-32C and their number. */
    static long digest(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return crc.getValue() << 32 | bytes.length;
    }

    /** Creates a payload from a seed. One in eight payloads is mostly zeros, like space that was never written. */
    static Payload of(long seed, int length) {
        SplittableRandom random = new SplittableRandom(seed);
        byte[] bytes = new byte[length];
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        boolean sparse = random.nextInt(8) == 0;
        while (buffer.remaining() >= Long.BYTES) {
            boolean edge = buffer.position() == 0 || buffer.remaining() < 2 * Long.BYTES;
            buffer.putLong(sparse && !edge ? 0 : random.nextLong());
        }
        while (buffer.hasRemaining()) {
            buffer.put((byte) random.nextInt());
        }
        return new Payload(bytes);
    }

    int length() {
        return bytes.length;
    }

    ByteBuffer buffer() {
        return ByteBuffer.wrap(bytes);
    }

    /** Returns whether the remaining bytes of {@code data} equal this payload. */
    boolean isIn(ByteBuffer data) {
        return data.remaining() == bytes.length && ByteBuffer.wrap(bytes).mismatch(data) < 0;
    }

    long digest() {
        return digest;
    }
}
