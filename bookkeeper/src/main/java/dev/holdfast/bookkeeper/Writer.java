package dev.holdfast.bookkeeper;

import dev.holdfast.bookkeeper.Ledgers.Replication;
import dev.holdfast.bookkeeper.QueueItem.Append;
import dev.holdfast.bookkeeper.QueueItem.Operation;
import dev.holdfast.wal.CallRefusedException;
import dev.holdfast.wal.CommitHook;
import dev.holdfast.wal.CommitHookException;
import dev.holdfast.wal.LogFailedException;
import dev.holdfast.wal.ids.Batch;
import dev.holdfast.wal.ids.IdSpan;
import dev.holdfast.wal.threads.HookThread;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The calls that change a log. A call waits for room, copies its records, receives its ids and enters the queue of the
 * {@link Owner}. Thread-safe.
 *
 * <p>Every call ends within twice the timeout, no matter what fails. Therefore each caller has a deadline of its own,
 * in case the owner's thread does not complete the call. The time during which commit hooks run postpones the deadlines
 * of waiting callers and of queued calls, see {@link Pauses}. That time does not postpone the deadline of a batch that
 * was sent to bookies.
 */
final class Writer {
    /** Settings of a writer. */
    record Settings(
            String logName, Replication replication, long segmentBytes, long maxBytesInFlight, Duration timeout) {
        /** Returns how long a ledger may leave entries unanswered before it is replaced by a new ledger. */
        Duration stall() {
            return timeout.dividedBy(4);
        }

        /** Returns the time limit of a single try of an action that is tried repeatedly. */
        Duration oneTry() {
            return timeout.dividedBy(4);
        }

        /**
         * Returns the time between two attempts to create a better ledger, if the current ledger has too few bookies or
         * a stalled bookie.
         */
        Duration tryAnother() {
            return timeout.dividedBy(6);
        }

        /** Returns the longest time of a call. */
        Duration longestCall() {
            return timeout.multipliedBy(2);
        }
    }

    /** Totals of the acknowledged appends, and the exception with which the log failed; null if it has not failed. */
    record Figures(
            long records,
            long bytes,
            long appends,
            @Nullable IOException failure) {}

    /** What the caller of an append does until the batch is acknowledged. */
    private enum Caller {
        WAITS,
        CONTINUES
    }

    private final Settings settings;
    private final long epoch;
    private final AdmissionQueue admissions;
    private final Submissions submissions;
    private final HookThread hookThread;
    private final TaskQueue hooks;
    private final TaskQueue completions;
    private final Pauses held = new Pauses();
    private final Owner owner;
    private final Thread thread;

    /**
     * Creates the writer of a log. The log's last segment must be sealed.
     *
     * @param hookThread calls commit hooks, and recognises calls of the log that a hook makes
     * @param threads creates the owner's thread, the thread that runs hooks and the thread that completes futures
     */
    Writer(
            Settings settings,
            Manifest manifest,
            Ledgers ledgers,
            ViewHolder published,
            LedgerReads reads,
            HookThread hookThread,
            ThreadFactory threads) {
        this.settings = settings;
        this.epoch = manifest.state().epoch();
        this.admissions = new AdmissionQueue(new Admission(settings.maxBytesInFlight(), settings.timeout()));
        this.hookThread = hookThread;
        this.thread = threads.newThread(this::own);
        this.thread.setName("holdfast-" + settings.logName());
        this.submissions = new Submissions(settings.logName(), manifest.state().ids(), thread);
        this.hooks = new TaskQueue(settings.logName(), "hooks", "run the commit hook", threads, submissions::signal);
        this.completions = new TaskQueue(settings.logName(), "completions", "complete the future", threads, () -> {});
        this.owner = new Owner(
                settings,
                submissions,
                admissions,
                new LedgerWriter(settings, manifest, ledgers, published, reads, submissions::signal),
                hooks,
                held);
    }

    /** Returns the epoch of this owner. */
    long epoch() {
        return epoch;
    }

    private void own() {
        owner.run();
    }

    void start() throws IOException {
        try {
            thread.start();
        } catch (OutOfMemoryError e) {
            throw new IOException(
                    settings.logName() + ": no thread could be made to write the log (" + e
                            + "). Check the limits of threads (ulimit -u, the container's pids) and of memory.",
                    e);
        }
    }

    /**
     * Appends a batch of at least one record and waits until it is acknowledged and its hook has run.
     *
     * @return the id of the first record
     * @throws CommitHookException if the hook has thrown an exception; the batch is acknowledged nevertheless
     */
    long append(Batch batch, CommitHook hook) throws IOException {
        Deadline longest = Deadline.after(settings.longestCall(), hooks.busyTime());
        Completion.Waiter waiter = new Completion.Waiter();
        HookedCompletion append = queue(
                batch,
                hook,
                Caller.WAITS,
                admitted -> new HookedCompletion(
                        hook,
                        failure -> {
                            admitted.giveBack(failure);
                            waiter.complete(failure);
                        },
                        hooks,
                        hookThread));
        await(waiter, longest);
        CommitHookException thrown = append.hookFailure();
        if (thrown != null) {
            throw thrown;
        }
        return append.firstId();
    }

    /**
     * Queues an append as {@link #append} does, but does not wait for the acknowledgement. The future completes after
     * the hook has run.
     *
     * @param outcome computes the future's result from the id of the first record
     */
    <T extends @Nullable Object> CompletableFuture<T> appendAsync(
            Batch batch, LongFunction<T> outcome, CommitHook hook) {
        CompletableFuture<T> future = new CompletableFuture<>();
        try {
            submissions.checkWritable();
            completions.reserve();
            boolean queued = false;
            try {
                var unused = queue(batch, hook, Caller.CONTINUES, admitted -> {
                    Completing<T> completing = new Completing<>(future, outcome, admitted, completions);
                    HookedCompletion append = new HookedCompletion(hook, completing, hooks, hookThread);
                    completing.append = append;
                    return append;
                });
                queued = true;
            } finally {
                if (!queued) {
                    completions.release();
                }
            }
        } catch (IOException e) {
            future.completeExceptionally(e);
        }
        return future;
    }

    /**
     * Admits and queues a batch.
     *
     * @param completion creates, for the admitted batch, the object that completes the call when the batch is
     *     acknowledged or has failed
     * @param hook the batch's commit hook; the thread that runs hooks is reserved unless it is {@link CommitHook#NONE}
     */
    private HookedCompletion queue(
            Batch batch, CommitHook hook, Caller caller, Function<Admitted, HookedCompletion> completion)
            throws IOException {
        Objects.requireNonNull(hook, "hook");
        boolean hasHook = hook != CommitHook.NONE;
        submissions.checkWritable();
        if (hasHook) {
            hooks.reserve();
        }
        boolean queued = false;
        Admitted admitted = null;
        try {
            // A continuation must not wait for room, because its own thread releases room. If it waits for each append,
            // it adds only one batch at a time, so it is admitted without a limit.
            admitted = completions.isOnThread() ? admitAtOnce(batch, caller) : admit(batch);
            HookedCompletion completing = completion.apply(admitted);
            Append append = admitted.append(batch.data(), Deadline.after(settings.timeout(), held), completing);
            long unused = submissions.add(append, batch.firstId());
            queued = true;
            return completing;
        } finally {
            if (!queued) {
                if (admitted != null) {
                    admitted.giveBack();
                }
                if (hasHook) {
                    hooks.release();
                }
            }
        }
    }

    /** Completes the future of an append. The append stays in flight until the future's continuations have run. */
    private static final class Completing<T extends @Nullable Object> extends TaskQueue.Task implements Completion {
        private final CompletableFuture<T> future;
        private final LongFunction<T> outcome;
        private final Admitted admitted;
        private final TaskQueue completions;
        private @Nullable HookedCompletion append;
        private @Nullable IOException failure;

        Completing(CompletableFuture<T> future, LongFunction<T> outcome, Admitted admitted, TaskQueue completions) {
            this.future = future;
            this.outcome = outcome;
            this.admitted = admitted;
            this.completions = completions;
        }

        @Override
        public void complete(@Nullable IOException newFailure) {
            failure = newFailure;
            completions.hand(this);
        }

        @Override
        void run() {
            HookedCompletion completed = append;
            if (completed == null) {
                throw new AssertionError("the append is not queued");
            }
            Exception failed = failure == null ? completed.hookFailure() : failure;
            if (failed != null) {
                future.completeExceptionally(failed);
            } else {
                future.complete(outcome.apply(completed.firstId()));
            }
        }

        @Override
        void over() {
            admitted.giveBack(failure);
        }
    }

    /** The bytes and records that an admitted batch occupies until its room is released. */
    private record Admitted(AdmissionQueue admissions, long bytes, int records, long inFlight) {
        /**
         * Copies the batch into a queue item.
         *
         * @param deadline deadline of the batch, counted from now and not from the start of the call. Otherwise a batch
         *     that waited long for admission would time out soon after it is sent, and fail the log
         */
        Append append(ByteBuffer[] batch, Deadline deadline, Completion completion) {
            byte[][] entries = new byte[batch.length][];
            for (int i = 0; i < batch.length; i++) {
                entries[i] = Entry.of(batch[i], i == batch.length - 1);
            }
            return new Append(entries, bytes, inFlight, deadline, completion);
        }

        /** Releases the room of a batch that was not acknowledged. */
        void giveBack() {
            admissions.giveBack(bytes, records);
        }

        /**
         * Releases the room of a completed batch.
         *
         * @param failure null if the batch was acknowledged
         */
        void giveBack(@Nullable IOException failure) {
            if (failure == null) {
                admissions.giveBackAcknowledged(bytes, records);
            } else {
                giveBack();
            }
        }
    }

    /**
     * Waits until there is room for a batch and admits it. If there is no room before the timeout, only this call
     * fails, and nothing is written.
     */
    private Admitted admit(Batch batch) throws IOException {
        submissions.checkWritable();
        long bytes = bytes(batch);
        long inFlight = admissions.admit(bytes, batch.count(), Deadline.after(settings.timeout(), hooks.busyTime()));
        if (inFlight == 0) {
            submissions.checkWritable();
            throw new CallRefusedException(
                    settings.logName() + ": the append waited for " + settings.timeout()
                            + " while the appends in flight left no room for it. Nothing of this append was written,"
                            + " and the log stays usable. Append less, or raise maxBytesInFlight.",
                    null);
        }
        return new Admitted(admissions, bytes, batch.count(), inFlight);
    }

    /**
     * Admits a batch that a future's continuation appends, without waiting for room.
     *
     * @param caller if the continuation waits for the acknowledgement, the batch is admitted without a limit; otherwise
     *     up to twice the limits
     */
    private Admitted admitAtOnce(Batch batch, Caller caller) throws IOException {
        submissions.checkWritable();
        long bytes = bytes(batch);
        long inFlight = caller == Caller.WAITS
                ? admissions.admitAlways(bytes, batch.count())
                : admissions.admitContinuation(bytes, batch.count());
        if (inFlight == 0) {
            throw new CallRefusedException(
                    settings.logName() + ": twice the limit is in flight, because continuations append faster than"
                            + " appends complete. A continuation cannot wait for room, because its own thread releases"
                            + " room. Nothing of this append was written. Append less, or from another thread.",
                    null);
        }
        return new Admitted(admissions, bytes, batch.count(), inFlight);
    }

    private static long bytes(Batch batch) {
        return batch.dataBytes() + (long) Entry.HEADER_BYTES * batch.count();
    }

    /** Removes all records with a greater id. */
    void truncate(long lastToKeep) throws IOException {
        operate(deadline -> owner.ledgers().truncate(lastToKeep, deadline), ids -> ids.truncate(lastToKeep));
    }

    /** Removes all records up to and including an id. */
    void trim(long discardUpTo) throws IOException {
        operate(deadline -> owner.ledgers().trim(discardUpTo, deadline), ids -> ids.trim(discardUpTo));
    }

    /** Removes all records and fixes the next id. */
    void reset(long nextId) throws IOException {
        operate(deadline -> owner.ledgers().reset(nextId, deadline), ids -> ids.reset(nextId));
    }

    /** Waits until all calls that were queued before this call are complete. */
    void sync() throws IOException {
        operate(deadline -> {}, ids -> {});
    }

    private void operate(QueueItem.Action action, Consumer<IdSpan> effect) throws IOException {
        Deadline longest = Deadline.after(settings.longestCall(), hooks.busyTime());
        Completion.Waiter waiter = new Completion.Waiter();
        submissions.add(new Operation(action, effect, Deadline.after(settings.timeout(), held), waiter));
        await(waiter, longest);
    }

    private void await(Completion.Waiter waiter, Deadline longest) throws IOException {
        if (!waiter.await(longest)) {
            throw late();
        }
    }

    /**
     * Fails the log, because a call has not ended in time: the owner's thread is blocked or dead. Returns the exception
     * to throw.
     */
    private IOException late() {
        IOException failed = submissions.fail(new LogFailedException(
                settings.logName() + ": a call did not end within " + settings.longestCall()
                        + ". It is unknown whether the appends in flight are in the log. Close the log and open it"
                        + " again: it accepts no appends until it is reopened, and reopening decides.",
                null));
        admissions.stop();
        submissions.signal();
        return failed;
    }

    /**
     * Closes the log: waits for all queued calls and their hooks, then seals the last ledger and ends the owner's
     * thread. A repeated call waits until the first call has closed the log.
     */
    void close() throws IOException {
        Deadline longest = Deadline.after(settings.longestCall(), hooks.busyTime());
        QueueItem.Action nothing = deadline -> {}; // Owner.closeIfAsked does the work
        if (submissions.close(
                new Operation(nothing, ids -> {}, Deadline.after(settings.timeout(), held), failure -> {}))) {
            admissions.stop();
            hooks.close();
            completions.close();
        }
        try {
            owner.awaitEnd(longest);
        } catch (LogTimeoutException e) {
            throw late();
        }
    }

    boolean isClosing() {
        return submissions.isClosing();
    }

    Figures figures() {
        return owner.figures();
    }
}
