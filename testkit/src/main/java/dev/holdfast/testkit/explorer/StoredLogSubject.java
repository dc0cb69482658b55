package dev.holdfast.testkit.explorer;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.commit.LogSettings;
import dev.holdfast.wal.engine.StoredLog;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.threads.Environment;
import java.io.IOException;
import java.util.OptionalLong;

/** Opens Holdfast's stored log without its own threads and without a real disk. */
public final class StoredLogSubject implements Subject {
    /** Creates a subject. It has no state: each call opens another log. */
    public StoredLogSubject() {}

    @Override
    public Log open(Storage storage, LogSettings settings, Environment environment) throws IOException {
        return StoredLog.open(storage, settings, environment);
    }

    @Override
    public Log openReadOnly(Storage storage, LogSettings settings, Environment environment) throws IOException {
        return StoredLog.openReadOnly(storage, environment.nanoTime());
    }

    @Override
    public OptionalLong unprovenFrom(Log readOnly) {
        return ((StoredLog) readOnly).opened().unprovenFrom();
    }
}
