package dev.holdfast.bookkeeper;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * There were fewer bookies than an ack quorum until the time was over, so no segment could be made. Nothing of the
 * append is in the log, and the log stays usable: the same append may be made again when bookies are back.
 */
public final class TooFewBookiesException extends IOException {
    private static final long serialVersionUID = 1L;

    TooFewBookiesException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
