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
 * The calls that change a log: they wait for room, copy their records, get their ids and stand in a queue, for its
 * {@link Owner}. Thread-safe.
 *
 * <p>Each call ends within twice the timeout, whatever dies. Its caller therefore does not only trust the owner's
 * thread to tell it, but has a deadline of its own.
 */
final class Writer {
    /** How a log is written. */
    record Settings(
            String logName, Replication replication, long segmentBytes, long maxBytesInFlight, Duration timeout) {
        /** After how long without an answer a ledger is given up. */
        Duration stall() {
            return timeout.dividedBy(4);
        }

        /** How long one try of something that is tried again may take. */
        Duration oneTry() {
            return timeout.dividedBy(4);
        }

        /** After how long another ledger is tried if this one lacks a bookie. */
        Duration tryAnother() {
            return timeout.dividedBy(6);
        }

        /** How long a call may take. */
        Duration longestCall() {
            return timeout.multipliedBy(2);
        }
    }

    /** What has been counted. */
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
     * The owner of a log whose last segment is sealed.
     *
     * @param threads makes the owner's thread and the one that completes futures
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

    /** The number of this ownership. */
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
                            + "). Look at the limit of threads (ulimit -u, the container's pids) and of memory.",
                    e);
        }
    }

    /** Appends a batch of at least one record; returns the id of the first once they are acknowledged. */
    long append(ByteBuffer[] batch, OptionalLong firstId) throws IOException {
        Deadline longest = Deadline.after(settings.longestCall());
        Completion.Waiter waiter = new Completion.Waiter();
        // A continuation that waits makes one append at a time, and the room that it may want is made by the thread
        // that it is on.
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
     * As {@link #append}, without waiting for the acknowledgement.
     *
     * @param outcome what the future says, given the id of the first record
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
            completing.append = append; // numbered before it can be complete
            long unused = submissions.add(append, firstId);
            queued = true;
        } finally {
            if (!queued) {
                admitted.giveBack();
            }
        }
    }

    /** Completes a future, which is in flight until its continuations have run. */
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

    /** The room that a batch takes among what is in flight. */
    private record Admitted(AdmissionQueue admissions, long bytes, int records, long inFlight) {
        /**
         * Copies the batch. Its time begins here: one that was held back for long would otherwise fail the handle soon
         * after.
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

    /** Waits until there is room for a batch. One that waits in vain fails alone: nothing of it has been written. */
    private Admitted admit(ByteBuffer[] batch) throws IOException {
        submissions.checkWritable();
        long bytes = bytes(batch);
        long inFlight = admissions.admit(bytes, batch.length, Deadline.after(settings.timeout()));
        if (inFlight == 0) {
            submissions.checkWritable();
            throw new CallRefusedException(
                    settings.logName() + ": the appends in flight left no room for another one for "
                            + settings.timeout() + "; nothing of this one was written",
                    null);
        }
        return new Admitted(admissions, bytes, batch.length, inFlight);
    }

    /** Makes room for a batch of a continuation. */
    private Admitted admitAtOnce(ByteBuffer[] batch, boolean alone) throws IOException {
        submissions.checkWritable();
        long bytes = bytes(batch);
        long inFlight =
                alone ? admissions.admitAlways(bytes, batch.length) : admissions.admitContinuation(bytes, batch.length);
        if (inFlight == 0) {
            throw new CallRefusedException(
                    settings.logName() + ": twice as much is in flight as may be, as continuations append more than"
                            + " completes. The thread that runs them makes the room, so it cannot wait for it. Nothing of"
                            + " this append was written. Append from another thread, or less.",
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

    /** Removes every record above an id. */
    void truncate(long lastToKeep) throws IOException {
        operate(deadline -> owner.ledgers().truncate(lastToKeep, deadline), ids -> ids.truncate(lastToKeep));
    }

    /** Removes every record up to an id. */
    void trim(long discardUpTo) throws IOException {
        operate(deadline -> owner.ledgers().trim(discardUpTo, deadline), ids -> ids.trim(discardUpTo));
    }

    /** Removes every record and fixes the next id. */
    void reset(long nextId) throws IOException {
        operate(deadline -> owner.ledgers().reset(nextId, deadline), ids -> ids.reset(nextId));
    }

    /** Waits for what was appended before. */
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

    /** The owner's thread has not kept to its deadlines: it is stuck, or is not there. */
    private IOException late() {
        IOException failed = submissions.fail(new LogFailedException(
                settings.logName() + ": a call did not end within " + settings.longestCall()
                        + ". What was in flight may be in the log or not, so it takes no appends until it is reopened,"
                        + " which decides.",
                null));
        admissions.stop();
        submissions.signal();
        return failed;
    }

    /** Waits for everything queued, then seals the log and ends its thread. Later calls wait for the first. */
    void close() throws IOException {
        Deadline longest = Deadline.after(settings.longestCall());
        QueueItem.Action nothing = deadline -> {}; // the owner's thread knows what to do
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
