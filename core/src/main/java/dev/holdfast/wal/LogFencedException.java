package dev.holdfast.wal;

import org.jspecify.annotations.Nullable;

/**
 * Another process has opened the log for writing and owns it, so this handle never changes the log again. The new owner
 * has every record that was acknowledged, and all records of the failed call or none. Acknowledged records stay
 * readable here until the new owner removes them. Only logs that several machines can open throw this exception.
 */
public final class LogFencedException extends LogException {
    private static final long serialVersionUID = 1L;

    /** Creates an exception. For the library and for other implementations of {@link Log}. */
    public LogFencedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
