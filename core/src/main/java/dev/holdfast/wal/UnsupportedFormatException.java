package dev.holdfast.wal;

/** A newer version of the library wrote the log, or the log uses an unknown feature. The log is not damaged. */
public final class UnsupportedFormatException extends LogException {
    private static final long serialVersionUID = 1L;

    /** Creates an exception. For the library and for other implementations of {@link Log}. */
    public UnsupportedFormatException(String message) {
        super(message);
    }
}
