package dev.holdfast.wal;

/** A record has more bytes than the log accepts. No record of the batch was written. */
public final class RecordTooLargeException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /** Creates an exception. For the library and for other implementations of {@link Log}. */
    public RecordTooLargeException(String message) {
        super(message);
    }
}
