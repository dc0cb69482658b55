package dev.holdfast.wal.engine;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.recovery.OpenReport;

/** A log on a storage, and what opening it found and did. */
public interface OpenedLog extends Log {
    /** What opening found and did. */
    OpenReport opened();
}
