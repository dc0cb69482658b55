package dev.holdfast.testkit.disk;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** The bytes of a file at one moment. Immutable. In the last sector, the bytes beyond the file's length are zeros. */
final class Content {
    static final Content EMPTY = new Content(new Sector[0], 0);

    private final Sector[] sectors;
    private final long length;
    private long digest;

    private Content(Sector[] sectors, long length) {
        this.sectors = sectors;
        this.length = length;
    }

    /**
     * Creates the content of a file of {@code length} bytes from its sectors. Drops surplus sectors. Missing sectors
     * become holes, which read as zeros and take no space.
     */
    static Content of(Sector[] sectors, long length) {
        int count = Sector.count(length);
        Sector[] fitting = sectors;
        if (sectors.length != count) {
            fitting = Arrays.copyOf(sectors, count);
            for (int i = sectors.length; i < count; i++) {
                fitting[i] = Sector.HOLE;
            }
        }
        int inLast = (int) (length % Sector.BYTES);
        if (inLast != 0) {
            Sector last = fitting[count - 1];
            Sector cut = last.cut(inLast);
            if (cut != last) {
                fitting = fitting == sectors ? sectors.clone() : fitting;
                fitting[count - 1] = cut;
            }
        }
        return new Content(fitting, length);
    }

    long length() {
        return length;
    }

    Sector sector(int number) {
        return number < sectors.length ? sectors[number] : Sector.HOLE;
    }

    /** Copies the sectors into a new array of at least {@code count} elements. Elements without a sector are holes. */
    Sector[] copyOfSectors(int count) {
        Sector[] copy = Arrays.copyOf(sectors, Math.max(sectors.length, count));
        for (int i = sectors.length; i < copy.length; i++) {
            copy[i] = Sector.HOLE;
        }
        return copy;
    }

    int read(long offset, ByteBuffer into) {
        int count = (int) Math.min(into.remaining(), Math.max(0, length - offset));
        long at = offset;
        for (int left = count; left > 0; ) {
            int within = (int) (at % Sector.BYTES);
            int part = Math.min(left, Sector.BYTES - within);
            sectors[(int) (at / Sector.BYTES)].read(within, part, into);
            at += part;
            left -= part;
        }
        return count;
    }

    /**
     * Returns the number of blocks that take space. A block takes space if at least one of its sectors is not a hole.
     */
    long blocks(int sectorsPerBlock) {
        long blocks = 0;
        for (int from = 0; from < sectors.length; from += sectorsPerBlock) {
            blocks += hasBlock(from / sectorsPerBlock, sectorsPerBlock) ? 1 : 0;
        }
        return blocks;
    }

    boolean hasBlock(int block, int sectorsPerBlock) {
        int from = block * sectorsPerBlock;
        for (int i = from; i < Math.min(sectors.length, from + sectorsPerBlock); i++) {
            if (sectors[i] != Sector.HOLE) {
                return true;
            }
        }
        return false;
    }

    boolean sameAs(Content other) {
        return this == other || (length == other.length && Arrays.equals(sectors, other.sectors));
    }

    /** Returns a hash of the bytes and the length, computed once. */
    long digest() {
        long known = digest;
        if (known == 0) {
            known = length + 1;
            for (Sector sector : sectors) {
                known = (known ^ sector.digest()) * 0xD6E8FEB86659FD93L;
                known ^= known >>> 32;
            }
            known = known == 0 ? 1 : known;
            digest = known;
        }
        return known;
    }
}
