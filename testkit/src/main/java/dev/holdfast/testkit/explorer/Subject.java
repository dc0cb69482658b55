package dev.holdfast.testkit.explorer;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.engine.Environment;
import dev.holdfast.wal.engine.LogSettings;
import dev.holdfast.wal.storage.Storage;
import java.io.IOException;
import java.util.OptionalLong;

/** The log under test, as the explorer opens it. */
public interface Subject {
    /** Opens a log for writing; its {@code close()} closes the storage. */
    Log open(Storage storage, LogSettings settings, Environment workers) throws IOException;

    /** Opens a log for reading alone. */
    Log openReadOnly(Storage storage, LogSettings settings, Environment workers) throws IOException;

    /**
     * The first record of a log opened read-only whose durability nothing on the disk proves; empty where all are
     * proved.
     *
     * @param readOnly came from {@link #openReadOnly}
     */
    OptionalLong unprovenFrom(Log readOnly);
}
