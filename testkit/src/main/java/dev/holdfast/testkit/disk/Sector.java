package dev.holdfast.testkit.disk;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** The bytes of one sector. Immutable, so that any number of disks, states and images share it. */
final class Sector {
    static final int BYTES = 512;
    static final int PER_BLOCK = 8;

    /** A sector that was never written: it reads as zeros and takes no space. */
    static final Sector HOLE = new Sector(new byte[BYTES]);

    /** A sector that zeros were written to. */
    static final Sector ZEROS = new Sector(new byte[BYTES]);

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final byte[] bytes;
    private long digest;

    private Sector(byte[] bytes) {
        this.bytes = bytes;
    }

    /** How many sectors hold so many bytes. */
    static int count(long bytes) {
        return Math.toIntExact((bytes + BYTES - 1) / BYTES);
    }

    /** This sector after a write into it. */
    Sector with(int at, byte[] source, int from, int length) {
        byte[] copy;
        if (length == BYTES) {
            if (Arrays.equals(source, from, from + BYTES, ZEROS.bytes, 0, BYTES)) {
                return ZEROS;
            }
            copy = Arrays.copyOfRange(source, from, from + BYTES);
        } else {
            copy = bytes.clone();
            System.arraycopy(source, from, copy, at, length);
        }
        return new Sector(copy);
    }

    /** The first {@code length} bytes of this sector, zeros after them: what is left where a file ends within it. */
    Sector cut(int length) {
        if (Arrays.equals(bytes, length, BYTES, ZEROS.bytes, length, BYTES)) {
            return this;
        }
        byte[] copy = new byte[BYTES];
        System.arraycopy(bytes, 0, copy, 0, length);
        return new Sector(copy);
    }

    /**
     * What a power failure leaves while this sector is replaced by {@code next}.
     *
     * @param place where the two meet, from 0 to 1 of the way between the first and the last byte in which they differ
     * @param aligned whether they meet at a multiple of 8 bytes
     * @param newFirst whether the bytes of {@code next} come first
     */
    Sector tornBy(Sector next, double place, boolean aligned, boolean newFirst) {
        int first = Arrays.mismatch(bytes, next.bytes);
        if (first < 0) {
            return next;
        }
        int last = BYTES - 1;
        while (bytes[last] == next.bytes[last]) {
            last--;
        }
        int boundary = first + 1 + (int) (place * Math.max(0, last - first));
        if (aligned) {
            boundary &= -Long.BYTES;
        }
        byte[] copy = (newFirst ? bytes : next.bytes).clone();
        System.arraycopy((newFirst ? next : this).bytes, 0, copy, 0, boundary);
        return new Sector(copy);
    }

    Sector flipped(int at, int bits) {
        byte[] copy = bytes.clone();
        copy[at] ^= (byte) bits;
        return new Sector(copy);
    }

    void read(int at, int length, ByteBuffer into) {
        into.put(bytes, at, length);
    }

    /** A number that tells different bytes apart; the same for a hole and for zeros. Computed once. */
    long digest() {
        long known = digest;
        if (known == 0) {
            for (int at = 0; at < BYTES; at += Long.BYTES) {
                known = (known ^ (long) LONGS.get(bytes, at)) * 0x9E3779B97F4A7C15L;
                known ^= known >>> 29;
            }
            known = known == 0 ? 1 : known;
            digest = known;
        }
        return known;
    }
}
