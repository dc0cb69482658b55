package dev.holdfast.wal;

import org.jspecify.annotations.Nullable;

/**
 * Somebody else has opened the log for writing and owns it from then on: this handle never changes it again. Of a call
 * that ends so, the new owner has found everything or nothing, and all that was acknowledged before is there.
 * Acknowledged records stay readable as long as the new owner keeps them. Only logs that several machines can open
 * throw this.
 */
public final class LogFencedException extends LogException {
    private static final long serialVersionUID = 1L;

    /** For the library and for other implementations of {@link Log}. */
    public LogFencedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
