package dev.holdfast.wal.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Writes the fields of records: numbers of variable length (LEB128), bytes and texts. Not thread-safe. */
final class FieldWriter {
    private byte[] bytes;
    private int length;

    FieldWriter(int expectedBytes) {
        bytes = new byte[expectedBytes];
    }

    int length() {
        return length;
    }

    /** Returns the bytes written so far, without a copy. */
    ByteBuffer toBuffer() {
        return ByteBuffer.wrap(bytes, 0, length);
    }

    private void reserve(int count) {
        int needed = Math.addExact(length, count);
        if (needed > bytes.length) {
            bytes = Arrays.copyOf(bytes, (int) Math.min(Math.max(needed, bytes.length * 2L), Integer.MAX_VALUE - 8));
        }
    }

    FieldWriter writeByte(int value) {
        reserve(1);
        bytes[length++] = (byte) value;
        return this;
    }

    /** Writes a number of at least 0 in 1 to 9 bytes: 7 bits a byte, the lowest first. */
    FieldWriter writeNumber(long value) {
        if (value < 0) throw new AssertionError("negative number in a record: " + value);
        reserve(9);
        long rest = value;
        while (rest >= 0x80) {
            bytes[length++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[length++] = (byte) rest;
        return this;
    }

    /** Writes a number of any sign; small absolute values are short. */
    FieldWriter writeSigned(long value) {
        long zigzag = (value << 1) ^ (value >> 63);
        reserve(10);
        long rest = zigzag;
        while ((rest & ~0x7fL) != 0) {
            bytes[length++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[length++] = (byte) rest;
        return this;
    }

    /** Writes the remaining bytes of a buffer, whose position stays. */
    FieldWriter writeBytes(ByteBuffer data) {
        int count = data.remaining();
        reserve(count);
        data.get(data.position(), bytes, length, count);
        length += count;
        return this;
    }

    /** Writes the length of the buffer's remaining bytes, and the bytes. */
    FieldWriter writeBlock(ByteBuffer data) {
        return writeNumber(data.remaining()).writeBytes(data);
    }

    /** Writes the length of a text in UTF-8, and the text. */
    FieldWriter writeText(String text) {
        return writeBlock(ByteBuffer.wrap(text.getBytes(UTF_8)));
    }
}
