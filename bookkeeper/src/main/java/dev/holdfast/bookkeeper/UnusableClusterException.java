package dev.holdfast.bookkeeper;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The cluster refuses what was asked of it, and will refuse it again until somebody changes its configuration or the
 * options: there is no cluster at that root, a host is unknown, a permission is missing, or the log belongs to another
 * cluster. The message names the cause. Nothing was written.
 */
public final class UnusableClusterException extends IOException {
    private static final long serialVersionUID = 1L;

    UnusableClusterException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
