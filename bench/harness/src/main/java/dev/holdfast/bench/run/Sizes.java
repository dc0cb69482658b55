package dev.holdfast.bench.run;

/** Formats sizes in bytes for people. */
final class Sizes {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB"};

    private Sizes() {}

    static String text(long bytes) {
        int unit = 0;
        long count = bytes;
        while (unit < UNITS.length - 1 && count >= 1_024 && count % 1_024 == 0) {
            count /= 1_024;
            unit++;
        }
        return count + " " + UNITS[unit];
    }
}
