package dev.holdfast.testkit.disk;

/**
 * Bytes of a file that went bad on a disk without power failing.
 *
 * @param file the file's place among those of the disk, in the order of their names
 * @param bit the bit that is flipped, or one of those of the sector that is zeroed
 * @param zeroed whether the whole sector reads as zeros
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

    /** As {@link #toString()} gives it. */
    public static Damage parse(String text) {
        String[] parts = text.split("-", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException("damage looks like flip-2-4711, was " + text);
        }
        return new Damage(Integer.parseInt(parts[1]), Long.parseLong(parts[2]), parts[0].equals("zero"));
    }

    @Override
    public String toString() {
        return (zeroed ? "zero-" : "flip-") + file + "-" + bit;
    }
}
