package dev.holdfast.wal;

import org.jspecify.annotations.Nullable;

/**
 * The disk has no room for the records of an append, or for another segment. The call has changed nothing: none of its
 * records is in the log, now or after a crash. Appends succeed again when there is space.
 */
public final class DiskFullException extends CallRefusedException {
    private static final long serialVersionUID = 1L;

    /** Creates an exception. For the library and for other implementations of {@link Log}. */
    public DiskFullException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
