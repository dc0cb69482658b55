package dev.holdfast.bench.child;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/** A clock to which a caller can wait. */
interface Clock {
    /** Returns the time in nanoseconds. */
    long nanoTime();

    /** Returns at the given time, or at once if it is over. */
    void sleepUntil(long nanoTime);

    /**
     * The clock of {@link System#nanoTime}. On Linux this is CLOCK_MONOTONIC, which all processes share.
     *
     * <p>The kernel may wake a thread 50 µs late, so that it wakes several threads at once. A call would then begin so
     * much too late. The calling thread therefore asks for exact timers first, if the kernel allows it.
     */
    static Clock ofTheSystem() {
        try {
            Path thread = Files.readSymbolicLink(Path.of("/proc/thread-self")).getFileName();
            Files.writeString(Path.of("/proc", String.valueOf(thread), "timerslack_ns"), "1");
        } catch (IOException | UnsupportedOperationException e) {
            // Not Linux, or not allowed: calls begin a little late, with all contenders alike.
        }
        return SystemClock.INSTANCE;
    }

    /** See {@link #ofTheSystem}. */
    enum SystemClock implements Clock {
        INSTANCE;

        @Override
        public long nanoTime() {
            return System.nanoTime();
        }

        @Override
        public void sleepUntil(long nanoTime) {
            for (long left = nanoTime - System.nanoTime(); left > 0; left = nanoTime - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
        }
    }
}
