package dev.holdfast.wal.repair;

import dev.holdfast.wal.LogException;

/**
 * Thrown if a repair that may drop all records from an id on would also lose records below that id. Nothing was
 * changed.
 */
public final class RepairRefusedException extends LogException {
    private static final long serialVersionUID = 1L;

    private final long greatestDropFrom;

    RepairRefusedException(String message, long greatestDropFrom) {
        super(message);
        this.greatestDropFrom = greatestDropFrom;
    }

    /**
     * Returns the greatest id from which a repair can drop records. The record with this id cannot be kept, and all
     * records below it can.
     */
    public long greatestDropFrom() {
        return greatestDropFrom;
    }
}
