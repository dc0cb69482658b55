package dev.holdfast.testkit.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.testkit.disk.DiskState;
import dev.holdfast.testkit.disk.PowerCut;
import dev.holdfast.wal.CallRefusedException;
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
 * Calls of a log that find no memory at one step: each record is acknowledged and durable or reported failed, and the
 * log goes on or has failed. Runs where a {@link StarvingLoader} has loaded it.
 */
public final class StarvedCalls {
    private static final List<PowerCut> CUTS = List.of(PowerCut.NOTHING, PowerCut.EVERYTHING, PowerCut.random(1));

    /** Each call by name, in order. */
    private static final Map<String, Call> CALLS = new LinkedHashMap<>();

    static {
        CALLS.put("append an array", life -> life.append(1, () -> life.log.append(life.bytes(0))));
        CALLS.put("append a buffer", life -> life.append(1, () -> life.log.append(life.buffer(0))));
        CALLS.put("append a large array", life -> {
            life.length = 14_000;
            life.append(1, () -> life.log.append(life.bytes(0)));
        });
        CALLS.put("append records", life -> life.append(3, () -> life.log.append(life.records(3))));
        CALLS.put("append a batch", life -> life.append(2, () -> life.log.appendAll(life.buffers(2))));
        CALLS.put("append a batch that rolls", life -> {
            life.length = 1300;
            life.append(2, () -> life.log.appendAll(life.buffers(2)));
        });
        CALLS.put("append a buffer later", life -> life.future(1, () -> life.log.appendAsync(life.buffer(0))));
        CALLS.put("append records later", life -> life.future(3, () -> life.log.appendAsync(life.records(3))));
        CALLS.put("append a batch later", life -> life.future(2, () -> life.log.appendAllAsync(life.buffers(2))));
        CALLS.put("append often, later", StarvedCalls::appendOften);
        CALLS.put("append often, later, to a full disk", life -> {
            life.disk.limitTo(life.disk.usedBytes());
            life.length = 1100;
            appendOften(life);
        });
        CALLS.put("truncate", life -> life.change(life.held.subList(0, 2), () -> life.log.truncate(2)));
        CALLS.put("trim", life -> life.change(life.held.subList(2, life.held.size()), () -> life.log.trim(2)));
        CALLS.put("reset", life -> life.change(List.of(), () -> life.log.reset(900)));
        CALLS.put("sync", life -> life.change(life.held, life.log::sync));
        CALLS.put("append an array, and an idle second", life -> {
            life.append(1, () -> life.log.append(life.bytes(0)));
            life.change(life.held, () -> life.simulated.environment().idle());
        });
    }

    /** What is done while memory runs out. */
    private interface Call {
        void run(StarvedCalls life) throws IOException;
    }

    private interface Change {
        void run() throws IOException;
    }

    private interface Appending {
        CompletableFuture<?> run();
    }

    private final CrashDisk disk = new CrashDisk();
    private final SimulatedLog simulated;
    private final Log log;
    private List<LogRecord> held = new ArrayList<>();
    private int length = 60;

    /** Every state in which the log may be found, the one that is certain first. */
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
        // Opened anew, so that nothing is there to be used again.
        simulated = SimulatedLog.open(disk);
        log = simulated.log();
        possible = List.of(held);
    }

    /** The names of all calls. */
    public static List<String> names() {
        return List.copyOf(CALLS.keySet());
    }

    /**
     * Does a call in a life of its own, while memory is refused once or for good.
     *
     * @param first which request for memory is the first to be refused
     * @param last which is the last
     * @return false if the call did not ask so often
     */
    public static boolean run(String name, long first, long last) throws IOException {
        StarvedCalls life = new StarvedCalls();
        Throwable thrown = null;
        long asked;
        Memory.refuse(first, last);
        try {
            CALLS.get(name).run(life);
            life.simulated.settle();
        } catch (OutOfMemoryError | IOException e) {
            thrown = e;
        } finally {
            asked = Memory.recover();
        }
        life.judge(thrown);
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
        held = after;
        possible = List.of(after);
    }

    private void future(int count, Appending call) {
        List<LogRecord> batch = records(count);
        futures.add(call.run());
        batches.add(batch);
    }

    private static void appendOften(StarvedCalls life) {
        for (int i = 0; i < 5; i++) {
            life.future(2, () -> life.log.appendAllAsync(life.buffers(2)));
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
                .as("thrown by a log that has not failed")
                .isIn(failed, false);
        if (!futures.isEmpty()) {
            judgeFutures();
        } else if (thrown != null && !failed) {
            // Refused before anything was queued.
            possible = possible.subList(0, 1);
        }
        assertThat(possible).as("what it may hold").contains(AllRecords.of(log));
        for (DiskState state : List.of(disk.state())) {
            for (PowerCut cut : CUTS) {
                assertThat(possible).as("after " + cut).contains(SimulatedLog.recordsOn(state.powerCut(cut)));
            }
            assertThat(possible).as("after a kill").contains(SimulatedLog.recordsOn(state.killed()));
        }
        goOn(failed);
    }

    /**
     * Those that say that they are done are there, in order; those that say that they failed are not, unless the log
     * has failed too.
     */
    private void judgeFutures() {
        List<LogRecord> certain = new ArrayList<>(held);
        List<List<LogRecord>> states = new ArrayList<>();
        boolean refused = false;
        for (int i = 0; i < futures.size(); i++) {
            assertThat(futures.get(i)).as("future " + i).isDone();
            Throwable failure = failure(futures.get(i));
            if (failure == null) {
                assertThat(refused)
                        .as("an append is done behind one that failed")
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

    private static Throwable failure(CompletableFuture<?> future) {
        try {
            future.join();
            return null;
        } catch (CompletionException e) {
            return e.getCause();
        }
    }

    /** Ids continue, in this log or, if it failed, in the one that is opened next. */
    private void goOn(boolean failed) throws IOException {
        disk.limitTo(Long.MAX_VALUE);
        if (failed) {
            log.close();
            try (SimulatedLog next = SimulatedLog.open(disk)) {
                goOn(next.log());
            }
            return;
        }
        goOn(log);
        simulated.settle();
        simulated.environment().idle();
        log.close();
    }

    private static void goOn(Log log) throws IOException {
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
