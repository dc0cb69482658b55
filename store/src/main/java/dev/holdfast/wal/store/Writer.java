package dev.holdfast.wal.store;

import dev.holdfast.wal.CallRefusedException;
import dev.holdfast.wal.CommitHookException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogFailedException;
import dev.holdfast.wal.file.FileLog;
import dev.holdfast.wal.threads.HookThread;
import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Numbers the changes of a store and sends them to the shared log. A change is checked and encoded against what the
 * logs will hold once all earlier changes are committed, and gets the next places of the shared log. All of this
 * happens under one lock, in which the shared log only queues the batch. The caller waits for the commit without the
 * lock.
 *
 * <p><i>Refusal.</i> If the shared log refuses a batch (the disk is full), the places of the batches behind it are
 * wrong, so the shared log refuses these too. From the first refusal on, nothing is numbered until every batch in
 * flight is settled. Then the logs are set back to what is committed.
 */
final class Writer {
    private static final int YIELDS = 10;
    private static final long SETTLING_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    /** Adds the records of one call to a batch; throws if the call is a mistake. Called while numbering is locked. */
    @FunctionalInterface
    interface Call {
        void number(Draft draft) throws IOException;
    }

    final HookThread hooks = new HookThread();
    private final Log shared;
    private final boolean tellsWhenQueued;
    private final StoreState state;
    private final long windowBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition settled = lock.newCondition();

    // Guarded by the lock.
    private long nextPlace;
    private long bytesInWindow;
    private boolean windowEnding;
    private long numbered; // number of batches sent
    private @Nullable CallRefusedException refusal;
    private @Nullable CallRefusedException lastRefusal;
    private boolean closed;
    private volatile boolean appendsHeld; // changed under the lock

    private final AtomicLong failed = new AtomicLong(); // number of batches that failed
    private final AtomicLong applied = new AtomicLong(); // number of batches that committed
    private volatile long appliedPlace;
    private volatile long anchor;
    private volatile @Nullable Throwable failure;
    private final AtomicLong appendWaits = new AtomicLong();
    private Runnable whenWindowEnds = () -> {};

    Writer(Log shared, StoreState state, long windowBytes, long anchor) {
        this.shared = shared;
        this.tellsWhenQueued = shared instanceof FileLog;
        this.state = state;
        this.windowBytes = windowBytes;
        this.anchor = anchor;
        this.nextPlace = shared.nextId();
        this.appliedPlace = nextPlace - 1;
        state.all().forEach(log -> log.numbered.reset(log));
    }

    void whenWindowEnds(Runnable action) {
        whenWindowEnds = action;
    }

    /** Numbers a call, sends it, and returns when it is committed. */
    void commit(Call call) throws IOException {
        commit(call, true);
    }

    /** Commits an append, which waits while appends are held. */
    void commitAppend(Call call) throws IOException {
        awaitSpace();
        commit(call, true);
    }

    /** Commits records of the store itself. They never wait for space, and need no open store. */
    void commitOwn(Call call) throws IOException {
        commit(call, false);
    }

    private void commit(Call call, boolean ofUser) throws IOException {
        Draft draft = null;
        CompletableFuture<Void> future = null;
        Throwable thrown = null;
        hooks.refuseHook(); // before the lock, whose owner may wait for the hook to end
        lockSoon();
        try {
            draft = number(call, ofUser);
            if (draft.isEmpty()) return;
            try {
                if (tellsWhenQueued) {
                    // The shared log queues the batch, unlocks the numbering, and waits, without another thread.
                    draft.whenQueued(lock::unlock);
                    shared.append(draft.records(), draft);
                } else {
                    future = shared.appendAsync(draft.records(), draft);
                }
            } catch (Throwable e) {
                thrown = e;
            }
        } finally {
            if (lock.isHeldByCurrentThread()) {
                lock.unlock();
            }
        }
        if (future != null) {
            thrown = outcome(future);
        }
        if (draft.endsWindow() && ofUser) { // the maintenance does not give itself more work
            whenWindowEnds.run();
        }
        if (thrown != null) {
            recordFailure(thrown);
            throw answer(thrown);
        }
        requireApplied(draft);
        CommitHookException hookFailed = draft.hookFailure();
        if (hookFailed != null) throw hookFailed;
    }

    /**
     * Takes the lock, which is held for about a microsecond. Yields before it sleeps, because to be woken takes longer
     * than all work under the lock.
     */
    @SuppressWarnings("ThreadPriorityCheck") // the yields only improve performance
    private void lockSoon() {
        for (int i = 0; i < YIELDS; i++) {
            if (lock.tryLock()) return;
            Thread.yield();
        }
        lock.lock();
    }

    private static @Nullable Throwable outcome(CompletableFuture<Void> future) {
        try {
            future.join();
            return null;
        } catch (CompletionException | CancellationException e) {
            return cause(e);
        }
    }

    private static Throwable cause(Throwable thrown) {
        return thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
    }

    /** Hears the outcome of a batch, on a thread that must not wait. */
    @FunctionalInterface
    interface Outcome {
        void done(Draft draft, @Nullable Throwable thrown);
    }

    /** Numbers an append and sends it, without waiting for the commit. */
    void commitAsync(Call call, Outcome outcome) throws IOException {
        hooks.refuseHook();
        awaitSpace();
        Draft draft;
        CompletableFuture<Void> future;
        lockSoon();
        try {
            draft = number(call, true);
            try {
                future = draft.isEmpty()
                        ? CompletableFuture.completedFuture(null)
                        : shared.appendAsync(draft.records(), draft);
            } catch (Throwable e) {
                future = CompletableFuture.failedFuture(e);
            }
        } finally {
            lock.unlock();
        }
        CompletableFuture<Void> unused = future.whenComplete((done, failed) -> {
            Throwable thrown = failed == null ? null : cause(failed);
            if (thrown != null) {
                recordFailure(thrown);
            }
            if (draft.endsWindow()) {
                whenWindowEnds.run();
            }
            outcome.done(draft, thrown);
        });
    }

    /** Numbers a call: from now on, later calls are numbered behind it. Called under the lock. */
    private Draft number(Call call, boolean ofUser) throws IOException {
        awaitSettled();
        checkUsable();
        if (ofUser && closed) throw LogStore.closed();
        Draft draft = new Draft(state, nextPlace, anchor);
        call.number(draft);
        if (draft.isEmpty()) return draft;
        if (!windowEnding && bytesInWindow >= windowBytes && state.boundary() == null) {
            draft.endWindow();
        }
        if (draft.endsWindow()) {
            windowEnding = true;
            bytesInWindow = 0;
        }
        bytesInWindow += draft.bytes();
        draft.afterwards(this::committed);
        draft.install();
        numbered++;
        nextPlace = draft.nextPlace();
        return draft;
    }

    /** The shared log committed a batch. Runs on the shared log's thread, one batch at a time. */
    private void committed(Draft draft, @Nullable Throwable thrown) {
        if (thrown != null) {
            fail(thrown);
        }
        appliedPlace = draft.lastPlace();
        applied.incrementAndGet();
    }

    /** Throws if a committed batch could not be applied. */
    private static void requireApplied(Draft draft) throws LogFailedException {
        Throwable thrown = draft.failure();
        if (thrown != null) throw failed(thrown);
    }

    /** Records that a batch failed. Waits for nothing, so the shared log's thread may call it. */
    void recordFailure(Throwable thrown) {
        lock.lock();
        try {
            failed.incrementAndGet();
            if (thrown instanceof CallRefusedException refused) {
                refusal = refused;
            } else if (thrown instanceof IllegalArgumentException) {
                // The places were wrong because an earlier batch was refused; its caller may not have recorded that
                // yet.
                if (refusal == null) {
                    refusal = new CallRefusedException(
                            "the shared log refused an earlier batch, so it refused this one, too. Nothing of it was "
                                    + "written. Repeat the call.",
                            thrown);
                }
            } else {
                fail(thrown);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Returns the exception for the caller of a batch that failed, once no batch in flight can change the answer. */
    IOException answer(Throwable thrown) {
        lock.lock();
        try {
            awaitSettled();
            Throwable failedWith = failure;
            if (failedWith != null) return failed(failedWith);
            if (thrown instanceof CallRefusedException refused) return refused;
            return lastRefusal == null ? failed(thrown) : lastRefusal;
        } finally {
            lock.unlock();
        }
    }

    /** Waits, if a batch was refused, until every batch in flight is settled. Called under the lock. */
    private void awaitSettled() {
        if (refusal == null) return;
        awaitWhile(() -> refusal != null && failure == null && !allSettled());
        if (refusal != null && failure == null) {
            restore();
        }
    }

    /** Waits until every change that was numbered for a log is settled, and its hook has run. */
    void awaitSettled(LogState log) {
        lock.lock();
        try {
            awaitWhile(() -> failure == null && log.numbered.newest > appliedPlace && !allSettled());
        } finally {
            lock.unlock();
        }
    }

    private boolean allSettled() {
        return numbered == applied.get() + failed.get();
    }

    /** Waits under the lock. The commit of a batch signals nothing, so the condition is looked at again and again. */
    private void awaitWhile(BooleanSupplier condition) {
        boolean interrupted = false;
        while (condition.getAsBoolean()) {
            try {
                long unused = settled.awaitNanos(SETTLING_NANOS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Sets every log back to what is committed. */
    private void restore() {
        for (LogState log : state.all()) {
            log.numbered.reset(log);
        }
        nextPlace = shared.nextId();
        windowEnding = state.boundary() != null;
        lastRefusal = refusal;
        refusal = null;
        settled.signalAll();
    }

    /** The first failure is final: reads go on, and reopening the store decides what was written. */
    void fail(Throwable thrown) {
        if (failure == null) {
            failure = thrown;
        }
    }

    @Nullable
    Throwable failure() {
        return failure;
    }

    void checkUsable() throws LogFailedException {
        Throwable thrown = failure;
        if (thrown != null) throw failed(thrown);
    }

    static LogFailedException failed(Throwable thrown) {
        String why = thrown instanceof LogFailedException ? thrown.getMessage() : "the store failed: " + thrown;
        return new LogFailedException(
                why + " Reads go on. Close the store and open it again to append; that decides what was written.",
                thrown);
    }

    /** Makes appends wait, or lets them go on. Removals and the store's own records never wait. */
    void holdAppends(boolean hold) {
        lock.lock();
        try {
            appendsHeld = hold;
            settled.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean holdsAppends() {
        return appendsHeld;
    }

    private void awaitSpace() throws IOException {
        if (!appendsHeld) return;
        hooks.refuseHook();
        lock.lock();
        try {
            appendWaits.incrementAndGet();
            while (appendsHeld && failure == null && !closed) {
                settled.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    long appendWaits() {
        return appendWaits.get();
    }

    /** Returns whether every change numbered for a log is committed. Called while numbering is locked. */
    boolean isSettled(LogState.Numbered log) {
        return log.newest <= appliedPlace;
    }

    /** The index record of the window that ended is durable. */
    void sealed(long place) {
        anchor = place;
    }

    /**
     * Returns whether a window has ended, or is ending, and has no index record yet. Called while numbering is locked.
     */
    boolean windowIsEnding() {
        return windowEnding;
    }

    void windowSealed() {
        lock.lock();
        try {
            windowEnding = false;
        } finally {
            lock.unlock();
        }
    }

    /** Refuses calls from now on, and waits until every batch in flight is settled. Returns whether this call did. */
    boolean close() {
        lock.lock();
        try {
            if (closed) return false;
            closed = true;
            settled.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** Runs an action while nothing is numbered. */
    void whileLocked(Runnable action) {
        lock.lock();
        try {
            action.run();
        } finally {
            lock.unlock();
        }
    }
}
