package dev.holdfast.wal;

import org.jspecify.annotations.Nullable;

/**
 * A call was refused before anything of the log was changed: too many open files, no permission, no memory. The log
 * stays usable, and the same call works once the cause, which the message names, is gone.
 */
public class CallRefusedException extends LogException {
    private static final long serialVersionUID = 1L;

    /** For the library and for other implementations of {@link Log}. */
    public CallRefusedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
