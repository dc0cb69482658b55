package dev.holdfast.wal;

/**
 * Somebody else moved, replaced or deleted files of a log while it was open, or its directory. The log has changed
 * nothing since it noticed, and fails.
 */
public final class LogFilesChangedException extends LogException {
    private static final long serialVersionUID = 1L;

    /** For the library and for other implementations of {@link Log}. */
    public LogFilesChangedException(String message) {
        super(message);
    }
}
