package dev.holdfast.testkit.disk;

/**
 * Bit rot: bytes of a file that change on the disk without a power failure.
 *
 * @param file position of the file among the disk's files, sorted by name, counted from 0
 * @param bit the bit that is flipped, counted from the start of the file; if a sector is zeroed, any bit of that sector
 * @param zeroed true if the whole sector reads as zeros
 */
public record Damage(int file, long bit, boolean zeroed) {
    private static final int SECTOR_BITS = Sector.BYTES * Byte.SIZE;

    int sector() {
        return (int) (bit / SECTOR_BITS);
    }

    Sector of(Sector sector) {
        if (zeroed) {
            return Sector.ZEROS;
        }
        int within = (int) (bit % SECTOR_BITS);
        return sector.flipped(within / Byte.SIZE, 1 << within % Byte.SIZE);
    }

    /** Parses the text that {@link #toString()} returns. */
    public static Damage parse(String text) {
        String[] parts = text.split("-", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException("expected damage such as flip-2-4711, found " + text);
        }
        return new Damage(Integer.parseInt(parts[1]), Long.parseLong(parts[2]), parts[0].equals("zero"));
    }

    @Override
    public String toString() {
        return (zeroed ? "zero-" : "flip-") + file + "-" + bit;
    }
}
