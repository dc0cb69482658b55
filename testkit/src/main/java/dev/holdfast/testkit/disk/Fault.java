package dev.holdfast.testkit.disk;

import java.util.Locale;

/**
 * Makes operations of a {@link CrashDisk} fail. A failing write has written some of its sectors, a failing change of
 * names has happened or not, and a failing sync has made any of what was pending stable and forgotten the rest.
 *
 * @param step the number of the operation that fails first
 * @param kind how it fails
 * @param lasting true: all operations after it fail too
 */
public record Fault(long step, Kind kind, boolean lasting) {
    /** How an operation fails. */
    public enum Kind {
        /** An {@link java.io.IOException}. */
        ERROR,
        /**
         * A {@link dev.holdfast.wal.storage.NoSpaceException}, from creations and from writes that need another block
         * alone.
         */
        NO_SPACE,
        /** An {@link java.io.IOException} from reading; {@code step} counts the reads. */
        READ,
        /** The disk has no more than {@code step} blocks: {@link CrashDisk#limitTo}. */
        BLOCKS
    }

    /** True if an operation with this number fails in this way. */
    boolean strikes(Kind asked, long number) {
        return asked == kind && (lasting ? number >= step : number == step);
    }

    /** As {@link #toString()} gives it. */
    public static Fault parse(String text) {
        String[] parts = text.split("-", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException("a fault looks like error-17-once, was " + text);
        }
        return new Fault(Long.parseLong(parts[1]), kind(parts[0]), parts[2].equals("lasting"));
    }

    private static Kind kind(String text) {
        return Kind.valueOf(text.equals("nospace") ? "NO_SPACE" : text.toUpperCase(Locale.ROOT));
    }

    @Override
    public String toString() {
        return kind.name().toLowerCase(Locale.ROOT).replace("_", "") + "-" + step + (lasting ? "-lasting" : "-once");
    }
}
