package dev.holdfast.wal.repair;

import dev.holdfast.wal.LogException;

/** A repair would lose records that it was told to keep. Nothing was changed. */
public final class RepairRefusedException extends LogException {
    private static final long serialVersionUID = 1L;

    private final long greatestDropFrom;

    RepairRefusedException(String message, long greatestDropFrom) {
        super(message);
        this.greatestDropFrom = greatestDropFrom;
    }

    /** Up to here records can not be kept: no greater id is worth trying. */
    public long greatestDropFrom() {
        return greatestDropFrom;
    }
}
