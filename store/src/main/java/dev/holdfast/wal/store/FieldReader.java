package dev.holdfast.wal.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;

/** Reads the fields that {@link FieldWriter} wrote. Checks each length before it is used. Not thread-safe. */
final class FieldReader {
    /** The bytes are not the fields that were expected. The message says why. */
    static final class MalformedException extends Exception {
        private static final long serialVersionUID = 1L;

        MalformedException(String why) {
            super(why);
        }
    }

    private final ByteBuffer bytes;

    /** Reads the remaining bytes of a buffer, whose position stays. */
    FieldReader(ByteBuffer bytes) {
        this.bytes = bytes.slice();
    }

    boolean isAtEnd() {
        return !bytes.hasRemaining();
    }

    int readByte() throws MalformedException {
        requireBytes(1);
        return bytes.get() & 0xff;
    }

    long readNumber() throws MalformedException {
        long value = readVarint();
        if (value < 0) throw new MalformedException("a number is negative");
        return value;
    }

    long readSigned() throws MalformedException {
        long zigzag = readVarint();
        return (zigzag >>> 1) ^ -(zigzag & 1);
    }

    private long readVarint() throws MalformedException {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int next = readByte();
            value |= (long) (next & 0x7f) << shift;
            if ((next & 0x80) == 0) return value;
        }
        throw new MalformedException("a number has more than 10 bytes");
    }

    /** Reads a count of things that take at least {@code leastBytes} each, so that the count can be believed. */
    int readCount(int leastBytes) throws MalformedException {
        long count = readNumber();
        if (count > bytes.remaining() / leastBytes) {
            throw new MalformedException("a count is " + count + ", but only " + bytes.remaining() + " bytes follow");
        }
        return (int) count;
    }

    ByteBuffer readBlock() throws MalformedException {
        return readBytes(readNumber());
    }

    ByteBuffer readBytes(long count) throws MalformedException {
        requireBytes(count);
        ByteBuffer block = bytes.slice(bytes.position(), (int) count);
        bytes.position(bytes.position() + (int) count);
        return block;
    }

    ByteBuffer readRest() {
        ByteBuffer rest = bytes.slice();
        bytes.position(bytes.limit());
        return rest;
    }

    String readText() throws MalformedException {
        return text(readBlock());
    }

    static String text(ByteBuffer utf8) throws MalformedException {
        try {
            return UTF_8.newDecoder().decode(utf8.duplicate()).toString();
        } catch (CharacterCodingException e) {
            throw new MalformedException("a text is not UTF-8");
        }
    }

    private void requireBytes(long count) throws MalformedException {
        if (count > bytes.remaining()) {
            throw new MalformedException(count + " bytes were expected, " + bytes.remaining() + " are left");
        }
    }
}
