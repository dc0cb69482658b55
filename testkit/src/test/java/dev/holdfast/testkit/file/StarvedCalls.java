package dev.holdfast.testkit.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.testkit.disk.DiskState;
import dev.holdfast.testkit.disk.PowerCut;
import dev.holdfast.wal.CallRefusedException;
import dev.holdfast.wal.CommitHookException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogFailedException;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.LogStats;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Runs calls of a log that run out of memory at one step. Each record must be acknowledged and durable, or reported as
 * failed, and the log must continue or fail. A {@link StarvingLoader} loads this class.
 */
public final class StarvedCalls {
    private static final List<PowerCut> CUTS = List.of(PowerCut.NOTHING, PowerCut.EVERYTHING, PowerCut.random(1));

    /** The calls by name, in order. */
    private static final Map<String, Call> CALLS = new LinkedHashMap<>();

    static {
        CALLS.put("append an array", run -> run.append(1, () -> run.log.append(run.bytes(0))));
        CALLS.put("append a buffer", run -> run.append(1, () -> run.log.append(run.buffer(0))));
        CALLS.put("append a large array", run -> {
            run.length = 14_000;
            run.append(1, () -> run.log.append(run.bytes(0)));
        });
        CALLS.put("append records", run -> run.append(3, () -> run.log.append(run.records(3))));
        CALLS.put("append a batch", run -> run.append(2, () -> run.log.appendAll(run.buffers(2))));
        CALLS.put("append a batch that rolls", run -> {
            run.length = 1300;
            run.append(2, () -> run.log.appendAll(run.buffers(2)));
        });
        CALLS.put("append a buffer later", run -> run.future(1, () -> run.log.appendAsync(run.buffer(0))));
        CALLS.put("append records later", run -> run.future(3, () -> run.log.appendAsync(run.records(3))));
        CALLS.put("append a batch later", run -> run.future(2, () -> run.log.appendAllAsync(run.buffers(2))));
        CALLS.put(
                "append a buffer with a hook",
                run -> run.append(1, () -> run.log.append(run.buffer(0), run::committed)));
        CALLS.put(
                "append records with a hook that needs memory",
                run -> run.append(3, () -> {
                    try {
                        run.log.append(run.records(3), run::needMemory);
                    } catch (CommitHookException e) {
                        assertThat(e.getCause()).isInstanceOf(OutOfMemoryError.class);
                    }
                }));
        CALLS.put(
                "append a batch with a hook that throws",
                run -> run.append(2, () -> {
                    try {
                        run.log.appendAll(run.buffers(2), run::fail);
                    } catch (CommitHookException e) {
                        assertThat(e.firstId()).isEqualTo(run.nextId());
                    }
                }));
        CALLS.put(
                "append a batch later, with a hook",
                run -> run.future(2, () -> run.log.appendAllAsync(run.buffers(2), run::committed)));
        CALLS.put(
                "append records later, with a hook that throws",
                run -> run.future(2, () -> run.log.appendAsync(run.records(2), run::fail)));
        CALLS.put("append often, later", StarvedCalls::appendOften);
        CALLS.put("append often, later, to a full disk", run -> {
            run.disk.limitTo(run.disk.usedBytes());
            run.length = 1100;
            appendOften(run);
        });
        CALLS.put("truncate", run -> run.change(run.held.subList(0, 2), () -> run.log.truncate(2)));
        CALLS.put("trim", run -> run.change(run.held.subList(2, run.held.size()), () -> run.log.trim(2)));
        CALLS.put("reset", run -> run.change(List.of(), () -> run.log.reset(900)));
        CALLS.put("sync", run -> run.change(run.held, run.log::sync));
        CALLS.put("append an array, and an idle second", run -> {
            run.append(1, () -> run.log.append(run.bytes(0)));
            run.change(run.held, () -> run.simulated.environment().idle());
        });
    }

    /** The call that runs while memory runs out. */
    private interface Call {
        void run(StarvedCalls run) throws IOException;
    }

    private interface Change {
        void run() throws IOException;
    }

    private interface Appending {
        CompletableFuture<?> run();
    }

    private static final Error HOOK_FAILURE = new Error("thrown by a hook");

    private final CrashDisk disk = new CrashDisk();
    private final SimulatedLog simulated;
    private final Log log;
    private List<LogRecord> held = new ArrayList<>();
    private int length = 60;
    private int hooksRun;
    private int acknowledged;

    /** All possible contents of the log. The contents before the call are first. */
    private List<List<LogRecord>> possible = List.of();

    private final List<CompletableFuture<?>> futures = new ArrayList<>();
    private final List<List<LogRecord>> batches = new ArrayList<>();

    private StarvedCalls() throws IOException {
        try (SimulatedLog before = SimulatedLog.open(disk)) {
            for (int i = 0; i < 6; i++) {
                LogRecord record = new Stamp(i + 1, 0).record(700);
                before.log().append(record);
                held.add(record);
                before.settle();
            }
        }
        // The log is reopened, so no memory of earlier calls can be reused.
        simulated = SimulatedLog.open(disk);
        log = simulated.log();
        possible = List.of(held);
    }

    /** Returns the names of all calls. */
    public static List<String> names() {
        return List.copyOf(CALLS.keySet());
    }

    /**
     * Runs a call on a new log while allocations are refused.
     *
     * @param first number of the first refused allocation
     * @param last number of the last refused allocation
     * @return false if the call made fewer than {@code first} allocations
     */
    public static boolean run(String name, long first, long last) throws IOException {
        StarvedCalls run = new StarvedCalls();
        Throwable thrown = null;
        long asked;
        Memory.refuse(first, last);
        try {
            CALLS.get(name).run(run);
            run.simulated.settle();
        } catch (OutOfMemoryError | IOException e) {
            thrown = e;
        } finally {
            asked = Memory.recover();
        }
        run.judge(thrown);
        if (name.contains("hook")) {
            run.judgeHooks();
        }
        return asked >= first;
    }

    private byte[] bytes(int i) {
        return new Stamp(nextId() + i, 1).bytes(length);
    }

    private long nextId() {
        return held.get(held.size() - 1).id()
                + 1
                + batches.stream().mapToInt(List::size).sum();
    }

    private ByteBuffer buffer(int i) {
        return ByteBuffer.wrap(bytes(i));
    }

    private List<LogRecord> records(int count) {
        List<LogRecord> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            records.add(LogRecord.of(nextId() + i, bytes(i)));
        }
        return records;
    }

    private List<ByteBuffer> buffers(int count) {
        List<ByteBuffer> buffers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            buffers.add(buffer(i));
        }
        return buffers;
    }

    private void append(int count, Change call) throws IOException {
        List<LogRecord> after = new ArrayList<>(held);
        after.addAll(records(count));
        change(after, call);
    }

    private void change(List<LogRecord> after, Change call) throws IOException {
        possible = List.of(held, after);
        call.run();
        acknowledged++;
        held = after;
        possible = List.of(after);
    }

    private void future(int count, Appending call) {
        List<LogRecord> batch = records(count);
        futures.add(call.run());
        batches.add(batch);
    }

    private void committed(long firstId) {
        hooksRun++;
    }

    private void needMemory(long firstId) {
        hooksRun++;
        log.stats();
    }

    private void fail(long firstId) {
        hooksRun++;
        throw HOOK_FAILURE;
    }

    private static void appendOften(StarvedCalls run) {
        for (int i = 0; i < 5; i++) {
            run.future(2, () -> run.log.appendAllAsync(run.buffers(2)));
        }
    }

    private void judge(Throwable thrown) throws IOException {
        simulated.settle();
        boolean failed = log.stats().state() == LogStats.State.FAILED;
        assertThat(thrown == null
                        || thrown instanceof OutOfMemoryError
                        || thrown instanceof LogFailedException
                        || thrown instanceof CallRefusedException)
                .as("thrown: " + thrown)
                .isTrue();
        assertThat(thrown instanceof LogFailedException)
                .as("LogFailedException of a log that has not failed")
                .isIn(failed, false);
        if (!futures.isEmpty()) {
            judgeFutures();
        } else if (thrown != null && !failed) {
            // The call was refused before anything was queued.
            possible = possible.subList(0, 1);
        }
        assertThat(possible).as("possible contents").contains(AllRecords.of(log));
        for (DiskState state : List.of(disk.state())) {
            for (PowerCut cut : CUTS) {
                assertThat(possible).as("after " + cut).contains(SimulatedLog.recordsOn(state.powerCut(cut)));
            }
            assertThat(possible).as("after a kill").contains(SimulatedLog.recordsOn(state.killed()));
        }
        assertContinues(failed);
    }

    /**
     * Checks the futures. The records of successful futures are present, in order. The records of failed futures are
     * absent, unless the log has failed too.
     */
    private void judgeFutures() {
        List<LogRecord> certain = new ArrayList<>(held);
        List<List<LogRecord>> states = new ArrayList<>();
        boolean refused = false;
        for (int i = 0; i < futures.size(); i++) {
            assertThat(futures.get(i)).as("future " + i).isDone();
            Throwable failure = failure(futures.get(i));
            if (failure == null || failure instanceof CommitHookException) {
                assertThat(refused)
                        .as("an append succeeded after a failed append")
                        .isFalse();
                certain.addAll(batches.get(i));
            } else {
                refused = true;
                assertThat(failure).isInstanceOfAny(LogFailedException.class, CallRefusedException.class);
            }
        }
        states.add(certain);
        if (log.stats().state() == LogStats.State.FAILED) {
            List<LogRecord> more = new ArrayList<>(held);
            for (List<LogRecord> batch : batches) {
                more.addAll(batch);
                if (more.size() > certain.size()) {
                    states.add(List.copyOf(more));
                }
            }
        }
        possible = states;
    }

    /** A hook runs exactly if its append is acknowledged. */
    private void judgeHooks() {
        for (CompletableFuture<?> future : futures) {
            Throwable failure = failure(future);
            acknowledged += failure == null || failure instanceof CommitHookException ? 1 : 0;
        }
        assertThat(hooksRun).as("hooks that ran").isEqualTo(acknowledged);
    }

    private static Throwable failure(CompletableFuture<?> future) {
        try {
            future.join();
            return null;
        } catch (CompletionException e) {
            return e.getCause();
        }
    }

    /** Checks that ids continue, in this log or, if it failed, after it is reopened. */
    private void assertContinues(boolean failed) throws IOException {
        disk.limitTo(Long.MAX_VALUE);
        if (failed) {
            log.close();
            try (SimulatedLog next = SimulatedLog.open(disk)) {
                assertContinues(next.log());
            }
            return;
        }
        assertContinues(log);
        simulated.settle();
        simulated.environment().idle();
        log.close();
    }

    private static void assertContinues(Log log) throws IOException {
        List<LogRecord> records = new ArrayList<>(AllRecords.of(log));
        long id = log.nextId();
        assertThat(records.isEmpty() || records.get(records.size() - 1).id() + 1 == id)
                .isTrue();
        for (int i = 0; i < 3; i++) {
            byte[] bytes = new Stamp(id + i, 9).bytes(80);
            assertThat(log.append(bytes)).isEqualTo(id + i);
            records.add(LogRecord.of(id + i, bytes));
        }
        assertThat(AllRecords.of(log)).isEqualTo(records);
    }
}
