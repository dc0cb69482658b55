package dev.holdfast.wal;

import org.jspecify.annotations.Nullable;

/**
 * There is no room for another segment. Nothing of the refused appends was written; the log stays usable, and appends
 * go on once there is space.
 */
public final class DiskFullException extends CallRefusedException {
    private static final long serialVersionUID = 1L;

    /** For the library and for other implementations of {@link Log}. */
    public DiskFullException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
