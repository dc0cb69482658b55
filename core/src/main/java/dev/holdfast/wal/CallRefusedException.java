package dev.holdfast.wal;

import org.jspecify.annotations.Nullable;

/**
 * The log refused a call before it changed anything, because a resource is missing: open files, a permission, memory.
 * The message names the resource. The log stays usable, and the same call succeeds when the resource is available.
 */
public class CallRefusedException extends LogException {
    private static final long serialVersionUID = 1L;

    /** Creates an exception. For the library and for other implementations of {@link Log}. */
    public CallRefusedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
