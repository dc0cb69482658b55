package dev.holdfast.bookkeeper;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A failure of an operation on a ledger. */
final class LedgerException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Kinds of failure. */
    enum Kind {
        /** Another client has opened the ledger with recovery, so no more entries can be written to it. */
        FENCED,
        /** There are fewer bookies than the replication requires. */
        TOO_FEW_BOOKIES,
        /** The ledger does not exist. */
        GONE,
        /** No bookie has the requested entries as they were written. */
        DAMAGED,
        /** Any failure that may be temporary. */
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
