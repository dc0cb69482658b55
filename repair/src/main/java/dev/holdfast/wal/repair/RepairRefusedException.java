package dev.holdfast.wal.repair;

import dev.holdfast.wal.LogException;

/** Thrown if a repair would lose records that it has to keep. Nothing was changed. */
public final class RepairRefusedException extends LogException {
    private static final long serialVersionUID = 1L;

    private final long greatestDropFrom;

    RepairRefusedException(String message, long greatestDropFrom) {
        super(message);
        this.greatestDropFrom = greatestDropFrom;
    }

    /** Returns the greatest id from which a repair may drop. The record with this id cannot be kept. */
    public long greatestDropFrom() {
        return greatestDropFrom;
    }
}
