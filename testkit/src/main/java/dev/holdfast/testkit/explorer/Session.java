package dev.holdfast.testkit.explorer;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.testkit.disk.PowerCut;
import dev.holdfast.wal.CallRefusedException;
import dev.holdfast.wal.CommitHook;
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

/** Runs a log between two crashes: performs the actions of a workload and compares each answer with the model. */
final class Session {
    private static final int MAX_FOLLOWERS = 4;

    /** A call of the log. */
    private interface Call {
        void run() throws IOException;
    }

    private enum Answer {
        DONE,
        /** The disk is full, and nothing was written. */
        REFUSED,
        /** The log has failed, and it is unknown whether the change took effect. */
        FAILED,
        /** A read within the call has failed, and it is unknown whether the change took effect. */
        UNREAD
    }

    /**
     * An asynchronous append whose future is not yet complete. {@code id} is the first id that the append receives,
     * unless an earlier append is refused.
     */
    private record Waiting(CompletableFuture<Long> future, Change change, long id, Hook hook) {}

    /**
     * Commit hook of an append. Checks that hooks run in order and that the append's records are visible, and remembers
     * the id that it received.
     */
    private final class Hook implements CommitHook {
        private final int records;
        private long ranFor = -1;

        Hook(int records) {
            this.records = records;
        }

        @Override
        public void committed(long firstId) {
            if (firstId <= lastHooked) {
                learn("the hook of record " + firstId + " ran after that of record " + lastHooked);
            } else if (lastShown() < firstId + records - 1) {
                learn("the hook of record " + firstId + " ran before its records were visible");
            }
            lastHooked = firstId;
            ranFor = firstId;
        }

        private void learn(String violation) {
            learnt = learnt == null ? new Violation(violation) : learnt;
        }

        /**
         * Checks that this hook ran if and only if the append was acknowledged.
         *
         * @param id first id of the acknowledged append; -1 if the append was refused or failed
         */
        void require(long id) {
            if (ranFor != id) {
                throw new Violation("an append of " + records + " records " + (id < 0 ? "failed" : "got id " + id)
                        + ", but its hook " + (ranFor < 0 ? "did not run" : "ran for record " + ranFor));
            }
        }
    }

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
    private SimulatedEnvironment environment;
    private @Nullable Log log;
    private boolean failed;
    private boolean everOpened;
    private boolean powerWasCut;
    private boolean unread;
    private @Nullable Throwable learnt;
    private long strikesBefore;
    private long lastHooked = -1;
    private Era era;
    private long randoms;

    /**
     * Creates a session.
     *
     * @param expectation the contents that the log may have at the start of the session
     * @param powerWasCut whether the session follows a power failure, so the disk has no unsynced changes
     * @param era the progress of the history, which determines payloads and salts
     * @param seed selects the ids that are read individually
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
        this.environment = new SimulatedEnvironment(this::random);
        this.everOpened = expectation != Expectation.NEW;
        this.powerWasCut = powerWasCut;
    }

    /** Records crash points from now on. */
    void record(@Nullable PrintStream trace) {
        recorder = new Recorder(disk, this::shown, () -> era, trace);
    }

    /** Returns the crash points recorded so far, oldest first. */
    List<CrashPoint> points() {
        return recorder == null ? List.of() : recorder.points();
    }

    /** Returns the recorded crash points directly after a close. A crash there must not lose a record. */
    List<CrashPoint> closedPoints() {
        return recorder == null ? List.of() : recorder.closed();
    }

    /** Returns the session's seed: a hash of the initial disk and its expectation. */
    long seed() {
        return seed;
    }

    /** Returns the maximum number of disk blocks that were in use during the session. */
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

    /**
     * Opens the log read-only before the writer opens it. Returns the id of the last record that the log reports as
     * durable, or empty if there is none.
     */
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
            killAndOpen(); // the outcome of the call is unknown
        }
        if (disk.strikes() > 0) {
            // Later appends reuse the ids of refused appends, so the model must process refusals before the next
            // request.
            complete();
        }
        end();
    }

    private void perform(Action.Plain plain) throws IOException {
        switch (plain) {
            case WRITE -> environment.run(SimulatedEnvironment.Queue.WRITING);
            case COMPLETE -> environment.run(SimulatedEnvironment.Queue.COMPLETING);
            case MAINTAIN -> environment.run(SimulatedEnvironment.Queue.MAINTAINING);
            case IDLE -> environment.idle();
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

    /**
     * Opens the log read-only while the writer is open. Checks that the records in this view survive the loss of all
     * unsynced changes.
     */
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

    /**
     * Runs a call that only reads. Ignores a failure if a simulated fault has occurred during the call, unless the call
     * reports damage.
     */
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
            return; // the acknowledged changes are not known with certainty
        }
        for (Follower follower : List.copyOf(followers)) {
            String wrong = follower.step(contents());
            if (wrong != null) {
                throw new Violation("an open cursor " + wrong);
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
            subject.open(disk.process(), settings, new SimulatedEnvironment(this::random).environment());
        } catch (LogLockedException e) {
            if (disk.steps() != steps) {
                throw new Violation("a second writer was refused but has changed the disk", e);
            }
            return;
        }
        throw new Violation("a second writer opened the log");
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

    /** Opens the log and determines which outcome the crash has left. From now on the session expects that outcome. */
    void open() throws IOException {
        failed = false;
        strikesBefore = disk.strikes();
        Log opened = tryToOpen();
        if (opened == null) {
            if (everOpened && disk.isFull()) {
                throw new Violation("the log does not open on a full disk");
            }
            disk.kill();
            disk.fail(null);
            disk.limitTo(Long.MAX_VALUE);
            strikesBefore = 0;
            opened = tryToOpen();
        }
        if (opened == null) {
            throw new Violation("the log does not open although the disk works again");
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

    /** Opens the log. Returns null if a simulated fault made the open fail. */
    private @Nullable Log tryToOpen() {
        environment = new SimulatedEnvironment(this::random);
        long strikes = disk.strikes();
        try {
            return subject.open(disk.process(), settings, environment.environment());
        } catch (CorruptLogException | UnsupportedFormatException e) {
            throw new Violation("open rejected a log that was not damaged: " + e.getMessage(), e);
        } catch (IOException e) {
            if (disk.strikes() == strikes) {
                throw new Violation("open failed: " + e, e);
            }
            return null;
        } catch (RuntimeException e) {
            throw new Violation("open threw " + e, e);
        }
    }

    private void append(List<Integer> sizes) throws IOException {
        List<Payload> batch = payloads(contents().nextId(), sizes);
        Change change = Change.append(batch);
        history.begin(change);
        long[] id = {-1};
        Hook hook = new Hook(batch.size());
        Answer answer = attempt(() -> id[0] = log().appendAll(buffers(batch), hook));
        hook.require(id[0]);
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
        Hook hook = new Hook(batch.size());
        Answer answer = attempt(() -> log().append(records, hook));
        hook.require(answer == Answer.DONE ? first : -1);
        if (answer == Answer.DONE) {
            acknowledge(change, first, first);
        } else {
            giveBack(answer, changes);
        }
    }

    private void requireRefusal(List<LogRecord> records) throws IOException {
        Hook hook = new Hook(records.size());
        try {
            log().append(records, hook);
        } catch (IllegalArgumentException e) {
            hook.require(-1);
            return;
        } catch (LogFailedException e) {
            hook.require(-1);
            requireFault(e);
            failed = true;
            return;
        }
        throw new Violation("the log accepted record " + records.get(0).id() + " although it holds " + contents());
    }

    private void appendAsync(List<Integer> sizes) {
        long id = contents().nextId();
        List<Payload> batch = payloads(id, sizes);
        Change change = Change.append(batch);
        history.begin(change);
        Hook hook = new Hook(batch.size());
        CompletableFuture<Long> future = log().appendAllAsync(buffers(batch), hook);
        waiting.add(new Waiting(future, change, id, hook));
        CompletableFuture<Long> unused = future.whenComplete((first, failure) -> learn());
    }

    /**
     * Updates the model from completed futures. Called as soon as a future completes, even in the middle of a disk
     * operation, because the caller that holds the future may already have seen the result.
     */
    private void learn() {
        try {
            settleFutures();
        } catch (RuntimeException | AssertionError e) {
            learnt = e; // an exception thrown here would be lost
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
        lastHooked = -1; // later appends may reuse removed ids
        if (answer == Answer.DONE) {
            complete();
            Contents then = contents();
            history.acknowledge(change);
            era = era.idsReturned();
            if (change.removesNewest()) {
                followers.forEach(follower -> follower.afterRemoval(before, then));
            }
            if (effective) {
                history.synced();
            }
        } else if (answer == Answer.FAILED) {
            endFollowers();
        } else if (answer == Answer.REFUSED && disk.isFull()) {
            throw new Violation(change + " was refused on a full disk");
        } else {
            giveBack(answer, List.of(change));
        }
    }

    /**
     * Completes all waiting appends before a removal. If an append is refused, the removal acts on the records without
     * it, so the model must process the refusal first.
     */
    private void answerWaiting() {
        while (environment.run(SimulatedEnvironment.Queue.WRITING)) {
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
            throw new Violation("'" + doing + "' succeeded although the log has failed");
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
            throw new Violation("'" + doing + "' failed although the disk did not: " + e, e);
        }
    }

    private void acknowledge(Change change, long id, long expected) {
        if (id != expected) {
            throw new Violation("'" + doing + "' got id " + id + " instead of " + expected);
        }
        history.acknowledge(change);
    }

    /** Returns the first id that a batch receives if all earlier changes take effect. */
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

    /** Runs the completing tasks and updates the model from completed futures. */
    private void complete() {
        while (environment.run(SimulatedEnvironment.Queue.COMPLETING)) {
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
                throw new Violation("a future completed before an earlier future");
            }
        }
    }

    private void settle(Waiting done) {
        // If a later call was acknowledged before this future completed, the model already contains the change.
        boolean known = !history.now().changes().contains(done.change());
        long expected = known ? done.id() : idOf(done.change());
        try {
            long id = done.future().join();
            done.hook().require(id);
            acknowledge(done.change(), id, expected);
        } catch (CompletionException e) {
            Throwable cause = e.getCause();
            if (known || !(cause instanceof CallRefusedException || cause instanceof LogFailedException)) {
                throw new Violation(
                        "a future" + (known ? " of an acknowledged append" : "") + " failed: " + cause, cause);
            }
            done.hook().require(-1);
            requireFault(cause);
            if (cause instanceof CallRefusedException) {
                history.withdraw(done.change());
                era = era.idsReturned();
            } else {
                failed = true;
            }
        }
    }

    /** Compares the current contents of the log with the acknowledged changes. */
    private void check() throws IOException {
        Expectation now = shown();
        if (waiting.isEmpty() && !failed) {
            String difference = Reading.difference(log(), now.last(), Mix.of(seed, disk.steps()));
            if (difference != null) {
                throw new Violation("expected " + now.last() + ", but " + difference);
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
            throw new Violation("closing a failed log wrote to the disk");
        }
        log = null;
        long closed = disk.steps();
        environment.runAll();
        environment.idle();
        settleFutures();
        if (disk.steps() != closed) {
            throw new Violation("a closed log wrote to the disk");
        }
        if (!waiting.isEmpty()) {
            throw new Violation("close left futures that never complete");
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
        lastHooked = -1;
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

    /** Returns the contents that a crash may leave now. They include the records that a reader can already see. */
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
            return -1; // the log is being closed
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
