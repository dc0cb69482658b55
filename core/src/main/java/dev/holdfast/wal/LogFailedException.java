package dev.holdfast.wal;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A write or a sync of the log failed, so what is on the disk is unknown. The log takes no more appends until it is reopened, which
 * decides once and for all whether the records of the failed call are there. Acknowledged records stay readable. */
public final class LogFailedException extends IOException {
    private static final long serialVersionUID = 1L;

    /** For the library and for other implementations of {@link Log}. */
    public LogFailedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
