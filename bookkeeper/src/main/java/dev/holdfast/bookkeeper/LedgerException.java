package dev.holdfast.bookkeeper;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Something that a ledger could not do. */
final class LedgerException extends IOException {
    private static final long serialVersionUID = 1L;

    /** What that means. */
    enum Kind {
        /** Someone has opened the ledger with recovery. */
        FENCED,
        /** There are fewer bookies than the replication asks for. */
        TOO_FEW_BOOKIES,
        /** The ledger does not exist. */
        GONE,
        /** No bookie has these bytes as they were written. */
        DAMAGED,
        /** Anything that may pass. */
        UNAVAILABLE
    }

    private final Kind kind;

    LedgerException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    Kind kind() {
        return kind;
    }
}
