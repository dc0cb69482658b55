package dev.holdfast.wal;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A call of a log failed for a reason outside the program. Each subclass names one reason. Other implementations of
 * {@link Log} may add subclasses.
 */
public abstract class LogException extends IOException {
    private static final long serialVersionUID = 1L;

    /** An exception without a cause. */
    protected LogException(String message) {
        super(message);
    }

    /** An exception with the cause, if one is known. */
    protected LogException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
