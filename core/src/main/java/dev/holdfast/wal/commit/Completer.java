package dev.holdfast.wal.commit;

import dev.holdfast.wal.CallRefusedException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import org.jspecify.annotations.Nullable;

/** Completes futures in id order on a thread of the log, which exists before the append of a future is queued. */
final class Completer {
    private final CommitSettings settings;
    private final Admission admission;
    private final Runnable completeDecided = this::completeDecided;
    private boolean held; // guarded by the queue's lock

    private final AppendFuture.Chain decided = new AppendFuture.Chain(); // guarded by itself, as is the next field
    private boolean completes;

    Completer(CommitSettings settings, Admission admission) {
        this.settings = settings;
        this.admission = admission;
    }

    /**
     * Ensures that the completing thread exists and stays. Called under the queue's lock.
     *
     * @throws CallRefusedException if the thread cannot be created
     */
    void hold() throws CallRefusedException {
        if (held || !(settings.completing() instanceof ThreadPoolExecutor pool)) return;
        try {
            pool.allowCoreThreadTimeOut(false);
            pool.prestartCoreThread();
            held = true;
        } catch (OutOfMemoryError | RejectedExecutionException e) {
            throw new CallRefusedException(
                    settings.logName() + ": the thread that completes futures could not be created (" + e
                            + "). Nothing of this "
                            + "append was written. Check the limits of threads and memory, and append again. An append "
                            + "that waits needs no thread.",
                    e);
        }
    }

    /** Lets the completing thread end when it is idle. Called under the queue's lock. */
    void letGo() {
        if (held && settings.completing() instanceof ThreadPoolExecutor pool && admission.bytesInFlight() == 0) {
            held = false;
            pool.allowCoreThreadTimeOut(true);
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
            settings.completing().execute(completeDecided);
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
