package dev.holdfast.testkit.disk;

import java.util.Locale;

/**
 * Makes operations of a {@link CrashDisk} fail. A failing write has written some of its sectors, a failing change of names has
 * happened or not, and a failing sync has made any of what was pending stable and forgotten the rest.
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
        /** A {@link dev.holdfast.wal.storage.NoSpaceException}, from creations and from writes that need another block alone. */
        NO_SPACE
    }

    /** True if an operation with this number fails, provided that it can fail in this way. */
    boolean strikes(long number) {
        return lasting ? number >= step : number == step;
    }

    /** As {@link #toString()} gives it. */
    public static Fault parse(String text) {
        String[] parts = text.split("-", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException("a fault looks like error-17-once, was " + text);
        }
        return new Fault(
                Long.parseLong(parts[1]),
                Kind.valueOf(parts[0].toUpperCase(Locale.ROOT).replace("NOSPACE", "NO_SPACE")),
                parts[2].equals("lasting"));
    }

    @Override
    public String toString() {
        String what = kind == Kind.ERROR ? "error" : "nospace";
        return what + "-" + step + (lasting ? "-lasting" : "-once");
    }
}
