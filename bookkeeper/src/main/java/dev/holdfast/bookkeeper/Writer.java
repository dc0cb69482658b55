package dev.holdfast.bookkeeper;

import dev.holdfast.bookkeeper.Ledgers.Replication;
import dev.holdfast.bookkeeper.QueueItem.Append;
import dev.holdfast.bookkeeper.QueueItem.Operation;
import dev.holdfast.wal.CallRefusedException;
import dev.holdfast.wal.LogFailedException;
import dev.holdfast.wal.ids.IdSpan;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The calls that change a log. A call waits for room, copies its records, receives its ids and enters the queue of the
 * {@link Owner}. Thread-safe.
 *
 * <p>Every call ends within twice the timeout, no matter what fails. Therefore, a caller does not rely on the owner's
 * thread alone: it also has a deadline of its own.
 */
final class Writer {
    /** Settings of a writer. */
    record Settings(
            String logName, Replication replication, long segmentBytes, long maxBytesInFlight, Duration timeout) {
        /** Returns the time without an answer after which a ledger is replaced by a new one. */
        Duration stall() {
            return timeout.dividedBy(4);
        }

        /** Returns the longest time of one try of an action that is tried repeatedly. */
        Duration oneTry() {
            return timeout.dividedBy(4);
        }

        /** Returns the time after which a new ledger is tried if the current ledger lacks a bookie. */
        Duration tryAnother() {
            return timeout.dividedBy(6);
        }

        /** Returns the longest time of a call. */
        Duration longestCall() {
            return timeout.multipliedBy(2);
        }
    }

    /** Figures about acknowledged appends, and the reason for which the log failed. */
    record Figures(
            long records,
            long bytes,
            long appends,
            @Nullable IOException failure) {}

    private final Settings settings;
    private final long epoch;
    private final AdmissionQueue admissions;
    private final Submissions submissions;
    private final Completions completions;
    private final Owner owner;
    private final Thread thread;

    /**
     * Creates the writer of a log whose last segment is sealed.
     *
     * @param threads creates the owner's thread and the thread that completes futures
     */
    Writer(
            Settings settings,
            Manifest manifest,
            Ledgers ledgers,
            ViewHolder published,
            LedgerReads reads,
            ThreadFactory threads) {
        this.settings = settings;
        this.epoch = manifest.state().epoch();
        this.admissions = new AdmissionQueue(new Admission(settings.maxBytesInFlight(), settings.timeout()));
        this.completions = new Completions(settings.logName(), threads);
        this.thread = threads.newThread(this::own);
        this.thread.setName("holdfast-" + settings.logName());
        this.submissions = new Submissions(settings.logName(), manifest.state().ids(), thread);
        this.owner = new Owner(
                settings,
                submissions,
                admissions,
                new LedgerWriter(settings, manifest, ledgers, published, reads, submissions::signal));
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
     * Appends a batch of at least one record and waits until it is acknowledged.
     *
     * @param firstId the id of the first record; empty if the log assigns the ids
     * @return the id of the first record
     */
    long append(ByteBuffer[] batch, OptionalLong firstId) throws IOException {
        Deadline longest = Deadline.after(settings.longestCall());
        Completion.Waiter waiter = new Completion.Waiter();
        // A continuation must not wait for room, because its own thread releases room. It is admitted without a limit:
        // it waits for each append, so it adds only one batch at a time.
        Admitted admitted = completions.isCompletingThread() ? admitAtOnce(batch, true) : admit(batch);
        boolean queued = false;
        long id;
        try {
            Append append = admitted.append(batch, settings, failure -> {
                admitted.giveBack();
                waiter.complete(failure);
            });
            id = submissions.add(append, firstId);
            queued = true;
        } finally {
            if (!queued) {
                admitted.giveBack();
            }
        }
        await(waiter, longest);
        return id;
    }

    /**
     * Appends as {@link #append} does, without waiting for the acknowledgement.
     *
     * @param outcome computes the future's result from the id of the first record
     */
    <T extends @Nullable Object> CompletableFuture<T> appendAsync(
            ByteBuffer[] batch, OptionalLong firstId, LongFunction<T> outcome) {
        CompletableFuture<T> future = new CompletableFuture<>();
        try {
            submissions.checkWritable();
            completions.reserve();
            boolean queued = false;
            try {
                enqueue(batch, firstId, outcome, future);
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

    private <T extends @Nullable Object> void enqueue(
            ByteBuffer[] batch, OptionalLong firstId, LongFunction<T> outcome, CompletableFuture<T> future)
            throws IOException {
        Admitted admitted = completions.isCompletingThread() ? admitAtOnce(batch, false) : admit(batch);
        boolean queued = false;
        try {
            Completing<T> completing = new Completing<>(future, outcome, admitted, completions);
            Append append = admitted.append(batch, settings, completing);
            completing.append = append; // receives its ids before it can be complete
            long unused = submissions.add(append, firstId);
            queued = true;
        } finally {
            if (!queued) {
                admitted.giveBack();
            }
        }
    }

    /** Completes the future of an append, which is in flight until the future's continuations have run. */
    private static final class Completing<T extends @Nullable Object> extends Completions.Task implements Completion {
        private final CompletableFuture<T> future;
        private final LongFunction<T> outcome;
        private final Admitted admitted;
        private final Completions completions;
        private @Nullable Append append;
        private @Nullable IOException failure;

        Completing(CompletableFuture<T> future, LongFunction<T> outcome, Admitted admitted, Completions completions) {
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
            IOException failed = failure;
            Append appended = append;
            if (failed != null) {
                future.completeExceptionally(failed);
            } else if (appended != null) {
                future.complete(outcome.apply(appended.firstId()));
            }
        }

        @Override
        void over() {
            admitted.giveBack();
        }
    }

    /** The room of an admitted batch. */
    private record Admitted(AdmissionQueue admissions, long bytes, int records, long inFlight) {
        /**
         * Copies the batch. Its deadline begins here and not with the call: a batch that waited long for admission
         * would otherwise time out, and fail the log, soon after it is sent.
         */
        Append append(ByteBuffer[] batch, Settings settings, Completion completion) {
            byte[][] entries = new byte[batch.length][];
            for (int i = 0; i < batch.length; i++) {
                entries[i] = Entry.of(batch[i], i == batch.length - 1);
            }
            return new Append(entries, bytes, inFlight, Deadline.after(settings.timeout()), completion);
        }

        void giveBack() {
            admissions.giveBack(bytes, records);
        }
    }

    /** Waits until there is room for a batch. If there is none in time, only this call fails, with nothing written. */
    private Admitted admit(ByteBuffer[] batch) throws IOException {
        submissions.checkWritable();
        long bytes = bytes(batch);
        long inFlight = admissions.admit(bytes, batch.length, Deadline.after(settings.timeout()));
        if (inFlight == 0) {
            submissions.checkWritable();
            throw new CallRefusedException(
                    settings.logName() + ": the append waited for " + settings.timeout()
                            + " while the appends in flight left no room for it. Nothing of this append was written,"
                            + " and the log stays usable. Append less, or raise maxBytesInFlight.",
                    null);
        }
        return new Admitted(admissions, bytes, batch.length, inFlight);
    }

    /**
     * Admits a batch of a continuation without waiting.
     *
     * @param alone whether the continuation waits for this append, which is then admitted without a limit
     */
    private Admitted admitAtOnce(ByteBuffer[] batch, boolean alone) throws IOException {
        submissions.checkWritable();
        long bytes = bytes(batch);
        long inFlight =
                alone ? admissions.admitAlways(bytes, batch.length) : admissions.admitContinuation(bytes, batch.length);
        if (inFlight == 0) {
            throw new CallRefusedException(
                    settings.logName() + ": twice the limit is in flight, because continuations append faster than"
                            + " appends complete. A continuation cannot wait for room, because its own thread releases"
                            + " room. Nothing of this append was written. Append less, or from another thread.",
                    null);
        }
        return new Admitted(admissions, bytes, batch.length, inFlight);
    }

    private static long bytes(ByteBuffer[] batch) {
        long bytes = (long) Entry.HEADER_BYTES * batch.length;
        for (ByteBuffer data : batch) {
            bytes += data.remaining();
        }
        return bytes;
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

    /** Waits until all calls that were queued before are complete. */
    void sync() throws IOException {
        operate(deadline -> {}, ids -> {});
    }

    private void operate(QueueItem.Action action, Consumer<IdSpan> effect) throws IOException {
        Deadline longest = Deadline.after(settings.longestCall());
        Completion.Waiter waiter = new Completion.Waiter();
        submissions.add(new Operation(action, effect, Deadline.after(settings.timeout()), waiter));
        await(waiter, longest);
    }

    private void await(Completion.Waiter waiter, Deadline longest) throws IOException {
        if (!waiter.await(longest)) {
            throw late();
        }
    }

    /** Fails the log, because the owner's thread has not met its deadlines: it is blocked or dead. */
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
     * Waits for all queued calls, then seals the last ledger and ends the owner's thread. A repeated call waits for the
     * first one to end.
     */
    void close() throws IOException {
        Deadline longest = Deadline.after(settings.longestCall());
        QueueItem.Action nothing = deadline -> {}; // Owner.closeIfAsked does the work
        if (submissions.close(new Operation(nothing, ids -> {}, Deadline.after(settings.timeout()), failure -> {}))) {
            admissions.stop();
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
