package dev.holdfast.testkit.explorer;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.LongStream;

/**
 * Runs one workload against several logs and compares every answer (a result or the type of an exception) with the
 * answer of a model.
 *
 * <p>Between the actions of the workload, each log receives further calls: calls that must be refused, reads of single
 * records, and moves of open cursors. Kills, crashes and tasks of the simulated threads are skipped.
 *
 * <p>Deterministic: everything depends on the seed and the workload only. Not thread-safe.
 */
public final class Agreement {
    /** Features that a workload for real logs may contain. */
    public static final Set<Workload.Feature> FEATURES = Set.copyOf(EnumSet.of(
            Workload.Feature.ASYNC,
            Workload.Feature.REOPEN,
            Workload.Feature.REMOVE,
            Workload.Feature.EXPLICIT,
            Workload.Feature.LARGE));

    private static final int TOO_LARGE = LogRecord.MAX_DATA_BYTES + 1;
    private static final long MAX_ID = Long.MAX_VALUE - 1;

    /** Opens a log. The first call creates a new log; each call after a close reopens that log. */
    public interface Opener {
        Log open() throws IOException;

        /** Returns whether the records survive a close. If not, the log stays open for the whole workload. */
        boolean persistent();
    }

    /** A call of one method of a log. The result is compared as text. */
    interface Call {
        Object on(Log log) throws Exception;
    }

    private final List<ComparedLog> logs = new ArrayList<>();
    private final Workload workload;
    private final long seed;
    private Contents contents = Contents.NEW;
    private Place place = Place.from(0);
    private SplittableRandom random;
    private long calls;

    private Agreement(long seed, Workload workload) {
        this.seed = seed;
        this.workload = workload;
        this.random = new SplittableRandom(seed);
    }

    /**
     * Runs a workload and compares the logs with the model.
     *
     * @param openers open new logs, all with the same limits
     * @return number of calls that were made on each log and compared
     * @throws AssertionError at the first answer that differs from the model; the message names the place
     */
    public static long require(long seed, Workload workload, List<Opener> openers) throws IOException {
        Agreement agreement = new Agreement(seed, workload);
        try {
            for (Opener opener : openers) {
                agreement.logs.add(new ComparedLog(opener));
            }
            agreement.performAll();
            return agreement.calls;
        } finally {
            for (ComparedLog compared : agreement.logs) {
                compared.close();
            }
        }
    }

    private void performAll() throws IOException {
        for (Action action : workload.actions()) {
            // The random choices depend only on the contents and the action. If the workload is shortened, its
            // remaining actions therefore make the same choices.
            random = new SplittableRandom(
                    Mix.of(Mix.of(seed, contents.digest()), action.toString().hashCode()));
            perform(action);
            compare("nextId()", contents.nextId(), Log::nextId);
            askInBetween();
        }
    }

    private void perform(Action action) throws IOException {
        if (action instanceof Action.Append append) {
            append(append.sizes());
        } else if (action instanceof Action.Put put) {
            put(contents.nextId() + put.jump(), put.sizes());
        } else if (action instanceof Action.Async async) {
            appendAsync(async.sizes());
        } else if (action instanceof Action.Truncate truncate) {
            truncate(Math.max(-1, contents.nextId() - 1 - truncate.count()));
        } else if (action instanceof Action.Trim trim) {
            trim(contents.firstId() - 1 + trim.count());
        } else if (action instanceof Action.Reset reset) {
            reset(contents.nextId() + reset.jump());
        } else if (action == Action.Plain.SYNC) {
            compare("sync()", "done", log -> done(log::sync));
        } else if (action == Action.Plain.REOPEN) {
            reopen();
        } else if (action == Action.Plain.CHECK) {
            check();
        }
    }

    private void append(List<Integer> sizes) {
        List<Payload> batch = payloads(sizes);
        long id = contents.nextId();
        if (batch.size() > 1) {
            compare("appendAll()", id, log -> log.appendAll(buffers(batch)));
        } else if (random.nextBoolean()) {
            compare("append(bytes)", id, log -> log.append(batch.get(0).buffer().array()));
        } else {
            compare("append(buffer)", id, log -> log.append(batch.get(0).buffer()));
        }
        contents = contents.append(batch);
    }

    private void appendAsync(List<Integer> sizes) {
        List<Payload> batch = payloads(sizes);
        long id = contents.nextId();
        if (batch.size() > 1) {
            compare(
                    "appendAllAsync()",
                    id,
                    log -> log.appendAllAsync(buffers(batch)).join());
        } else {
            compare(
                    "appendAsync()",
                    id,
                    log -> log.appendAsync(batch.get(0).buffer()).join());
        }
        contents = contents.append(batch);
    }

    private void put(long firstId, List<Integer> sizes) {
        List<Payload> batch = payloads(sizes);
        boolean taken = contents.accepts(firstId);
        List<LogRecord> records = records(firstId, batch);
        boolean waiting = random.nextBoolean();
        compare("append of record " + firstId, taken ? "done" : "IllegalArgumentException", log -> {
            if (waiting) {
                log.append(records);
            } else {
                log.appendAsync(records).join();
            }
            return "done";
        });
        if (taken) {
            if (firstId != contents.nextId()) {
                place = place.afterAStartElsewhere();
                contents = contents.jump(firstId);
            }
            contents = contents.append(batch);
        }
    }

    private void truncate(long lastToKeep) {
        compare("truncate(" + lastToKeep + ")", "done", log -> done(() -> log.truncate(lastToKeep)));
        place = place.afterTruncate(contents, lastToKeep);
        contents = contents.truncate(lastToKeep);
    }

    private void trim(long discardUpTo) {
        compare("trim(" + discardUpTo + ")", "done", log -> done(() -> log.trim(discardUpTo)));
        contents = contents.trim(discardUpTo);
        place = place.afterTrim(contents);
    }

    private void reset(long nextId) {
        compare("reset(" + nextId + ")", "done", log -> done(() -> log.reset(nextId)));
        place = place.afterReset(contents);
        contents = contents.reset(nextId);
    }

    private void reopen() throws IOException {
        for (ComparedLog compared : logs) {
            if (compared.reopen()) {
                requireAnswer(
                        compared,
                        "next() of a cursor of a closed log",
                        "IllegalStateException",
                        log -> compared.oldCursor().next());
            }
        }
        openCursors();
        check();
    }

    private void check() throws IOException {
        for (ComparedLog compared : logs) {
            String difference = Reading.difference(compared.log(), contents, random.nextLong());
            if (difference != null) {
                throw wrong(compared, "expected " + contents + ", but " + difference);
            }
        }
        calls++;
    }

    /** Makes calls that change nothing. Most of them are invalid. */
    private void askInBetween() {
        step();
        switch (random.nextInt(16)) {
            case 0 -> refused("read(-1)", log -> log.read(-1));
            case 1 -> refused("cursor(-1)", log -> log.cursor(-1));
            case 2 -> refused("truncate(-2)", log -> done(() -> log.truncate(-2)));
            case 3 -> refused("trim(-2)", log -> done(() -> log.trim(-2)));
            case 4 -> refused("reset(-1)", log -> done(() -> log.reset(-1)));
            case 5 -> refused("reset(MAX)", log -> done(() -> log.reset(Long.MAX_VALUE)));
            case 6 -> refused("append with a gap", log -> done(() -> log.append(gap())));
            case 7 ->
                refused("appendAsync with a gap", log -> log.appendAsync(gap()).join());
            case 8 -> compare("append of an empty list", "done", log -> done(() -> log.append(List.of())));
            case 9 -> compare("appendAll of an empty list", contents.nextId(), log -> log.appendAll(List.of()));
            case 10 -> tooLarge();
            case 12 -> atTheLastId();
            default -> read();
        }
    }

    private void refused(String what, Call call) {
        compare(what, "IllegalArgumentException", call);
    }

    private List<LogRecord> gap() {
        long id = contents.nextId();
        return List.of(LogRecord.of(id, new byte[3]), LogRecord.of(id + 2, new byte[3]));
    }

    /** Checks that a batch is refused as a whole if its last record is too large. */
    private void tooLarge() {
        List<ByteBuffer> batch = List.of(ByteBuffer.allocate(10), ByteBuffer.allocate(TOO_LARGE));
        compare("appendAll() with too large a record", "RecordTooLargeException", log -> log.appendAll(batch));
        compare(
                "appendAllAsync() with too large a record",
                "RecordTooLargeException",
                log -> log.appendAllAsync(batch).join());
    }

    /** Checks that a log whose only record has the largest id accepts no other record. Needs an empty log. */
    private void atTheLastId() {
        long back = contents.nextId();
        if (!contents.isEmpty() || !contents.accepts(MAX_ID) || back == MAX_ID) {
            return;
        }
        put(MAX_ID, List.of(5));
        compare("nextId()", Long.MAX_VALUE, Log::nextId);
        refused("append() after the last id", log -> log.append(new byte[1]));
        refused(
                "appendAsync() after the last id",
                log -> log.appendAsync(ByteBuffer.allocate(1)).join());
        reset(back);
    }

    private void read() {
        long id = Math.max(0, contents.firstId() - 2)
                + random.nextInt(contents.records().size() + 4);
        String due = contents.holds(id) ? id + "=" + contents.record(id).digest() : "none";
        compare(
                "read(" + id + ")",
                due,
                log -> log.read(id).map(Agreement::text).orElse("none"));
        compare("firstId()", contents.isEmpty() ? "none" : contents.firstId(), log -> idText(log.firstId()));
        compare("lastId()", contents.isEmpty() ? "none" : contents.lastId(), log -> idText(log.lastId()));
    }

    /**
     * Reads up to three records with the open cursors, so the cursors are sometimes at the end of the log and sometimes
     * not.
     */
    private void step() {
        for (int left = random.nextInt(4); left > 0; left--) {
            if (place.isUnclear()) {
                openCursors();
            }
            Place.Due due = place.due(contents);
            for (ComparedLog compared : logs) {
                requireAnswer(
                        compared,
                        "next() at " + place,
                        due.answer(contents),
                        log -> compared.cursor().next() ? text(compared.cursor().record()) : "none");
            }
            calls++;
            place = due.after();
            if (place.isRemoved() && random.nextBoolean()) {
                openCursors();
            }
        }
    }

    private void openCursors() {
        long startId = Math.max(0, contents.firstId() - 2)
                + random.nextInt(contents.records().size() + 4);
        place = Place.from(startId);
        logs.forEach(compared -> compared.openCursor(startId));
    }

    private interface Deed {
        void run() throws Exception;
    }

    private static String done(Deed deed) throws Exception {
        deed.run();
        return "done";
    }

    private void compare(String what, Object due, Call call) {
        calls++;
        for (ComparedLog compared : logs) {
            requireAnswer(compared, what, due, call);
        }
    }

    private void requireAnswer(ComparedLog compared, String what, Object due, Call call) {
        String answer;
        try {
            answer = String.valueOf(call.on(compared.log()));
        } catch (Exception e) {
            answer = e.getClass().getSimpleName();
        }
        if (!answer.equals(String.valueOf(due))) {
            throw wrong(compared, what + ": expected " + due + ", found " + answer + "; the log holds " + contents);
        }
    }

    private Violation wrong(ComparedLog compared, String what) {
        return new Violation("log " + logs.indexOf(compared) + ", " + compared + ": " + what);
    }

    static String text(LogRecord record) {
        byte[] bytes = new byte[record.data().remaining()];
        record.data().get(bytes);
        return record.id() + "=" + Payload.digest(bytes);
    }

    private static Object idText(OptionalLong id) {
        return id.isPresent() ? id.getAsLong() : "none";
    }

    private List<Payload> payloads(List<Integer> sizes) {
        return sizes.stream().map(size -> Payload.of(random.nextLong(), size)).toList();
    }

    private static List<ByteBuffer> buffers(List<Payload> batch) {
        return batch.stream().map(Payload::buffer).toList();
    }

    private static List<LogRecord> records(long firstId, List<Payload> batch) {
        return LongStream.range(0, batch.size())
                .mapToObj(i -> LogRecord.wrap(firstId + i, batch.get((int) i).buffer()))
                .toList();
    }
}
