package dev.holdfast.testkit.explorer;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.wal.CallRefusedException;
import dev.holdfast.wal.CommitHook;
import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogFailedException;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.LogStats;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * The calls of a {@link Session} that change its log. Compares each answer, each future and each commit hook with the
 * model, and updates the model with what was acknowledged.
 */
final class Writes {
    /** A call of the log. */
    interface Call {
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

    private final CrashDisk disk;
    private final History history;
    private final Followers followers;
    private final Deque<Waiting> waiting = new ArrayDeque<>();

    private String doing = "open";
    private @Nullable Log log;
    private SimulatedEnvironment environment;
    private boolean failed;
    private boolean unread;
    private @Nullable Throwable learnt;
    private long strikesBefore;
    private long lastHooked = -1;
    private Era era;

    /**
     * Creates the writes of a session without an open log.
     *
     * @param environment the threads of the session until it opens a log
     * @param era the progress of the history, which determines payloads and salts
     */
    Writes(CrashDisk disk, History history, Followers followers, SimulatedEnvironment environment, Era era) {
        this.disk = disk;
        this.history = history;
        this.followers = followers;
        this.environment = environment;
        this.era = era;
    }

    Era era() {
        return era;
    }

    /** Starts an era in which ids that were used before may be used again. */
    void returnIds() {
        era = era.idsReturned();
    }

    /** Names the action that makes the next calls, for messages. */
    void begin(String action) {
        doing = action;
    }

    /**
     * Makes the next calls on this log.
     *
     * @param strikes number of faults that the disk had simulated before the log was opened
     */
    void opened(Log opened, SimulatedEnvironment itsEnvironment, long strikes) {
        log = opened;
        environment = itsEnvironment;
        strikesBefore = strikes;
        failed = false;
    }

    /** Forgets the log and all calls without an answer. */
    void crashed() {
        waiting.clear();
        lastHooked = -1;
        followers.clear();
        era = era.crashed();
        unread = false;
        log = null;
    }

    /** Returns whether every call was answered and the log has not failed, so its contents are known. */
    boolean areAllAnswered() {
        return waiting.isEmpty() && !failed;
    }

    /** Returns whether a read within the last call has failed, so its outcome is unknown. */
    boolean isOutcomeUnread() {
        return unread;
    }

    /** Updates the model from completed futures. Throws if one of them, or a hook, violated a promise. */
    void requireRightAnswers() {
        settleFutures();
        if (learnt != null) {
            throw new Violation(String.valueOf(learnt.getMessage()), learnt);
        }
    }

    void append(List<Integer> sizes) throws IOException {
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

    void put(Action.Put put) throws IOException {
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

    void appendAsync(List<Integer> sizes) {
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

    void truncate(long count) throws IOException {
        long lastToKeep = Math.max(-1, contents().nextId() - 1 - count);
        remove(Change.truncate(lastToKeep), () -> log().truncate(lastToKeep));
    }

    void reset(long jump) throws IOException {
        long nextId = contents().nextId() + jump;
        remove(Change.reset(nextId), () -> log().reset(nextId));
    }

    void trim(long count) throws IOException {
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
            returnIds();
            if (change.removesNewest()) {
                followers.afterRemoval(before, then);
            }
            if (effective) {
                history.synced();
            }
        } else if (answer == Answer.FAILED) {
            followers.close();
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

    void sync() throws IOException {
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
            returnIds();
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
    void complete() {
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
                returnIds();
            } else {
                failed = true;
            }
        }
    }

    /** Closes the log. Returns false if the log had failed. */
    boolean close() throws IOException {
        Log closing = log();
        boolean failedBefore = failed || closing.stats().state() == LogStats.State.FAILED;
        long steps = disk.steps();
        followers.close();
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
        }
        return !failed;
    }

    static boolean isDamage(Throwable e) {
        return e instanceof CorruptLogException || e.getCause() instanceof CorruptLogException;
    }

    private Contents contents() {
        return history.now().last();
    }

    /** Returns the id of the last record that a reader of the open log can see; -1 if there is none. */
    long lastShown() {
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

    /** Returns the open log. */
    Log log() {
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
