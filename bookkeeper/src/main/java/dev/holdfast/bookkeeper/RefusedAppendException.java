package dev.holdfast.bookkeeper;

import java.io.IOException;

/**
 * Thrown inside the owner if no ledger could be created, so nothing of the waiting appends was written. Callers of the
 * log get this exception's cause instead.
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
