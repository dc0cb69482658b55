package dev.holdfast.wal.commit;

import dev.holdfast.wal.CallRefusedException;
import dev.holdfast.wal.threads.ReservedThreads;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Completes futures in id order, on a thread that is reserved before the append of a future is queued and while futures
 * are in flight.
 */
final class Completer {
    private final String logName;
    private final Executor completing;
    private final Admission admission;
    private final ReentrantLock lock; // of the queue
    private final Runnable completeDecided = this::completeDecided;
    private boolean held; // guarded by the lock

    private final AppendFuture.Chain decided = new AppendFuture.Chain(); // guarded by itself, as is the next field
    private boolean completes;

    Completer(String logName, Executor completing, Admission admission, ReentrantLock lock) {
        this.logName = logName;
        this.completing = completing;
        this.admission = admission;
        this.lock = lock;
    }

    /**
     * Ensures that the completing thread exists and stays. Called under the lock.
     *
     * @throws CallRefusedException if the thread cannot be created
     */
    void hold() throws CallRefusedException {
        if (held) return;
        try {
            if (completing instanceof ReservedThreads threads) {
                threads.reserve();
            }
            held = true;
        } catch (OutOfMemoryError | RejectedExecutionException e) {
            throw new CallRefusedException(
                    logName + ": the thread that completes futures could not be created (" + e
                            + "). Nothing of this "
                            + "append was written. Check the limits of threads and memory, and append again. An append "
                            + "that waits needs no thread.",
                    e);
        }
    }

    /** Gives up the completing thread if nothing is in flight. Without memory, the next call does it. */
    void letGo() {
        try {
            lock.lock();
        } catch (OutOfMemoryError e) {
            return;
        }
        try {
            if (!held || admission.bytesInFlight() > 0) return; // seam: futures-in-flight
            held = false;
            if (completing instanceof ReservedThreads threads) {
                threads.release();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Hands futures to the completing thread, behind earlier futures. Returns false if the thread accepts no task. */
    boolean complete(AppendFuture.Chain futures) {
        synchronized (decided) {
            futures.moveTo(decided);
            if (completes || decided.isEmpty()) return true;
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
     * that never completes is worse than a future that completes on the wrong thread.
     */
    void completeHere() {
        synchronized (decided) {
            if (completes) return;
            completes = true;
        }
        completeDecided();
    }

    private void completeDecided() {
        admission.completesOn(Thread.currentThread());
        long bytes = 0;
        AppendFuture<?> future = takeDecided();
        while (future != null) {
            AppendFuture<?> next = future.takeNext();
            try {
                future.complete();
            } catch (Throwable e) {
                // There is no memory or stack for a continuation, but the other futures must complete.
            }
            bytes += future.bytesInFlight;
            if (next == null || admission.isAwaited()) {
                admission.completed(bytes);
                bytes = 0;
            }
            future = next == null ? takeDecided() : next;
        }
        letGo();
    }

    private @Nullable AppendFuture<?> takeDecided() {
        synchronized (decided) {
            completes = !decided.isEmpty();
            if (!completes) {
                admission.completesOn(null);
            }
            return decided.takeAll(); // seam: futures-order
        }
    }
}
