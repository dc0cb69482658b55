package dev.holdfast.testkit.explorer;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.testkit.disk.PowerCut;
import dev.holdfast.wal.CallRefusedException;
import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogFailedException;
import dev.holdfast.wal.LogLockedException;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.LogStats;
import dev.holdfast.wal.UnsupportedFormatException;
import dev.holdfast.wal.engine.LogSettings;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** The life of a log between two crashes: does what a workload says and compares each answer with the model. */
final class Session {
    private static final int MAX_FOLLOWERS = 4;

    /** A call of the log. */
    private interface Call {
        void run() throws IOException;
    }

    private enum Answer {
        DONE,
        /** The disk is full; nothing was written. */
        REFUSED,
        /** The log has failed; what was asked for is done or not. */
        FAILED,
        /** Reading has failed; what was asked for is done or not. */
        UNREAD
    }

    /** An append whose future is not done; {@code id} is the one it gets if nothing before it is refused. */
    private record Waiting(CompletableFuture<Long> future, Change change, long id) {}

    private final Subject subject;
    private final LogSettings settings;
    private final CrashDisk disk;
    private final History history;
    private final Watcher watcher;
    private final List<Follower> followers = new ArrayList<>();
    private final long seed;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private @Nullable Recorder recorder;

    private String doing = "open";
    private SimulatedWorkers workers;
    private @Nullable Log log;
    private boolean failed;
    private boolean everOpened;
    private boolean powerWasCut;
    private boolean unread;
    private @Nullable Throwable learnt;
    private long strikesBefore;
    private Era era;
    private long randoms;

    /**
     * @param expectation what the log on the disk may hold
     * @param powerWasCut true if nothing on the disk is unsynced
     * @param era what payloads and salts depend on
     * @param seed chooses the ids that are read one by one
     */
    Session(
            Subject subject,
            LogSettings settings,
            CrashDisk disk,
            Expectation expectation,
            boolean powerWasCut,
            Era era,
            long seed) {
        this.subject = subject;
        this.settings = settings;
        this.disk = disk;
        this.history = new History(expectation, settings.syncEachGroup());
        this.watcher = new Watcher(subject, settings, disk, seed);
        this.era = era;
        this.seed = seed;
        this.workers = new SimulatedWorkers(this::random);
        this.everOpened = expectation != Expectation.NEW;
        this.powerWasCut = powerWasCut;
    }

    /** Notes crash points from now on. */
    void record(@Nullable PrintStream trace) {
        recorder = new Recorder(disk, this::shown, () -> era, trace);
    }

    /** The crash points noted so far, in the order of time. */
    List<CrashPoint> points() {
        return recorder == null ? List.of() : recorder.points();
    }

    /** Those of them at which the log was closed, so that nothing of it may be lost any more. */
    List<CrashPoint> closedPoints() {
        return recorder == null ? List.of() : recorder.closed();
    }

    /** What its chance is drawn from: a digest of the disk that it began with and what was expected of it. */
    long seed() {
        return seed;
    }

    /** How many blocks were in use at most. */
    long mostBlocks() {
        long most = 0;
        for (CrashPoint point : points()) {
            most = Math.max(most, point.state().usedBlocks());
        }
        return most;
    }

    CrashDisk disk() {
        return disk;
    }

    /** Opens the log read-only before it is opened; tells the last record that it calls durable. */
    OptionalLong watch() throws IOException {
        return watcher.watchAlone(history.now(), everOpened);
    }

    void performAll(Workload workload) throws IOException {
        for (Action action : workload.actions()) {
            perform(action);
        }
    }

    private void perform(Action action) throws IOException {
        begin(action.toString());
        if (action instanceof Action.Append append) {
            append(append.sizes());
        } else if (action instanceof Action.Put put) {
            put(put);
        } else if (action instanceof Action.Async async) {
            appendAsync(async.sizes());
        } else if (action instanceof Action.Truncate truncate) {
            truncate(truncate.count());
        } else if (action instanceof Action.Trim trim) {
            trim(trim.count());
        } else if (action instanceof Action.Reset reset) {
            long nextId = contents().nextId() + reset.jump();
            remove(Change.reset(nextId), () -> log().reset(nextId));
        } else if (action instanceof Action.Follow follow) {
            follow(follow.start());
        } else if (action instanceof Action.PowerCut cut) {
            powerCut(cut.seed());
        } else if (action instanceof Action.Plain plain) {
            perform(plain);
        }
        settleFutures();
        if (learnt != null) {
            throw new Violation(String.valueOf(learnt.getMessage()), learnt);
        }
        if (unread) {
            killAndOpen(); // nobody says whether it was done
        }
        if (disk.strikes() > 0) {
            // Whoever was refused must be known before more is asked, since the ids were given back.
            complete();
        }
        end();
    }

    private void perform(Action.Plain plain) throws IOException {
        switch (plain) {
            case WRITE -> workers.run(SimulatedWorkers.Queue.WRITING);
            case COMPLETE -> workers.run(SimulatedWorkers.Queue.COMPLETING);
            case MAINTAIN -> workers.run(SimulatedWorkers.Queue.MAINTAINING);
            case IDLE -> workers.idle();
            case SYNC -> sync();
            case REOPEN -> {
                close();
                open();
            }
            case KILL -> killAndOpen();
            case CHECK -> reading(this::check);
            case STEP -> reading(this::step);
            case RIVAL -> rival();
            case PEEK -> reading(this::peek);
        }
    }

    /** Opens the log read-only beside the writer: what it shows then must survive the loss of everything unsynced. */
    private void peek() throws IOException {
        OptionalLong last = watcher.watchBesideWriter(shown());
        if (last.isPresent()) {
            Expectation proven = history.now().afterPowerCut().shown(last.getAsLong(), true);
            new Watcher(subject, settings, disk.state().powerCut(PowerCut.NOTHING), seed).watchAlone(proven, true);
        }
    }

    private void killAndOpen() throws IOException {
        crash();
        disk.kill();
        open();
    }

    /** Reads, and bears it if that is made to fail. */
    private void reading(Call call) throws IOException {
        long strikes = disk.strikes();
        try {
            call.run();
        } catch (IOException | Violation e) {
            if (disk.strikes() == strikes || isDamage(e)) {
                throw e;
            }
        }
    }

    private static boolean isDamage(Throwable e) {
        return e instanceof CorruptLogException || e.getCause() instanceof CorruptLogException;
    }

    private void follow(long start) {
        if (followers.size() < MAX_FOLLOWERS) {
            long startId = contents().firstId() + start;
            followers.add(new Follower(log().cursor(startId), startId));
        }
    }

    private void step() throws IOException {
        if (!waiting.isEmpty() || failed) {
            return; // what is acknowledged is not certain
        }
        for (Follower follower : List.copyOf(followers)) {
            String wrong = follower.step(contents());
            if (wrong != null) {
                throw new Violation("a cursor that stayed open " + wrong);
            }
            if (follower.isAtItsEnd()) {
                follower.close();
                followers.remove(follower);
            }
        }
    }

    private void endFollowers() {
        followers.forEach(Follower::close);
        followers.clear();
    }

    private void rival() throws IOException {
        long steps = disk.steps();
        try {
            subject.open(disk.process(), settings, new SimulatedWorkers(this::random).workers());
        } catch (LogLockedException e) {
            if (disk.steps() != steps) {
                throw new Violation("a second writer is refused and has changed the disk", e);
            }
            return;
        }
        throw new Violation("a second writer opens the log");
    }

    private long random() {
        return era.random(++randoms);
    }

    private void begin(String what) {
        doing = what;
        if (recorder != null) {
            recorder.begin(what);
        }
    }

    private void end() {
        if (recorder != null) {
            recorder.end();
        }
    }

    /** Opens the log and settles what the crash before has left: from here on that is what must stay. */
    void open() throws IOException {
        failed = false;
        strikesBefore = disk.strikes();
        Log opened = tryToOpen();
        if (opened == null) {
            if (everOpened && disk.isFull()) {
                throw new Violation("a full disk keeps the log from opening");
            }
            disk.kill();
            disk.fail(null);
            disk.limitTo(Long.MAX_VALUE);
            strikesBefore = 0;
            opened = tryToOpen();
        }
        if (opened == null) {
            throw new Violation("the log does not open although nothing fails any more");
        }
        era = era.idsReturned();
        history.settle(found(opened), powerWasCut);
        powerWasCut = false;
        everOpened = true;
        log = opened;
        end();
    }

    private Expectation.Outcome found(Log opened) throws IOException {
        try {
            return Finding.of(opened, history.now(), seed);
        } catch (IOException e) {
            if (disk.strikes() == strikesBefore || isDamage(e)) {
                throw e;
            }
            disk.fail(null);
            strikesBefore = 0;
            return Finding.of(opened, history.now(), seed);
        }
    }

    /** Null if an operation was made to fail meanwhile. */
    private @Nullable Log tryToOpen() {
        workers = new SimulatedWorkers(this::random);
        long strikes = disk.strikes();
        try {
            return subject.open(disk.process(), settings, workers.workers());
        } catch (CorruptLogException | UnsupportedFormatException e) {
            throw new Violation("open refuses a log that nobody has damaged: " + e.getMessage(), e);
        } catch (IOException e) {
            if (disk.strikes() == strikes) {
                throw new Violation("open fails: " + e, e);
            }
            return null;
        } catch (RuntimeException e) {
            throw new Violation("open throws " + e, e);
        }
    }

    private void append(List<Integer> sizes) throws IOException {
        List<Payload> batch = payloads(contents().nextId(), sizes);
        Change change = Change.append(batch);
        history.begin(change);
        long[] id = {-1};
        Answer answer = attempt(() -> id[0] = log().appendAll(buffers(batch)));
        if (answer == Answer.DONE) {
            if (id[0] != idOf(change)) {
                complete();
            }
            acknowledge(change, id[0], idOf(change));
        } else {
            giveBack(answer, List.of(change));
        }
    }

    private void put(Action.Put put) throws IOException {
        Contents before = contents();
        boolean anywhere = before.pin() != Contents.Pin.UNKNOWN;
        long first = before.nextId() + (anywhere ? put.jump() : 0);
        List<Payload> batch = payloads(first, put.sizes());
        List<LogRecord> records = new ArrayList<>();
        for (Payload payload : batch) {
            records.add(LogRecord.wrap(first + records.size(), payload.buffer()));
        }
        if (!before.accepts(first)) {
            requireRefusal(records);
            return;
        }
        List<Change> changes = new ArrayList<>();
        if (first != before.nextId()) {
            changes.add(Change.jump(first));
        }
        Change change = Change.append(batch);
        changes.add(change);
        changes.forEach(history::begin);
        Answer answer = attempt(() -> log().append(records));
        if (answer == Answer.DONE) {
            acknowledge(change, first, first);
        } else {
            giveBack(answer, changes);
        }
    }

    private void requireRefusal(List<LogRecord> records) throws IOException {
        try {
            log().append(records);
        } catch (IllegalArgumentException e) {
            return;
        } catch (LogFailedException e) {
            requireFault(e);
            failed = true;
            return;
        }
        throw new Violation("takes record " + records.get(0).id() + " after " + contents());
    }

    private void appendAsync(List<Integer> sizes) {
        long id = contents().nextId();
        List<Payload> batch = payloads(id, sizes);
        Change change = Change.append(batch);
        history.begin(change);
        CompletableFuture<Long> future = log().appendAllAsync(buffers(batch));
        waiting.add(new Waiting(future, change, id));
        CompletableFuture<Long> unused = future.whenComplete((first, failure) -> learn());
    }

    /** A future is done: whoever waits for it knows so from now on, also in the middle of what the disk does. */
    private void learn() {
        try {
            settleFutures();
        } catch (RuntimeException | AssertionError e) {
            learnt = e; // thrown here it would go to nobody
        }
    }

    private void truncate(long count) throws IOException {
        long lastToKeep = Math.max(-1, contents().nextId() - 1 - count);
        remove(Change.truncate(lastToKeep), () -> log().truncate(lastToKeep));
    }

    private void trim(long count) throws IOException {
        long discardUpTo = contents().firstId() - 1 + count;
        remove(Change.trim(discardUpTo), () -> log().trim(discardUpTo));
    }

    private void remove(Change change, Call call) throws IOException {
        if (disk.isFull() || disk.hasFault()) {
            answerWaiting();
        }
        Contents before = contents();
        boolean effective = change.appliedTo(before) != before;
        history.begin(change);
        Answer answer = attempt(call);
        if (answer == Answer.DONE) {
            complete();
            Contents then = contents();
            history.acknowledge(change);
            era = era.idsReturned();
            if (change.cuts()) {
                followers.forEach(follower -> follower.cut(before, then));
            }
            if (effective) {
                history.synced();
            }
        } else if (answer == Answer.FAILED) {
            endFollowers();
        } else if (answer == Answer.REFUSED && disk.isFull()) {
            throw new Violation(change + " does not work on a full disk");
        } else {
            giveBack(answer, List.of(change));
        }
    }

    /**
     * What is refused before a removal leaves no trace, and the removal acts on what is there without it: so it must be
     * known before.
     */
    private void answerWaiting() {
        while (workers.run(SimulatedWorkers.Queue.WRITING)) {
            complete();
        }
        complete();
    }

    private void sync() throws IOException {
        if (attempt(() -> log().sync()) == Answer.DONE) {
            complete();
            history.synced();
        }
    }

    private Answer attempt(Call call) throws IOException {
        boolean failedBefore = failed;
        try {
            call.run();
        } catch (CallRefusedException e) {
            requireFault(e);
            return Answer.REFUSED;
        } catch (LogFailedException e) {
            requireFault(e);
            failed = true;
            return Answer.FAILED;
        } catch (IOException e) {
            requireFault(e);
            if (isDamage(e)) {
                throw e;
            }
            unread = true;
            return Answer.UNREAD;
        }
        if (failedBefore) {
            throw new Violation("'" + doing + "' succeeds although the log has failed");
        }
        return Answer.DONE;
    }

    private void giveBack(Answer answer, List<Change> changes) {
        complete();
        if (answer == Answer.REFUSED) {
            changes.forEach(history::withdraw);
            era = era.idsReturned();
        }
    }

    private void requireFault(Throwable e) {
        if (disk.strikes() == strikesBefore && !disk.isFull()) {
            throw new Violation("'" + doing + "' fails although the disk does not: " + e, e);
        }
    }

    private void acknowledge(Change change, long id, long expected) {
        if (id != expected) {
            throw new Violation("'" + doing + "' got id " + id + " instead of " + expected);
        }
        history.acknowledge(change);
    }

    /** The first id of a batch, when everything asked for before it has been done. */
    private long idOf(Change change) {
        Expectation now = history.now();
        Contents before = now.base();
        for (Change earlier : now.changes()) {
            if (earlier == change) {
                break;
            }
            before = earlier.appliedTo(before);
        }
        return before.nextId();
    }

    /** Runs the completing tasks, and learns from the futures. */
    private void complete() {
        while (workers.run(SimulatedWorkers.Queue.COMPLETING)) {
            settleFutures();
        }
        settleFutures();
    }

    private void settleFutures() {
        for (Waiting first = waiting.peek(); first != null && first.future().isDone(); first = waiting.peek()) {
            waiting.remove();
            settle(first);
        }
        for (Waiting later : waiting) {
            if (later.future().isDone()) {
                throw new Violation("a future completes before an earlier one");
            }
        }
    }

    private void settle(Waiting done) {
        // Where a later call was acknowledged before this future, the model knows of it already.
        boolean known = !history.now().changes().contains(done.change());
        long expected = known ? done.id() : idOf(done.change());
        try {
            acknowledge(done.change(), done.future().join(), expected);
        } catch (CompletionException e) {
            Throwable cause = e.getCause();
            if (known || !(cause instanceof CallRefusedException || cause instanceof LogFailedException)) {
                throw new Violation(
                        "a future" + (known ? " of an acknowledged append" : "") + " fails: " + cause, cause);
            }
            requireFault(cause);
            if (cause instanceof CallRefusedException) {
                history.withdraw(done.change());
                era = era.idsReturned();
            } else {
                failed = true;
            }
        }
    }

    /** Compares what the log shows now with what was acknowledged. */
    private void check() throws IOException {
        Expectation now = shown();
        if (waiting.isEmpty() && !failed) {
            String difference = Reading.difference(log(), now.last(), Mix.of(seed, disk.steps()));
            if (difference != null) {
                throw new Violation("the log should hold " + now.last() + ": " + difference);
            }
        } else {
            List<Change> open =
                    now.changes().subList(now.acknowledged(), now.changes().size());
            Finding.of(log(), new Expectation(now.acknowledgedContents(), open, 0), seed);
        }
    }

    private void close() throws IOException {
        Log closing = log();
        boolean failedBefore = failed || closing.stats().state() == LogStats.State.FAILED;
        long steps = disk.steps();
        endFollowers();
        try {
            closing.close();
        } catch (IOException e) {
            requireFault(e);
            failed = true;
        }
        if (failedBefore && disk.steps() != steps) {
            throw new Violation("closing a failed log writes");
        }
        log = null;
        long closed = disk.steps();
        workers.runAll();
        workers.idle();
        settleFutures();
        if (disk.steps() != closed) {
            throw new Violation("a closed log writes");
        }
        if (!waiting.isEmpty()) {
            throw new Violation("close leaves futures that never complete");
        }
        if (!failed) {
            history.synced();
            if (recorder != null) {
                recorder.close();
            }
        }
    }

    private void powerCut(long cutSeed) throws IOException {
        crash();
        disk.cutPower(PowerCut.random(cutSeed));
        history.powerCut();
        powerWasCut = true;
        open();
    }

    private void crash() {
        history.observe(lastShown());
        waiting.clear();
        followers.clear();
        era = era.crashed();
        randoms = 0;
        unread = false;
        log = null;
        disk.fail(null);
    }

    private Contents contents() {
        return history.now().last();
    }

    /** What a crash may leave now, given what a reader of the log has seen by now. */
    private Expectation shown() {
        return history.shown(lastShown());
    }

    private long lastShown() {
        Log open = log;
        if (open == null) {
            return -1;
        }
        try {
            return open.lastId().orElse(-1);
        } catch (IllegalStateException e) {
            return -1; // it is being closed
        }
    }

    private Log log() {
        Log open = log;
        if (open == null) {
            throw new AssertionError("no log is open");
        }
        return open;
    }

    private List<Payload> payloads(long firstId, List<Integer> sizes) {
        List<Payload> batch = new ArrayList<>();
        for (int size : sizes) {
            batch.add(era.payload(firstId + batch.size(), size));
        }
        return batch;
    }

    private static List<ByteBuffer> buffers(List<Payload> batch) {
        return batch.stream().map(Payload::buffer).toList();
    }
}
