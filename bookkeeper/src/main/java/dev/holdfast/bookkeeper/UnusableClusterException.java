package dev.holdfast.bookkeeper;

import dev.holdfast.wal.LogException;
import org.jspecify.annotations.Nullable;

/**
 * Thrown if the cluster refuses a request for a reason that lasts until someone changes the cluster's configuration or
 * the log's options. Possible reasons: there is no cluster at the root, a host is unknown, a permission is missing, or
 * the log belongs to another cluster. The message names the reason. Nothing was written.
 */
public final class UnusableClusterException extends LogException {
    private static final long serialVersionUID = 1L;

    UnusableClusterException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
