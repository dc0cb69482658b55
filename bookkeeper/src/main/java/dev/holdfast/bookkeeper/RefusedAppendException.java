package dev.holdfast.bookkeeper;

import java.io.IOException;

/**
 * Thrown if no ledger could be created, so nothing of the waiting appends was written. Callers get the reason instead
 * of this exception.
 */
final class RefusedAppendException extends IOException {
    private static final long serialVersionUID = 1L;

    private final IOException reason;

    RefusedAppendException(IOException reason) {
        super(reason);
        this.reason = reason;
    }

    /** Returns the exception that callers get. */
    IOException reason() {
        return reason;
    }
}
