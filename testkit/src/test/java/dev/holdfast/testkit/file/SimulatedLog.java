package dev.holdfast.testkit.file;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.testkit.explorer.SimulatedEnvironment;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.commit.LogSettings;
import dev.holdfast.wal.engine.StoredLog;
import java.io.IOException;
import java.util.List;

/** A log on a simulated disk and without threads. Background work of the log runs only when the test runs it. */
final class SimulatedLog implements AutoCloseable {
    /** Settings with the smallest possible segments. */
    static final LogSettings SMALL = new LogSettings(8 << 10, 8 << 10, 16 << 10, 1 << 20, true, 8);

    private final CrashDisk disk;
    private final SimulatedEnvironment environment;
    private final StoredLog log;

    private SimulatedLog(CrashDisk disk, SimulatedEnvironment environment, StoredLog log) {
        this.disk = disk;
        this.environment = environment;
        this.log = log;
    }

    static SimulatedLog open(CrashDisk disk) throws IOException {
        return open(disk, SMALL);
    }

    static SimulatedLog open(CrashDisk disk, LogSettings settings) throws IOException {
        SimulatedEnvironment environment = new SimulatedEnvironment(disk.steps());
        return new SimulatedLog(disk, environment, StoredLog.open(disk.process(), settings, environment.environment()));
    }

    /** Opens the log read-only in another simulated process. */
    static StoredLog openReadOnly(CrashDisk disk) throws IOException {
        return StoredLog.openReadOnly(disk.process(), () -> 0);
    }

    /** Opens the log on a disk for writing, closes it, and returns all of its records. */
    static List<LogRecord> recordsOn(CrashDisk disk) throws IOException {
        try (SimulatedLog opened = open(disk)) {
            return AllRecords.of(opened.log);
        }
    }

    CrashDisk disk() {
        return disk;
    }

    SimulatedEnvironment environment() {
        return environment;
    }

    Log log() {
        return log;
    }

    /** Runs all background work of the log: creating spares and completing futures. */
    void settle() {
        environment.runAll();
    }

    @Override
    public void close() throws IOException {
        log.close();
    }
}
