package dev.holdfast.bookkeeper;

import dev.holdfast.wal.LogException;
import org.jspecify.annotations.Nullable;

/**
 * Thrown if the cluster did not answer within {@link BookKeeperLogOptions#timeout}. Opening, reading, listing and
 * deleting logs throw this exception. After this exception no record is lost, and the call may be repeated. If an
 * append, truncate, trim or reset runs out of time, it throws {@link dev.holdfast.wal.LogFailedException} instead.
 */
public final class LogTimeoutException extends LogException {
    private static final long serialVersionUID = 1L;

    LogTimeoutException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
