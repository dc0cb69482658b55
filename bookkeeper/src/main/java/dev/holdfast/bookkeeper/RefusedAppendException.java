package dev.holdfast.bookkeeper;

import java.io.IOException;

/**
 * No ledger could be made, so that nothing of the appends that wait for it was written. Callers get the reason instead.
 */
final class RefusedAppendException extends IOException {
    private static final long serialVersionUID = 1L;

    private final IOException reason;

    RefusedAppendException(IOException reason) {
        super(reason);
        this.reason = reason;
    }

    /** What the callers are told. */
    IOException reason() {
        return reason;
    }
}
