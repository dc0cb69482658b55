package dev.holdfast.bookkeeper;

import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Receives the outcome of one call. */
interface Completion {
    /**
     * Receives the id of the first record of an append, before the append is queued. If this method throws, the append
     * is not queued.
     */
    default void numbered(long firstId) {}

    /**
     * Completes the call. This method is called once, by the owner's thread or by the thread that runs commit hooks. It
     * must not allocate memory, because lack of memory may be the reason for the failure.
     *
     * @param failure null if the call succeeded
     */
    void complete(@Nullable IOException failure);

    /**
     * Lets a caller wait until its call is complete. An interrupt does not end the wait. The thread's interrupt flag is
     * set again afterwards.
     */
    final class Waiter implements Completion {
        /**
         * Longest time in nanoseconds for which a waiting thread parks before it checks its condition again. The check
         * is needed in case the attempt to wake the thread failed.
         */
        static final long CHECK_NANOS = 1_000_000_000;

        private final Thread thread = Thread.currentThread();
        private @Nullable IOException outcome;
        private volatile boolean done;

        @Override
        public void complete(@Nullable IOException failure) {
            outcome = failure;
            done = true;
            wake(thread);
        }

        /**
         * Waits for the outcome.
         *
         * @return true if the call succeeded, false if the deadline expired first
         * @throws IOException if the call failed
         */
        boolean await(Deadline deadline) throws IOException {
            boolean interrupted = false;
            while (!done && !deadline.isOver()) {
                LockSupport.parkNanos(this, Math.min(CHECK_NANOS, deadline.waitNanos()));
                interrupted |= Thread.interrupted();
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            if (!done) {
                return false;
            }
            IOException failure = outcome;
            if (failure != null) {
                throw failure;
            }
            return true;
        }

        /**
         * Wakes a parked thread. Never throws. If the thread cannot be woken, it still checks its condition within
         * {@link #CHECK_NANOS}.
         */
        static void wake(Thread thread) {
            try {
                LockSupport.unpark(thread);
            } catch (RuntimeException | Error e) {
                // Unparking a virtual thread may fail for lack of memory or of a carrier. Its timed park still ends.
            }
        }
    }
}
