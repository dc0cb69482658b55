package dev.holdfast.wal.commit;

import dev.holdfast.wal.CallRefusedException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Counts the bytes of appends in flight against a limit, and completes futures. An append with a waiting caller is in
 * flight until its group is done. An append with a future is in flight until the continuations of the future have run,
 * so slow continuations slow down the callers that append.
 *
 * <p>The completing thread never waits for room, because only this thread makes room. It may use up to twice the limit;
 * further futures are refused.
 *
 * <p>Methods are called under the queue's lock unless their comment says otherwise.
 */
final class InFlight {
    /** Bytes for an append besides its frames: its future, the boxed id, its share of arrays that grow by doubling. */
    private static final int BYTES_AN_APPEND = 96;

    /** Bytes of futures that are always admitted, so a slow continuation cannot stop a log with a small limit. */
    private static final long LEAST_BYTES_OF_FUTURES = 64 << 10;

    private final String logName;
    private final ReentrantLock lock;
    private final Condition room;
    private final long maxBytes;
    private final long maxBytesOfFutures;
    private final Executor completing;
    private final @Nullable ThreadPoolExecutor pool;
    private final Runnable completeDecided = this::completeDecided;

    private long waitingBytes;
    private long undecidedFutureBytes;
    private long futureBytes;
    private final AtomicLong completedBytes = new AtomicLong(); // written by the completing thread
    private final AtomicInteger waiting = new AtomicInteger();
    private boolean held;

    private final AppendFuture.Chain decided = new AppendFuture.Chain(); // guarded by itself, as is the next field
    private boolean completes;
    private volatile @Nullable Thread completer;

    InFlight(String logName, ReentrantLock lock, long maxBytes, Executor completing) {
        this.logName = logName;
        this.lock = lock;
        this.room = lock.newCondition();
        this.maxBytes = maxBytes;
        this.maxBytesOfFutures = Math.max(maxBytes, LEAST_BYTES_OF_FUTURES);
        this.completing = completing;
        this.pool = completing instanceof ThreadPoolExecutor threads ? threads : null;
    }

    /** Returns the bytes in flight of an append, given the bytes of its frames. */
    static long bytes(long frameBytes) {
        return frameBytes + BYTES_AN_APPEND;
    }

    /** Returns whether there is room for an append with a waiting caller. Futures of durable records do not count. */
    boolean hasRoom(long bytes) {
        long taken = waitingBytes + undecidedFutureBytes;
        return taken == 0 || taken + bytes <= maxBytes || Thread.currentThread() == completer;
    }

    /** Returns whether there is room for an append with a future. */
    boolean hasRoomForFuture(long bytes) {
        long taken = waitingBytes + uncompletedBytes();
        return hasRoom(bytes)
                && (taken == 0 || taken + bytes <= maxBytesOfFutures || Thread.currentThread() == completer);
    }

    /** Waits, without the lock, until there may be room for a future or for an append with a waiting caller. */
    @SuppressWarnings("WaitNotInLoop") // the caller loops
    void awaitRoom(long bytes, boolean future) {
        waiting.incrementAndGet();
        try {
            // Check again: the completing thread makes room without the lock, and signals only if a caller waits.
            if (!(future ? hasRoomForFuture(bytes) : hasRoom(bytes))) {
                room.awaitUninterruptibly();
            }
        } finally {
            waiting.decrementAndGet();
        }
    }

    /**
     * Ensures that the completing thread exists and stays, before an append is queued whose future it must complete.
     *
     * @throws CallRefusedException if the thread cannot be created, or if it appends more futures than it completes
     */
    void holdCompleter(long bytes) throws CallRefusedException {
        long excess = waitingBytes + uncompletedBytes() - maxBytesOfFutures;
        if (excess > 0 && excess + bytes > maxBytesOfFutures) {
            throw new CallRefusedException(
                    logName + ": " + (excess + maxBytesOfFutures) + " bytes are in flight, the limit is "
                            + maxBytesOfFutures
                            + ", and continuations append more than completes. Only the thread that runs them makes "
                            + "room, so it cannot wait for room. Nothing of this append was written. Append less in "
                            + "continuations, or append on another thread.",
                    null);
        }
        if (pool == null) {
            if (uncompletedBytes() == 0) {
                completing.execute(() -> {});
            }
        } else if (!held) {
            hold(pool);
        }
    }

    private void hold(ThreadPoolExecutor threads) throws CallRefusedException {
        try {
            threads.allowCoreThreadTimeOut(false);
            threads.prestartCoreThread();
            held = true;
        } catch (OutOfMemoryError | RejectedExecutionException e) {
            throw new CallRefusedException(
                    logName + ": the thread that completes futures could not be created (" + e + "). Nothing of this "
                            + "append was written. Check the limits of threads and memory, and append again. An append "
                            + "that waits needs no thread.",
                    e);
        }
    }

    /** Lets the completing thread end when it is idle. */
    void letCompleterGo() {
        if (held && pool != null && uncompletedBytes() == 0) {
            held = false;
            pool.allowCoreThreadTimeOut(pool.getKeepAliveTime(TimeUnit.NANOSECONDS) > 0);
        }
    }

    void add(long bytes) {
        waitingBytes += bytes;
    }

    void add(AppendFuture<?> future) {
        undecidedFutureBytes += future.bytesInFlight();
        futureBytes += future.bytesInFlight();
    }

    private long uncompletedBytes() {
        return futureBytes - completedBytes.get();
    }

    /** Releases the bytes in flight of a finished group. */
    void settle(Group group) {
        waitingBytes -= group.waitingBytes();
        undecidedFutureBytes -= group.futureBytes();
        group.settled();
        signal();
    }

    private void signal() {
        if (waiting.get() > 0) {
            room.signalAll();
        }
    }

    /**
     * Hands futures to the completing thread, behind earlier futures. Returns false if the thread accepts no task.
     * Called without the lock.
     */
    boolean complete(AppendFuture.Chain futures) {
        synchronized (decided) {
            futures.moveTo(decided);
            if (completes || decided.isEmpty()) {
                return true;
            }
            completes = true;
        }
        try {
            completing.execute(completeDecided);
            return true;
        } catch (Throwable e) {
            synchronized (decided) {
                completes = false;
            }
            return false;
        }
    }

    /**
     * Completes futures on the calling thread, which does not lead, if the completing thread accepts no task: a future
     * that never completes is worse than a future that completes on the wrong thread. Called without the lock.
     */
    void completeHere() {
        boolean here;
        synchronized (decided) {
            here = !completes;
            completes = true;
        }
        if (here) {
            completeDecided();
        }
    }

    private void completeDecided() {
        completer = Thread.currentThread();
        long completed = completedBytes.get();
        AppendFuture<?> future = takeDecided();
        while (future != null) {
            AppendFuture<?> next = future.takeNext();
            complete(future);
            completed += future.bytesInFlight();
            if (next == null || waiting.get() > 0) {
                completedBytes.set(completed);
                signalWithLock();
            }
            future = next == null ? takeDecided() : next;
        }
    }

    private @Nullable AppendFuture<?> takeDecided() {
        synchronized (decided) {
            completes = !decided.isEmpty();
            completer = completes ? completer : null;
            return decided.takeAll(); // seam: futures-order
        }
    }

    private static void complete(AppendFuture<?> future) {
        try {
            future.complete();
        } catch (Throwable e) {
            // There is no memory or stack for a continuation, but the other futures must complete.
            return;
        }
    }

    private void signalWithLock() {
        if (waiting.get() == 0) {
            return;
        }
        lock.lock();
        try {
            signal();
        } finally {
            lock.unlock();
        }
    }
}
