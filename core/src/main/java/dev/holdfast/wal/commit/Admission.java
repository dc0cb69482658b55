package dev.holdfast.wal.commit;

import static java.util.Objects.requireNonNull;

import dev.holdfast.wal.CallRefusedException;
import dev.holdfast.wal.CommitHook;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Admits appends while there is room for their bytes in flight. An append with a waiting caller is in flight until its
 * group is done. An append with a future is in flight until the continuations of the future have run, so slow
 * continuations slow down the callers that append.
 *
 * <p>The completing thread never waits for room, because only this thread makes room. It may use up to twice the limit;
 * further futures are refused.
 *
 * <p>Methods are called under the queue's lock unless their comment says otherwise.
 */
final class Admission {
    /** Bytes for an append besides its frames: its future, the boxed id, its share of arrays that grow by doubling. */
    private static final int BYTES_AN_APPEND = 96;

    /** Bytes for the hook of an append, including its exception and the caller's hook. */
    private static final int BYTES_A_HOOK = 128;

    /** Bytes of futures that are always admitted, so a slow continuation cannot stop a log with a small limit. */
    private static final long LEAST_BYTES_OF_FUTURES = 64 << 10;

    private final String logName;
    private final long maxBytesInFlight;
    private final ReentrantLock lock;
    private final Condition room;
    private final long maxBytesOfFutures;

    private long undecidedBytes; // of all appends whose group is not done
    private final AtomicLong uncompletedBytes = new AtomicLong(); // of the futures whose group is done
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile @Nullable Thread completing;

    Admission(String logName, long maxBytesInFlight, ReentrantLock lock) {
        this.logName = logName;
        this.maxBytesInFlight = maxBytesInFlight;
        this.lock = lock;
        this.room = lock.newCondition();
        this.maxBytesOfFutures = Math.max(maxBytesInFlight, LEAST_BYTES_OF_FUTURES);
    }

    /** Returns the bytes in flight of an append, given the bytes of its frames. Called without the lock. */
    static long bytes(long frameBytes, CommitHook hook) {
        return frameBytes + BYTES_AN_APPEND + (requireNonNull(hook) == CommitHook.NONE ? 0 : BYTES_A_HOOK);
    }

    /**
     * Returns whether there is room for an append; a batch larger than the limit is admitted alone. Futures of durable
     * records count only against other futures.
     */
    boolean hasRoom(long bytes, Caller caller) {
        long inFlight = bytesInFlight();
        boolean fits = undecidedBytes == 0 || undecidedBytes + bytes <= maxBytesInFlight;
        boolean futureFits = caller instanceof Waiter || inFlight == 0 || inFlight + bytes <= maxBytesOfFutures;
        return (fits && futureFits) || Thread.currentThread() == completing;
    }

    /** Waits, without the lock, until there may be room for an append. */
    @SuppressWarnings("WaitNotInLoop") // the caller loops
    void awaitRoom(long bytes, Caller caller) {
        waiting.incrementAndGet();
        try {
            // Check again: the completing thread makes room without the lock, and signals only if a caller waits.
            if (!hasRoom(bytes, caller)) {
                room.awaitUninterruptibly();
            }
        } finally {
            waiting.decrementAndGet();
        }
    }

    /** Throws if the completing thread appends more futures than it completes. */
    void refuseExcess(long bytes) throws CallRefusedException {
        long excess = bytesInFlight() - maxBytesOfFutures;
        if (excess > 0 && excess + bytes > maxBytesOfFutures) {
            throw new CallRefusedException(
                    logName + ": " + (excess + maxBytesOfFutures) + " bytes are in flight, the limit is "
                            + maxBytesOfFutures
                            + ", and continuations append more than completes. Only the thread that runs them makes "
                            + "room, so it cannot wait for room. Nothing of this append was written. Append less in "
                            + "continuations, or append on another thread.",
                    null);
        }
    }

    void add(long bytes) {
        undecidedBytes += bytes;
    }

    long bytesInFlight() {
        return undecidedBytes + uncompletedBytes.get();
    }

    /** Releases the bytes in flight of a finished group, except those of its futures. */
    void settle(Group group) {
        undecidedBytes -= group.bytesInFlight;
        uncompletedBytes.addAndGet(group.futureBytes);
        group.settled();
        room.signalAll();
    }

    /** Returns whether an append waits for room. Called without the lock. */
    boolean isAwaited() {
        return waiting.get() > 0;
    }

    /** Sets the thread that completes futures, or null if none does. Called without the lock. */
    void completesOn(@Nullable Thread thread) {
        completing = thread;
    }

    /** Releases the bytes in flight of completed futures. Called by the completing thread, without the lock. */
    void completed(long bytes) {
        uncompletedBytes.addAndGet(-bytes);
        if (isAwaited()) {
            lock.lock();
            try {
                room.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }
}
