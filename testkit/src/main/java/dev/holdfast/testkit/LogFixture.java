package dev.holdfast.testkit;

import dev.holdfast.wal.Log;
import java.io.IOException;
import org.junit.jupiter.api.Timeout;

/** Opens and closes the log under test. The only purpose of the timeout is to end a test that hangs. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
public interface LogFixture {
    /** Opens the log under test. The first call creates a new log; each call after a close reopens that log. */
    Log openLog() throws IOException;

    /** Returns whether the records survive {@link Log#close}. If not, each {@link #openLog} opens a new log. */
    boolean persistent();

    /**
     * Runs the steps one after the other on one log. A persistent log is closed and reopened between two steps; any
     * other log stays open.
     */
    default void inLog(Step... steps) throws Exception {
        Log log = openLog();
        try {
            for (int i = 0; i < steps.length; i++) {
                if (i > 0 && persistent()) {
                    log.close();
                    log = openLog();
                }
                steps[i].run(log);
            }
        } finally {
            log.close();
        }
    }

    /** One step of a test. */
    @FunctionalInterface
    interface Step {
        void run(Log log) throws Exception;
    }
}
