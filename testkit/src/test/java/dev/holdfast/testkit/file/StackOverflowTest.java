package dev.holdfast.testkit.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.wal.CommitHookException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogFailedException;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.LogStats;
import dev.holdfast.wal.engine.StoredLog;
import dev.holdfast.wal.file.FileLog;
import dev.holdfast.wal.file.FileLogOptions;
import dev.holdfast.wal.threads.Environment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Makes the stack overflow at each depth of each call. The log must continue or fail, and neither another thread nor
 * {@code close} may wait forever.
 */
class StackOverflowTest {
    private static final long STACK_BYTES = 256 << 10;
    private static final int DEEPEST = 100_000;
    private static final long HANGING_MILLIS = 30_000;
    private static final FileLogOptions SMALL =
            FileLogOptions.builder().segmentBytes(8 << 10).build();

    /** Number of stack levels to test above and below the first level that overflows. */
    private static final int ABOVE = 30;

    private static final int BELOW = 90;

    private static final Map<String, Call> CALLS = new LinkedHashMap<>();

    static {
        CALLS.put("append an array", log -> log.append(new byte[900]));
        CALLS.put("append a buffer", log -> log.append(ByteBuffer.allocate(20)));
        CALLS.put("append records", log -> log.append(LogRecord.of(log.nextId(), new byte[20])));
        CALLS.put("append a batch", log -> log.appendAll(List.of(ByteBuffer.allocate(20), ByteBuffer.allocate(20))));
        CALLS.put("append later", log -> log.appendAsync(ByteBuffer.allocate(20)));
        CALLS.put("append a large batch", log -> log.appendAll(List.of(ByteBuffer.allocate(300_000))));
        CALLS.put("append a batch later", log -> log.appendAllAsync(List.of(ByteBuffer.allocate(20))));
        CALLS.put("append with a hook", log -> log.append(ByteBuffer.allocate(20), id -> log.lastId()));
        CALLS.put("append later with a hook", log -> log.appendAsync(ByteBuffer.allocate(20), id -> log.lastId()));
        CALLS.put("truncate", log -> log.truncate(log.nextId() - 2));
        CALLS.put("trim", log -> log.trim(log.firstId().orElse(0)));
        CALLS.put("sync", Log::sync);
        CALLS.put("reset", log -> log.reset(log.nextId() + 1));
        CALLS.put("close", Log::close);
    }

    /** The call under test. */
    private interface Call {
        void run(Log log) throws IOException;
    }

    static Stream<String> names() {
        return CALLS.keySet().stream();
    }

    @TempDir
    Path parent;

    private int logs;
    private FileLog log;

    private static int below(int levels, Call call, Log log) throws IOException {
        if (levels > 0) {
            return 1 + below(levels - 1, call, log);
        }
        call.run(log);
        return 0;
    }

    @ParameterizedTest
    @MethodSource("names")
    void noThreadHangsAfterAStackOverflow(String name) throws IOException, InterruptedException {
        Call call = CALLS.get(name);
        int works = 0;
        int overflows = DEEPEST;
        while (overflows - works > 1) {
            int middle = (works + overflows) / 2;
            if (overflows(call, middle)) {
                overflows = middle;
            } else {
                works = middle;
            }
        }
        int overflown = 0;
        for (int levels = Math.max(0, works - ABOVE); levels < works + BELOW; levels++) {
            overflown += overflows(call, levels) ? 1 : 0;
        }
        // If fewer calls overflow than expected, code was compiled meanwhile and needs less stack.
        for (int levels = works; overflown < BELOW / 2 && levels < DEEPEST; levels += 10) {
            overflown += overflows(call, levels) ? 1 : 0;
        }
        assertThat(overflown).as("calls with a stack overflow").isPositive();
        if (log != null) {
            end("close", log::close);
        }
    }

    /**
     * Runs the call with this many stack levels in use, and checks the log afterwards. Returns whether the call threw.
     */
    private boolean overflows(Call call, int levels) throws IOException, InterruptedException {
        if (log == null) {
            log = FileLog.open(parent.resolve("log-" + logs++), SMALL);
            log.append(new byte[10]);
        }
        FileLog called = log;
        Throwable[] thrown = new Throwable[1];
        Thread deep = new Thread(
                null,
                () -> {
                    try {
                        below(levels, call, called);
                    } catch (Throwable e) {
                        thrown[0] = e;
                    }
                },
                "deep",
                STACK_BYTES);
        end("a call below " + levels + " levels", deep);
        assertThat(thrown[0] == null
                        || thrown[0] instanceof StackOverflowError
                        || thrown[0] instanceof CommitHookException
                        || thrown[0] instanceof LogFailedException)
                .as("thrown: " + thrown[0])
                .isTrue();
        if (called.stats().state() == LogStats.State.OPEN) {
            end("another append", () -> called.append(new byte[10]));
        }
        if (called.stats().state() != LogStats.State.OPEN) {
            long last = called.stats().lastId().orElse(0);
            end("close", called::close);
            try (FileLog again = FileLog.open(parent.resolve("log-" + (logs - 1)), SMALL)) {
                assertThat(again.nextId()).isGreaterThan(last);
            }
            log = null;
        }
        return thrown[0] != null;
    }

    private interface Action {
        void run() throws IOException;
    }

    private static void end(String what, Action action) throws InterruptedException {
        end(what, new Thread(() -> {
            try {
                action.run();
            } catch (IOException e) {
                throw new AssertionError(what, e);
            }
        }));
    }

    private static void end(String what, Thread thread) throws InterruptedException {
        thread.setDaemon(true);
        thread.start();
        thread.join(HANGING_MILLIS);
        assertThat(thread.isAlive()).as(what + " hangs").isFalse();
    }

    /**
     * Some errors cannot be detected in advance: code that the log calls throws an unexpected error on the leader's
     * thread.
     */
    @ParameterizedTest
    @MethodSource("errors")
    void errorOnTheLeaderThreadFailsTheLogAndWakesAllCallers(Error error) throws IOException, InterruptedException {
        CountDownLatch allAppend = new CountDownLatch(6);
        Environment workers = new Environment(
                task -> {
                    throw new RejectedExecutionException("callers lead");
                },
                Runnable::run,
                Runnable::run,
                Runnable::run,
                task -> {
                    throw error;
                },
                System::nanoTime,
                System::nanoTime,
                () -> {});
        StoredLog failing = StoredLog.open(new CrashDisk().process(), SimulatedLog.SMALL, workers);
        Queue<Throwable> thrown = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            boolean later = i % 2 == 1;
            Thread caller = new Thread(() -> {
                allAppend.countDown();
                thrown.add(catchThrowable(() -> {
                    allAppend.await();
                    while (true) {
                        if (later) {
                            failing.appendAsync(ByteBuffer.allocate(20)).get();
                        } else {
                            failing.append(new byte[20]);
                        }
                    }
                }));
            });
            caller.setDaemon(true);
            caller.start();
            threads.add(caller);
        }
        for (Thread caller : threads) {
            caller.join(HANGING_MILLIS);
            assertThat(caller.isAlive()).as("whether a caller hangs").isFalse();
        }
        assertThat(thrown)
                .allMatch(e ->
                        e == error || e instanceof LogFailedException || e.getCause() instanceof LogFailedException)
                .contains(error);
        assertThat(failing.stats().state()).isEqualTo(LogStats.State.FAILED);
        end("close", failing::close);
    }

    static Stream<Error> errors() {
        return Stream.of(new StackOverflowError("simulated"), new InternalError("simulated"));
    }
}
