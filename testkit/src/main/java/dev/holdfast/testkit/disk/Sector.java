package dev.holdfast.testkit.disk;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** The bytes of one sector of 512 bytes. Immutable, so several disks and disk states can share one sector. */
final class Sector {
    static final int BYTES = 512;
    static final int PER_BLOCK = 8;

    /** A sector that was never written. It reads as zeros and takes no space. */
    static final Sector HOLE = new Sector(new byte[BYTES]);

    /** A sector that was written with zeros. It takes space. */
    static final Sector ZEROS = new Sector(new byte[BYTES]);

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final byte[] bytes;
    private long digest;

    private Sector(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Returns the number of sectors needed for {@code bytes} bytes. */
    static int count(long bytes) {
        return Math.toIntExact((bytes + BYTES - 1) / BYTES);
    }

    /**
     * Returns a copy of this sector in which {@code length} bytes of {@code source} replace the bytes at offset
     * {@code at}.
     */
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

    /**
     * Returns this sector for a file that ends after the sector's first {@code length} bytes. The remaining bytes are
     * zeros.
     */
    Sector cut(int length) {
        if (Arrays.equals(bytes, length, BYTES, ZEROS.bytes, length, BYTES)) {
            return this;
        }
        byte[] copy = new byte[BYTES];
        System.arraycopy(bytes, 0, copy, 0, length);
        return new Sector(copy);
    }

    /**
     * Returns the torn sector that is left if the power fails while {@code next} is written over this sector. One side
     * of a boundary has the old bytes, the other side has the new bytes.
     *
     * @param place position of the boundary, from 0 (the first differing byte) to 1 (the last differing byte)
     * @param aligned whether the boundary is at a multiple of 8 bytes
     * @param newFirst whether the bytes of {@code next} are before the boundary; otherwise they are after it
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

    /** Returns a hash of the bytes, computed once. A hole and a sector of zeros have the same hash. */
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
