package dev.holdfast.cli.demo;

import dev.holdfast.testkit.explorer.Subject;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.commit.LogSettings;
import dev.holdfast.wal.engine.StoredLog;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.threads.Environment;
import java.io.IOException;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;

/** The file log on a simulated disk, either intact or broken on purpose. */
record StoredLogSubject(Sabotage sabotage) implements Subject {
    @Override
    public Log open(Storage storage, LogSettings settings, Environment environment) throws IOException {
        AtomicBoolean opening = new AtomicBoolean(!storage.list().isEmpty());
        Storage disk = switch (sabotage) {
            case NONE, WIPE_LAST_ACKNOWLEDGED -> storage;
            case IGNORE_SYNCS -> new DishonestStorage(storage, () -> true);
            case UNSYNCED_RECOVERY -> new DishonestStorage(storage, opening::get);
        };
        Log log = StoredLog.open(disk, settings, environment);
        opening.set(false);
        return log;
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
