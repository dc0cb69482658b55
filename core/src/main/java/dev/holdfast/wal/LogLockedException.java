package dev.holdfast.wal;

/** The log is open for writing, in this process or another. The message names the holder if it is known. */
public final class LogLockedException extends LogException {
    private static final long serialVersionUID = 1L;

    /** Creates an exception. For the library and for other implementations of {@link Log}. */
    public LogLockedException(String message) {
        super(message);
    }
}
