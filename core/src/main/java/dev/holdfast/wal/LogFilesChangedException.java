package dev.holdfast.wal;

/**
 * Another program moved, replaced or deleted the directory or files of an open log. The log fails, and has changed
 * nothing since it detected this.
 */
public final class LogFilesChangedException extends LogException {
    private static final long serialVersionUID = 1L;

    /** Creates an exception. For the library and for other implementations of {@link Log}. */
    public LogFilesChangedException(String message) {
        super(message);
    }
}
