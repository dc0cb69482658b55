package dev.holdfast.bookkeeper;

import dev.holdfast.wal.CallRefusedException;
import org.jspecify.annotations.Nullable;

/**
 * Thrown if an append needs a new segment, and until the timeout fewer bookies than the ack quorum were available for
 * it. Nothing of the append was written. The log stays usable, and the append may be repeated when bookies are back.
 */
public final class TooFewBookiesException extends CallRefusedException {
    private static final long serialVersionUID = 1L;

    TooFewBookiesException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
