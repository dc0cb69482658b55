package dev.holdfast.wal.format;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The checksum of everything behind a segment's header: CRC-32C (RFC 3720, Castagnoli) of the bytes, xor a mask made
 * from the segment's salt and the offset in the file. A stale block of an earlier segment has another salt, a misplaced
 * one another offset, so neither passes; the bytes are summed in one call, and their place costs a few instructions.
 *
 * <p>The mask is the 64-bit finaliser of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number
 * Generators, 2014), folded to 32 bits. One thread at a time.
 */
public final class Checksum {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    private final CRC32C crc = new CRC32C();

    /** The checksum of {@code length} bytes, to be stored at {@code offset} of a file with this salt. */
    public int of(byte[] bytes, int from, int length, long salt, long offset) {
        return plain(bytes, from, length) ^ mask(salt, offset);
    }

    /**
     * As {@link #of(byte[], int, int, long, long)} for the bytes at an index of a direct buffer, which it leaves
     * cleared.
     */
    public int of(ByteBuffer bytes, int index, int length, long salt, long offset) {
        crc.reset();
        bytes.limit(index + length).position(index);
        crc.update(bytes);
        bytes.clear();
        return (int) crc.getValue() ^ mask(salt, offset);
    }

    /** CRC-32C alone. */
    public int plain(byte[] bytes, int from, int length) {
        crc.reset();
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }

    /** What a checksum at this place is xor-ed with. */
    public static int mask(long salt, long offset) {
        long z = salt + offset * GOLDEN_GAMMA;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        z ^= z >>> 31;
        return (int) (z ^ (z >>> 32));
    }
}
