package dev.holdfast.wal.format;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Checksum of all bytes of a segment after its header: CRC-32C (RFC 3720, Castagnoli) xor a mask computed from the
 * segment's salt and the offset in the file. A stale block of an earlier segment has a different salt and a misplaced
 * block a different offset, so neither matches. The mask costs a few instructions. It is the 64-bit finaliser of
 * SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014), folded to 32 bits. Not
 * thread-safe.
 */
public final class Checksum {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    private final CRC32C crc = new CRC32C();

    /** Returns the checksum of bytes in a buffer, stored at {@code offset} of a file. Clears a direct buffer. */
    public int of(ByteBuffer bytes, int index, int length, long salt, long offset) {
        if (bytes.hasArray()) return plain(bytes.array(), bytes.arrayOffset() + index, length) ^ mask(salt, offset);
        crc.reset();
        bytes.limit(index + length).position(index);
        crc.update(bytes);
        bytes.clear();
        return (int) crc.getValue() ^ mask(salt, offset);
    }

    /** Returns the CRC-32C without the mask. */
    public int plain(byte[] bytes, int from, int length) {
        crc.reset();
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }

    public static int mask(long salt, long offset) {
        long z = salt + offset * GOLDEN_GAMMA; // seam: checksum-mask
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        z ^= z >>> 31;
        return (int) (z ^ (z >>> 32));
    }
}
