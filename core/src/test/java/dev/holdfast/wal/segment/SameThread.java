package dev.holdfast.wal.segment;

import dev.holdfast.wal.commit.LogSettings;
import dev.holdfast.wal.engine.StoredLog;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.threads.Environment;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.SplittableRandom;

/**
 * Opens logs that run all tasks on the calling thread and draw salts from a seed. The same calls write the same bytes.
 */
public final class SameThread {
    private final SplittableRandom random;
    private final Queue<Runnable> idle = new ArrayDeque<>();
    private long nanos;

    public SameThread(long seed) {
        random = new SplittableRandom(seed);
    }

    /** Returns settings for small segments. */
    public static LogSettings settings(int segmentBytes) {
        return new LogSettings(segmentBytes, Math.min(segmentBytes, 1 << 20), 1 << 20, 1 << 20, true, Layout.ALIGNMENT);
    }

    /** Opens a log with small segments for writing. */
    public StoredLog open(Storage storage) throws IOException {
        return open(storage, settings(Layout.MIN_SEGMENT_BYTES));
    }

    /** Opens a log for writing. */
    public StoredLog open(Storage storage, LogSettings settings) throws IOException {
        return StoredLog.open(storage, settings, workers());
    }

    /** Opens a log for reading. */
    public StoredLog openReadOnly(Storage storage) throws IOException {
        return StoredLog.openReadOnly(storage, () -> nanos);
    }

    private Environment workers() {
        return new Environment(
                Runnable::run,
                Runnable::run,
                Runnable::run,
                Runnable::run,
                idle::add,
                () -> nanos,
                random::nextLong,
                () -> {});
    }

    /** Advances the clock without running timers. */
    public void pass(long passed) {
        nanos += passed;
    }

    /** Advances the clock until the logs notice that they are idle. */
    public void idle() {
        nanos += Environment.IDLE_NANOS;
        for (int tasks = idle.size(); tasks > 0; tasks--) {
            idle.remove().run();
        }
    }
}
