package dev.holdfast.bookkeeper;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Admits appends in the order in which they came, however large they are: otherwise small ones would leave room for
 * small ones only, and a large one would wait for ever.
 *
 * <p>Whoever gives room back admits as many of the callers that wait as fit now, on their behalf, and wakes these
 * alone. A caller that gives up passes its turn on.
 *
 * <p>Monitors guard the state instead of locks, since leaving one allocates nothing and happens whatever is thrown.
 */
final class AdmissionQueue {
    private final Admission admission;
    private @Nullable Waiting head;
    private @Nullable Waiting tail;
    private volatile boolean stopped;

    AdmissionQueue(Admission admission) {
        this.admission = admission;
    }

    /** A caller that waits for room, in a list. */
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
     * @return how many records are in flight with it, at least 1; 0 if there was no room in time, or admission has
     *     stopped
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
            LockSupport.parkNanos(this, Math.min(Completion.Waiter.LOOK_NANOS, deadline.remainingNanos()));
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
     * Admits a batch of a continuation, which must not wait for room: the thread that it runs on gives room back. It
     * may exceed the limits by as much again.
     *
     * @return how many records are in flight with it; 0 if there is no room
     */
    synchronized long admitContinuation(long bytes, long records) {
        return admission.hasRoomForContinuation(bytes, records) ? admission.add(bytes, records) : 0;
    }

    /** Admits a batch, whatever is in flight; returns how many records are in flight with it. */
    synchronized long admitAlways(long bytes, long records) {
        return admission.add(bytes, records);
    }

    /** A batch is not in flight any more. */
    synchronized void giveBack(long bytes, long records) {
        admission.remove(bytes, records);
        admitNext();
    }

    /** See {@link Admission#acknowledged}. */
    synchronized void acknowledged(long inFlight, long waitedNanos) {
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

    /** Admits nobody any more, and wakes all who wait. */
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
