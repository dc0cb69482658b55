package dev.holdfast.bookkeeper;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Admits appends in the order of their arrival, independent of their size. Without this order, small appends could
 * occupy the freed room again and again, and a large append would wait forever.
 *
 * <p>A thread that releases room admits, in order, the waiting callers for which there is room now, and wakes only
 * these callers. A caller that gives up admits the callers behind it for which there is room now.
 *
 * <p>The state is guarded by a monitor and not by a lock, because leaving a monitor allocates nothing and happens even
 * if an error is thrown.
 */
final class AdmissionQueue {
    private final Admission admission;
    private @Nullable Waiting head;
    private @Nullable Waiting tail;
    private volatile boolean stopped;

    AdmissionQueue(Admission admission) {
        this.admission = admission;
    }

    /** A caller that waits for room: a node of a doubly linked list. */
    private static final class Waiting {
        private final Thread thread = Thread.currentThread();
        private final long bytes;
        private final long records;
        private volatile long inFlight;
        private boolean inLine;
        private @Nullable Waiting before;
        private @Nullable Waiting behind;

        Waiting(long bytes, long records) {
            this.bytes = bytes;
            this.records = records;
        }
    }

    /**
     * Waits until there is room for a batch.
     *
     * @return the number of unacknowledged records, including this batch, so at least 1; or 0 if the batch was not
     *     admitted, because there was no room before the deadline or admission was stopped
     */
    long admit(long bytes, long records, Deadline deadline) {
        Waiting waiting;
        synchronized (this) {
            if (stopped) {
                return 0;
            }
            if (head == null && admission.hasRoom(bytes, records)) {
                return admission.add(bytes, records);
            }
            waiting = new Waiting(bytes, records);
            addLast(waiting);
        }
        boolean left = false;
        try {
            await(waiting, deadline);
            long inFlight = leave(waiting);
            left = true;
            return inFlight;
        } finally {
            if (!left && leave(waiting) > 0) {
                giveBack(bytes, records);
            }
        }
    }

    private void await(Waiting waiting, Deadline deadline) {
        boolean interrupted = false;
        while (waiting.inFlight == 0 && !stopped && !deadline.isOver()) {
            LockSupport.parkNanos(this, Math.min(Completion.Waiter.CHECK_NANOS, deadline.waitNanos()));
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized long leave(Waiting waiting) {
        if (waiting.inLine) {
            remove(waiting);
            admitNext();
        }
        return waiting.inFlight;
    }

    /**
     * Admits a batch that a future's continuation appends, without waiting. A continuation must not wait for room,
     * because the thread that runs it also releases room. Therefore, twice the limits apply to the batch.
     *
     * @return the number of unacknowledged records, including this batch; or 0 if there is no room, and the batch was
     *     not admitted
     */
    synchronized long admitContinuation(long bytes, long records) {
        return admission.hasRoomForContinuation(bytes, records) ? admission.add(bytes, records) : 0;
    }

    /** Admits a batch without a limit; returns the number of unacknowledged records, including this batch. */
    synchronized long admitAlways(long bytes, long records) {
        return admission.add(bytes, records);
    }

    /** Releases the room of a batch that was not acknowledged. */
    synchronized void giveBack(long bytes, long records) {
        admission.removeUnacknowledged(records);
        admission.remove(bytes, records);
        admitNext();
    }

    /** Releases the room of a batch that was acknowledged. */
    synchronized void giveBackAcknowledged(long bytes, long records) {
        admission.remove(bytes, records);
        admitNext();
    }

    /**
     * Notes that batches were acknowledged, and adjusts the limit of records. The batches occupy their room until
     * {@link #giveBackAcknowledged}.
     *
     * @param records the number of records in these batches
     * @param inFlight see {@link Admission#acknowledged}
     * @param waitedNanos see {@link Admission#acknowledged}
     */
    synchronized void acknowledged(long records, long inFlight, long waitedNanos) {
        admission.removeUnacknowledged(records);
        admission.acknowledged(inFlight, waitedNanos);
    }

    private void admitNext() {
        for (Waiting next = head;
                next != null && !stopped && admission.hasRoom(next.bytes, next.records);
                next = head) {
            remove(next);
            next.inFlight = admission.add(next.bytes, next.records);
            Completion.Waiter.wake(next.thread);
        }
    }

    /** Stops admission. Wakes all waiting callers without admitting them. */
    synchronized void stop() {
        stopped = true;
        for (Waiting next = head; next != null; next = head) {
            remove(next);
            Completion.Waiter.wake(next.thread);
        }
    }

    private void addLast(Waiting waiting) {
        Waiting last = tail;
        waiting.before = last;
        if (last == null) {
            head = waiting;
        } else {
            last.behind = waiting;
        }
        tail = waiting;
        waiting.inLine = true;
    }

    private void remove(Waiting waiting) {
        Waiting before = waiting.before;
        Waiting behind = waiting.behind;
        if (before == null) {
            head = behind;
        } else {
            before.behind = behind;
        }
        if (behind == null) {
            tail = before;
        } else {
            behind.before = before;
        }
        waiting.before = null;
        waiting.behind = null;
        waiting.inLine = false;
    }
}
