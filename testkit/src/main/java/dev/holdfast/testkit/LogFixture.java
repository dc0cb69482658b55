package dev.holdfast.testkit;

import dev.holdfast.wal.Log;
import java.io.IOException;
import org.junit.jupiter.api.Timeout;

/** How the contract gets at the log it tests. No test waits for long: the timeout only ends one that hangs. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
public interface LogFixture {
    /** Opens the log of this test: at first a new one and then, each time it has been closed, the same one again. */
    Log openLog() throws IOException;

    /** Whether the records outlive {@link Log#close}; where not, each {@link #openLog} opens a new log. */
    boolean persistent();

    /**
     * Runs steps that build on each other, each in a log of its own life: between two of them a persistent log is
     * closed and opened again. Any other log stays open throughout.
     */
    default void inLog(Step... lives) throws Exception {
        Log log = openLog();
        try {
            for (int i = 0; i < lives.length; i++) {
                if (i > 0 && persistent()) {
                    log.close();
                    log = openLog();
                }
                lives[i].run(log);
            }
        } finally {
            log.close();
        }
    }

    /** A part of a test. */
    @FunctionalInterface
    interface Step {
        void run(Log log) throws Exception;
    }
}
