package dev.holdfast.testkit.explorer;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.engine.Environment;
import dev.holdfast.wal.engine.LogSettings;
import dev.holdfast.wal.engine.OpenedLog;
import dev.holdfast.wal.engine.StoredLog;
import dev.holdfast.wal.storage.Storage;
import java.io.IOException;
import java.util.OptionalLong;

/** The log of this project, without its threads and its real disk. */
public final class StoredLogSubject implements Subject {
    /** Without state: each call opens another log. */
    public StoredLogSubject() {}

    @Override
    public Log open(Storage storage, LogSettings settings, Environment workers) throws IOException {
        return StoredLog.open(storage, settings, workers);
    }

    @Override
    public Log openReadOnly(Storage storage, LogSettings settings, Environment workers) throws IOException {
        return StoredLog.openReadOnly(storage, settings, workers);
    }

    @Override
    public OptionalLong unprovenFrom(Log readOnly) {
        return ((OpenedLog) readOnly).opened().unprovenFrom();
    }
}
