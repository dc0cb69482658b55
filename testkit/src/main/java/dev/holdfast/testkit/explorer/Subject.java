package dev.holdfast.testkit.explorer;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.commit.LogSettings;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.threads.Environment;
import java.io.IOException;
import java.util.OptionalLong;

/** Opens the log under test for the explorer. */
public interface Subject {
    /** Opens a log for writing. Closing the log closes the storage. */
    Log open(Storage storage, LogSettings settings, Environment environment) throws IOException;

    /** Opens a log read-only. */
    Log openReadOnly(Storage storage, LogSettings settings, Environment environment) throws IOException;

    /**
     * Returns the id of the first record for which the files do not prove that it is durable, or empty if all records
     * are proven durable.
     *
     * @param readOnly a log that {@link #openReadOnly} returned
     */
    OptionalLong unprovenFrom(Log readOnly);
}
