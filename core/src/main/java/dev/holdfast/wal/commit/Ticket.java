package dev.holdfast.wal.commit;

import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One caller that waits for its stage. It sleeps until it is done, or until it is told to lead; an interrupt does not end the wait, and is
 * there again after it.
 */
final class Ticket {
    private enum State {
        WAITING,
        LEADS,
        DONE
    }

    private volatile State state = State.WAITING;
    private volatile @Nullable Thread waiter;
    private @Nullable IOException failure;

    /** For the calling thread, before anyone else can see the ticket. */
    void begin() {
        failure = null;
        waiter = Thread.currentThread();
        state = State.WAITING;
    }

    /** Sleeps until done or told to lead; true if to lead. */
    boolean awaitTurn() {
        boolean interrupted = false;
        while (state == State.WAITING) {
            LockSupport.park(this);
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return state == State.LEADS;
    }

    /** Told by the leader that this caller is the next one. */
    void lead() {
        state = State.LEADS;
        LockSupport.unpark(waiter);
    }

    /** Told by the leader that the stage is done; the caller still sleeps. */
    void done(@Nullable IOException outcome) {
        failure = outcome;
        state = State.DONE;
    }

    boolean isDone() {
        return state == State.DONE;
    }

    /** Wakes the caller. If it woke by itself and waits for something else already, it will go back to sleep. */
    void wake() {
        LockSupport.unpark(waiter);
    }

    /** What the caller is to throw. */
    @Nullable
    IOException failure() {
        return failure;
    }
}
