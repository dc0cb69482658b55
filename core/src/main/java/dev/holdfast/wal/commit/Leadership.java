package dev.holdfast.wal.commit;

import dev.holdfast.wal.CallRefusedException;
import dev.holdfast.wal.CorruptLogException;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Decides which thread leads, and runs the items of the queue on it, one after the other. */
final class Leadership {
    /** Number of times that a leader tries to get the lock before it sleeps. All tries take a few microseconds. */
    private static final int SPINS = 100;

    private final ReentrantLock lock;
    private final QueuedItems items;
    private final Tail tail;
    private final Admission admission;
    private final Completer completer;
    private final IdleMarker idle;
    private final Executor writing;
    private final Runnable leadIfNobodyDoes = this::leadIfNobodyDoes;

    private volatile boolean leading; // changed under the lock, except by a leader that dies
    private boolean leaderAsked;

    // The leader's current item, which stays here if the leader dies, and the number of leaders that died.
    private @Nullable QueueItem inHand;
    private int deaths;

    Leadership(
            QueuedItems items, Tail tail, Admission admission, Completer completer, IdleMarker idle, Executor writing) {
        this.lock = items.lock;
        this.items = items;
        this.tail = tail;
        this.admission = admission;
        this.completer = completer;
        this.idle = idle;
        this.writing = writing;
    }

    /** Returns whether a thread leads. Called under the lock. */
    boolean isTaken() {
        return leading;
    }

    /**
     * Makes a caller the leader if there is none. If the caller is a future, a thread of the log leads, or the calling
     * thread if no other is available. Called under the lock.
     *
     * @return whether the calling thread must {@link #lead}
     */
    boolean offer(Caller caller) {
        if (leading || (caller instanceof AppendFuture && askForLeader())) return false;
        leading = true;
        if (caller instanceof Waiter waiter) {
            waiter.lead();
        }
        return true;
    }

    /** Starts a leader on a thread of the log. Returns false if no thread is available. */
    private boolean askForLeader() {
        if (!leaderAsked) {
            try {
                writing.execute(leadIfNobodyDoes);
                leaderAsked = true;
            } catch (OutOfMemoryError | RejectedExecutionException e) {
                return false;
            }
        }
        return true;
    }

    void leadIfNobodyDoes() {
        lock.lock();
        try {
            leaderAsked = false;
            if (leading || (items.head() == null && inHand == null)) return;
            leading = true;
        } finally {
            lock.unlock();
        }
        lead(null);
    }

    /**
     * Ends a call that throws. If the call's item is queued, the thread may still be made the leader, so it waits here
     * until the item is done.
     */
    void left(Waiter waiter) {
        while (lock.isHeldByCurrentThread()) {
            lock.unlock();
        }
        if (!waiter.isDone() && waiter.awaitTurn()) {
            lead(waiter);
        }
        if (tail.failure() != null) {
            leadIfNobodyDoes();
        }
    }

    /** Leads until the item of {@code own} is done; if null, until no item is left or a caller can lead. */
    void lead(@Nullable Waiter own) {
        QueueItem item = inHand; // null, unless the previous leader died while it worked on this item
        IOException outcome = tail.failure();
        boolean leads = true;
        boolean nobodyCompletes = false;
        try {
            while (true) {
                if (item != null) {
                    item.done(outcome); // seam: queue-done
                    if (deaths > 0 || !item.futures.isEmpty()) {
                        nobodyCompletes = !completer.complete(item.futures);
                    }
                }
                QueueItem next;
                lockSoon();
                try {
                    if (item instanceof Group group) {
                        admission.settle(group);
                        if (outcome == null) {
                            idle.groupWritten();
                        }
                    }
                    inHand = null;
                    next = passOn(own) ? null : items.take();
                    leads = next != null;
                    inHand = next;
                } finally {
                    lock.unlock();
                }
                if (item != null) {
                    item.wake();
                    items.reuse(item);
                }
                item = next;
                if (next == null) break;
                outcome = next.refusal; // seam: queue-run
                if (outcome == null) {
                    try {
                        if (next instanceof Group group) {
                            tail.write(group.records); // seam: group-run
                        } else if (next instanceof Operation operation) {
                            operation.action.run(tail);
                        }
                    } catch (CallRefusedException | CorruptLogException e) {
                        outcome = e;
                        items.refuseAppends(e);
                    } catch (Throwable e) {
                        outcome = tail.fail(e);
                    }
                }
                if (outcome == null && next instanceof Group group) {
                    group.runHooks(); // seam: queue-hooks
                }
            }
        } catch (Throwable e) {
            try {
                if (item != null) item.wake();
            } finally {
                if (leads) die(e);
            }
            throw e;
        }
        if (nobodyCompletes) {
            completer.completeHere();
        }
    }

    /**
     * Handles the death of a leader: its thread has no stack left, or was stopped. Fails the log. All waiting callers
     * must then be completed with the failure. The same thread completes them, after it has returned to an outer frame.
     * If this thread dies again, a thread of the log or the next call completes them.
     */
    private void die(Throwable e) {
        boolean leadsAgain = ++deaths == 1;
        try {
            tail.fail(e);
        } finally {
            tail.failWithoutMemory();
            if (leadsAgain) {
                lead(null);
            } else {
                leading = false;
            }
        }
        if (deaths == 2) {
            writing.execute(leadIfNobodyDoes);
        }
    }

    /**
     * Takes the lock, which callers hold while they copy a record. Spins before it sleeps, because a wake-up takes
     * longer than all work of a leader between two writes, and the disk would be idle meanwhile (docs/decisions, 13).
     */
    private void lockSoon() {
        for (int i = 0; i < SPINS; i++) {
            if (lock.tryLock()) return;
            Thread.onSpinWait();
        }
        lock.lock();
    }

    /** Passes leadership on if this leader is done. Returns whether the calling thread has stopped leading. */
    private boolean passOn(@Nullable Waiter own) {
        QueueItem head = items.head();
        if (head == null) {
            leading = false;
            return true;
        }
        Waiter waiter = head.waiters.isEmpty() ? null : head.waiters.get(0);
        boolean done = own == null ? waiter != null && head.futures.isEmpty() : own.isDone();
        if (!done) return false;
        if (waiter != null) {
            waiter.lead(); // seam: lead-passed
            return true;
        }
        leading = !askForLeader();
        return !leading;
    }
}
