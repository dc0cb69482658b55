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
 * The appends in flight, the room that is left for more, and the completion of futures. An append whose caller waits is
 * in flight until it is decided. One with a future is in flight until the future's continuations have run, so a program
 * whose continuations are slow is held back where it appends.
 *
 * <p>The completing thread never waits for room, since it makes the room. It may fill the limit once more; further
 * futures are refused.
 *
 * <p>Methods are called under the queue's lock, unless they say otherwise.
 */
final class InFlight {
    /**
     * What an append takes beside its frames: its future, the boxed id, its share of the arrays that grow by doubling.
     */
    private static final int BYTES_AN_APPEND = 96;

    /**
     * So many bytes of futures are admitted whatever the limit: a continuation that takes its time does not stop a log
     * with a small one.
     */
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
    private final AtomicLong toldBytes = new AtomicLong(); // the completing thread's
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

    /** What an append of so many bytes of frames counts. */
    static long bytes(long frameBytes) {
        return frameBytes + BYTES_AN_APPEND;
    }

    /**
     * Whether there is room for an append whose caller waits. Futures whose records are durable do not hold it back.
     */
    boolean hasRoom(long bytes) {
        long taken = waitingBytes + undecidedFutureBytes;
        return taken == 0 || taken + bytes <= maxBytes || Thread.currentThread() == completer;
    }

    /** Whether there is room for an append with a future. */
    boolean hasRoomForFuture(long bytes) {
        long taken = waitingBytes + untoldBytes();
        return hasRoom(bytes)
                && (taken == 0 || taken + bytes <= maxBytesOfFutures || Thread.currentThread() == completer);
    }

    /** Gives the lock up until there may be more room for a future, or for an append whose caller waits. */
    @SuppressWarnings("WaitNotInLoop") // the caller loops
    void awaitRoom(long bytes, boolean future) {
        waiting.incrementAndGet();
        try {
            // Once more: the completing thread makes room without the lock, and then looks whether anybody waits.
            if (!(future ? hasRoomForFuture(bytes) : hasRoom(bytes))) {
                room.awaitUninterruptibly();
            }
        } finally {
            waiting.decrementAndGet();
        }
    }

    /**
     * Before a future's append is queued, makes sure that it can be completed: the completing thread is there, and
     * stays.
     *
     * @throws CallRefusedException if it cannot be made, or if it makes more futures than it completes
     */
    void holdCompleter(long bytes) throws CallRefusedException {
        long excess = waitingBytes + untoldBytes() - maxBytesOfFutures;
        if (excess > 0 && excess + bytes > maxBytesOfFutures) {
            throw new CallRefusedException(
                    logName + ": " + (excess + maxBytesOfFutures) + " bytes are in flight, the limit is "
                            + maxBytesOfFutures
                            + ", and continuations append more than completes. Their thread makes room, so "
                            + "it cannot wait for it. Nothing of this append was written. Append less in continuations, or "
                            + "from another thread.",
                    null);
        }
        if (pool == null) {
            if (untoldBytes() == 0) {
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
                    logName + ": no thread can be made that completes the future of an append (" + e
                            + "). Nothing of it "
                            + "was written. Look at the limits of threads and memory, and append again; an append that waits "
                            + "needs no thread.",
                    e);
        }
    }

    /** Lets the completing thread end once it has had nothing to do for a while. */
    void letCompleterGo() {
        if (held && pool != null && untoldBytes() == 0) {
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

    private long untoldBytes() {
        return futureBytes - toldBytes.get();
    }

    /** A group is decided. */
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

    /** Without the lock: has the completing thread complete futures behind those before; false if it takes no task. */
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
     * Without the lock, on a thread that does not lead: a future that never completes is worse than one that completes
     * on the wrong thread.
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
        long told = toldBytes.get();
        AppendFuture<?> future = takeDecided();
        while (future != null) {
            AppendFuture<?> next = future.takeNext();
            complete(future);
            told += future.bytesInFlight();
            if (next == null || waiting.get() > 0) {
                toldBytes.set(told);
                signalWithLock();
            }
            future = next == null ? takeDecided() : next;
        }
    }

    private @Nullable AppendFuture<?> takeDecided() {
        synchronized (decided) {
            completes = !decided.isEmpty();
            completer = completes ? completer : null;
            return decided.takeAll();
        }
    }

    private static void complete(AppendFuture<?> future) {
        try {
            future.complete();
        } catch (Throwable e) {
            // No memory or stack to tell a continuation; the other futures must complete.
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
