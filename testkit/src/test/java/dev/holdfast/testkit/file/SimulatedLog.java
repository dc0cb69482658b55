package dev.holdfast.testkit.file;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.testkit.explorer.SimulatedEnvironment;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.engine.LogSettings;
import dev.holdfast.wal.engine.OpenedLog;
import dev.holdfast.wal.engine.StoredLog;
import java.io.IOException;
import java.util.List;

/**
 * A log on a disk that crashes and fails, without threads: what it does beside its callers is done when the test says
 * so.
 */
final class SimulatedLog implements AutoCloseable {
    /** The smallest segments there are. */
    static final LogSettings SMALL = new LogSettings(8 << 10, 8 << 10, 16 << 10, 1 << 20, true, 8);

    private final CrashDisk disk;
    private final SimulatedEnvironment workers;
    private final StoredLog log;

    private SimulatedLog(CrashDisk disk, SimulatedEnvironment workers, StoredLog log) {
        this.disk = disk;
        this.workers = workers;
        this.log = log;
    }

    static SimulatedLog open(CrashDisk disk) throws IOException {
        return open(disk, SMALL);
    }

    static SimulatedLog open(CrashDisk disk, LogSettings settings) throws IOException {
        SimulatedEnvironment workers = new SimulatedEnvironment(disk.steps());
        return new SimulatedLog(disk, workers, StoredLog.open(disk.process(), settings, workers.environment()));
    }

    /** Opens it as another process that only reads. */
    static OpenedLog openReadOnly(CrashDisk disk) throws IOException {
        return StoredLog.openReadOnly(disk.process(), SMALL, new SimulatedEnvironment(disk.steps()).environment());
    }

    /** All records of the log on a disk, which is opened for writing and closed. */
    static List<LogRecord> recordsOn(CrashDisk disk) throws IOException {
        try (SimulatedLog opened = open(disk)) {
            return AllRecords.of(opened.log);
        }
    }

    CrashDisk disk() {
        return disk;
    }

    SimulatedEnvironment environment() {
        return workers;
    }

    Log log() {
        return log;
    }

    /** Does what waits to be done beside the callers: spares, futures. */
    void settle() {
        workers.runAll();
    }

    @Override
    public void close() throws IOException {
        log.close();
    }
}
