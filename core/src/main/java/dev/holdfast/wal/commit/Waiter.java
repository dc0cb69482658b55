package dev.holdfast.wal.commit;

import dev.holdfast.wal.CommitHookException;
import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A caller that waits for its queue item. It sleeps until the item is done or until it is made the leader. An interrupt
 * does not end the wait; the interrupt flag is restored afterwards. Before the caller sleeps, it yields a few times,
 * because a wake-up costs more than the rest of an append (docs/decisions, 12).
 */
final class Waiter implements Caller {
    static final int YIELDS = 10;

    // Thread.isVirtual exists from Java 21 on. A call by reflection may throw. If a caller throws instead of waiting
    // and is then made the leader, nobody leads. A test of a thread's class cannot throw.
    private static final Class<?> VIRTUAL_THREAD = virtualThread();

    private enum State {
        WAITING,
        LEADS,
        DONE
    }

    private volatile State state = State.DONE;
    private volatile @Nullable Thread thread;
    private @Nullable IOException failure;
    private @Nullable CommitHookException hookFailure;
    private @Nullable ThreadDeath stopped;

    private static Class<?> virtualThread() {
        try {
            return Class.forName("java.lang.BaseVirtualThread");
        } catch (ClassNotFoundException e) {
            return Void.class; // a JDK without virtual threads, or with another name for the class: all threads yield
        }
    }

    static boolean isVirtual(Thread thread) {
        return VIRTUAL_THREAD.isInstance(thread);
    }

    @Override
    public void hookFailed(CommitHookException what) {
        hookFailure = what;
    }

    /** Begins a wait of the calling thread. Must be called before another thread can see the waiter. */
    void begin() {
        thread = Thread.currentThread();
        state = State.WAITING;
    }

    /** Sleeps until the item is done or the caller must lead. Returns whether the caller must lead. */
    boolean awaitTurn() {
        letOthersRun();
        boolean interrupted = false;
        while (state == State.WAITING) {
            try {
                LockSupport.park(this);
            } catch (ThreadDeath e) {
                stopped = e; // keep waiting: this thread may be made the leader
            }
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return state == State.LEADS;
    }

    @SuppressWarnings("ThreadPriorityCheck") // the yields only improve performance
    private void letOthersRun() {
        // To park and unpark a virtual thread costs less than a few yields.
        if (isVirtual(Thread.currentThread())) return;
        for (int i = 0; i < YIELDS && state == State.WAITING; i++) {
            Thread.yield();
        }
    }

    void lead() {
        state = State.LEADS;
        LockSupport.unpark(thread);
    }

    /** Sets the outcome of the item. The caller still sleeps. */
    void done(@Nullable IOException outcome) {
        failure = outcome; // seam: waiter-failure
        state = State.DONE; // seam: waiter-done
    }

    boolean isDone() {
        return state == State.DONE;
    }

    /** Wakes the caller. If the caller already woke and waits elsewhere, a stray permit wakes it; it sleeps again. */
    void wake() {
        LockSupport.unpark(thread);
    }

    /**
     * Ends the wait. A waiter whose wait ends with an exception is not reused.
     *
     * @throws IOException the failure of the item
     * @throws CommitHookException if the hook of the append failed, with the stack trace of this thread
     */
    void end() throws IOException {
        thread = null;
        if (stopped != null) throw stopped;
        if (failure != null) throw failure;
        CommitHookException hook = hookFailure;
        if (hook != null) {
            hook.fillInStackTrace();
            throw hook;
        }
    }
}
