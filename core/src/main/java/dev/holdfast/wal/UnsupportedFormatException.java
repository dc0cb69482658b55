package dev.holdfast.wal;

/**
 * The log was written by a newer version of the library, or uses a feature this one does not know. Nothing is wrong
 * with it.
 */
public final class UnsupportedFormatException extends LogException {
    private static final long serialVersionUID = 1L;

    /** For the library and for other implementations of {@link Log}. */
    public UnsupportedFormatException(String message) {
        super(message);
    }
}
