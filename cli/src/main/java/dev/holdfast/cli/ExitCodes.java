package dev.holdfast.cli;

import dev.holdfast.wal.CorruptLogException;
import org.jspecify.annotations.Nullable;

/** What the tool's exit code means. Picocli's own choices differ: every one of them is replaced in {@link Main}. */
final class ExitCodes {
    static final int FINE = 0;

    /** A log is damaged or, in the demo, lost what it had acknowledged; and nothing else. */
    static final int DAMAGE = 1;

    /** Wrong usage and every other failure. */
    static final int FAILURE = 2;

    private ExitCodes() {}

    static int of(Throwable failure) {
        for (@Nullable Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof CorruptLogException) {
                return DAMAGE;
            }
        }
        return FAILURE;
    }
}
