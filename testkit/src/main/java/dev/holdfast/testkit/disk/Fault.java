package dev.holdfast.testkit.disk;

import java.util.Locale;

/**
 * Makes operations of a {@link CrashDisk} fail.
 *
 * <p>A failing write has written some of its sectors. A failing create, rename or delete may or may not have taken
 * effect. A failing sync has made an arbitrary part of the pending (unsynced) changes stable. The other pending sectors
 * and lengths never become stable.
 *
 * @param step number of the operation that fails, unless {@code kind} gives it another meaning
 * @param kind how the operation fails
 * @param lasting true if all later operations fail too
 */
public record Fault(long step, Kind kind, boolean lasting) {
    /** Ways in which an operation fails. */
    public enum Kind {
        /** Operations that change the disk throw an {@link java.io.IOException}. */
        ERROR,
        /**
         * Creating a file, and a write that needs another block, throw a
         * {@link dev.holdfast.wal.storage.NoSpaceException}.
         */
        NO_SPACE,
        /** Reads throw an {@link java.io.IOException}; {@code step} is the number of a read. */
        READ,
        /**
         * The disk is full when {@code step} blocks are in use; here {@code step} is not the number of an operation.
         */
        BLOCKS
    }

    /** Returns whether this fault is of kind {@code asked} and makes the operation with this number fail. */
    boolean strikes(Kind asked, long number) {
        return asked == kind && (lasting ? number >= step : number == step);
    }

    /** Parses the text that {@link #toString()} returns. */
    public static Fault parse(String text) {
        String[] parts = text.split("-", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException("expected a fault such as error-17-once, found " + text);
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
