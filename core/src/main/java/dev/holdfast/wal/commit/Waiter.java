package dev.holdfast.wal.commit;

import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One caller that waits for its stage. It sleeps until it is done, or until it is told to lead; an interrupt does not
 * end the wait, and is there again after it.
 *
 * <p>Before it sleeps it lets others run a few times: where there are more callers than processors that takes about as
 * long as a synced write, and who has not gone to sleep need not be woken, which costs more than all the rest of an
 * append (docs/decisions, 12). Where nobody else wants to run it takes a few microseconds once.
 */
final class Waiter {
    /** How often a caller lets others run before it sleeps. */
    private static final int YIELDS = 10;

    // Thread.isVirtual came with Java 21, and to call it by reflection may throw, here where a caller that does not
    // wait would take the lead along with
    // it. To ask for the class cannot.
    private static final @Nullable Class<?> VIRTUAL_THREAD = virtualThread();

    private enum State {
        WAITING,
        LEADS,
        DONE
    }

    private volatile State state = State.DONE;
    private volatile @Nullable Thread thread;
    private @Nullable IOException failure;
    private @Nullable ThreadDeath stopped;

    private static @Nullable Class<?> virtualThread() {
        try {
            return Class.forName("java.lang.BaseVirtualThread");
        } catch (ClassNotFoundException e) {
            return null; // A JDK without them, or one that calls them otherwise: then they yield, too.
        }
    }

    static boolean isVirtual(Thread thread) {
        Class<?> virtual = VIRTUAL_THREAD;
        return virtual != null && virtual.isInstance(thread);
    }

    /** For the calling thread, before anyone else can see the waiter. */
    void begin() {
        failure = null;
        thread = Thread.currentThread();
        state = State.WAITING;
    }

    /** Sleeps until done or told to lead; true if to lead. */
    boolean awaitTurn() {
        letOthersRun();
        boolean interrupted = false;
        while (state == State.WAITING) {
            try {
                LockSupport.park(this);
            } catch (ThreadDeath e) {
                stopped = e; // A thread that left now would take the lead along that it may be given.
            }
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return state == State.LEADS;
    }

    @SuppressWarnings("ThreadPriorityCheck") // it is faster for it, and right without it
    private void letOthersRun() {
        // A virtual thread goes to sleep and is woken for less than a few turns cost.
        if (isVirtual(Thread.currentThread())) {
            return;
        }
        for (int i = 0; i < YIELDS && state == State.WAITING; i++) {
            Thread.yield();
        }
    }

    /** Told by the leader that this caller is the next one. */
    void lead() {
        state = State.LEADS;
        LockSupport.unpark(thread);
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
        LockSupport.unpark(thread);
    }

    /**
     * Ends the wait: what the caller is to throw. The waiter may be used again, and keeps neither the caller's thread
     * nor the failure.
     */
    @Nullable
    IOException end() {
        IOException outcome = failure;
        failure = null;
        thread = null;
        ThreadDeath death = stopped;
        stopped = null;
        if (death != null) {
            throw death;
        }
        return outcome;
    }
}
