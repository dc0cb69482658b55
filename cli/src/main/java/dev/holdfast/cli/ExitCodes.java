package dev.holdfast.cli;

import dev.holdfast.wal.CorruptLogException;
import org.jspecify.annotations.Nullable;

/** The exit codes of the tool. {@link Main} replaces all of picocli's own exit codes with these. */
final class ExitCodes {
    static final int FINE = 0;

    /** A log is damaged, or the demo found that its log lost acknowledged records. No other failure has this code. */
    static final int DAMAGE = 1;

    /** The command line is wrong, or the command failed for any reason other than damage. */
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
