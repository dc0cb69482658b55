package dev.holdfast.jraft;

import dev.holdfast.wal.CallRefusedException;
import dev.holdfast.wal.DiskFullException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.memory.MemoryLog;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Set;

/**
 * Logs in memory whose power fails before or after a chosen call that changes something. Each call of a log is atomic,
 * and durable when it returns (other tests prove that). These failures therefore cover all states that a crash can
 * leave. The disk can also be full: then every append is refused, and all other calls work.
 */
final class StoppedTime {
    /** Simulates a power failure. */
    static final class PowerFailure extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private static final Set<String> APPENDS = Set.of("append", "appendAll");
    private static final Set<String> CHANGES = Set.of("append", "appendAll", "truncate", "trim", "reset");

    private int calls;
    private int fullFrom = Integer.MAX_VALUE;
    private int refusedAt = Integer.MAX_VALUE;
    private int failsAt = Integer.MAX_VALUE;
    private boolean afterTheCall;
    private boolean failed;

    /** The place of one log. Its content survives the failure. */
    final class Place implements LogPlace {
        private final MemoryLog log = new MemoryLog();
        private boolean made;

        @Override
        public Log open() {
            if (!made) {
                step(() -> made = true);
            }
            return (Log) Proxy.newProxyInstance(
                    getClass().getClassLoader(), new Class<?>[] {Log.class}, (proxy, method, arguments) -> {
                        if (method.getName().equals("close")) {
                            return null;
                        }
                        if (failed) {
                            throw new PowerFailure();
                        }
                        try {
                            if (!CHANGES.contains(method.getName())) {
                                return method.invoke(log, arguments);
                            }
                            before();
                            if (calls == refusedAt) {
                                throw new CallRefusedException("too many open files", null);
                            }
                            if (calls >= fullFrom && APPENDS.contains(method.getName())) {
                                throw new DiskFullException("no space", null);
                            }
                            Object answer = method.invoke(log, arguments);
                            after();
                            return answer;
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
        }

        @Override
        public boolean exists() {
            return made;
        }

        MemoryLog log() {
            return log;
        }
    }

    /** Sets the next failure. Calls are counted from now on. */
    void failAt(int call, boolean after) {
        calls = 0;
        failsAt = call;
        afterTheCall = after;
        failed = false;
    }

    void neverFail() {
        failAt(Integer.MAX_VALUE, false);
    }

    /** Refuses a single call of any kind, counted as for {@link #failAt}. */
    void refuseAt(int call) {
        refusedAt = call;
    }

    /** Makes the disk full from a call on, counted as for {@link #failAt}. */
    void fullFrom(int call) {
        fullFrom = call;
    }

    int calls() {
        return calls;
    }

    private void step(Runnable change) {
        before();
        change.run();
        after();
    }

    private void before() {
        calls++;
        if (calls == failsAt && !afterTheCall) {
            failed = true;
            throw new PowerFailure();
        }
    }

    private void after() {
        if (calls == failsAt) {
            failed = true;
            throw new PowerFailure();
        }
    }
}
