package dev.holdfast.bookkeeper;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The cluster did not answer within {@link BookKeeperLogOptions#timeout}. Openings, reads, lists and deletions throw
 * this; no record is lost, and the same call may be made again. An append or a removal of records that runs out of time
 * throws {@link dev.holdfast.wal.LogFailedException} instead.
 */
public final class LogTimeoutException extends IOException {
    private static final long serialVersionUID = 1L;

    LogTimeoutException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
