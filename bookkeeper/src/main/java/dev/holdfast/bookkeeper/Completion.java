package dev.holdfast.bookkeeper;

import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Takes the outcome of one call. */
interface Completion {
    /** Called once, by the owner's thread. Allocates nothing: it may be called because there is no memory. */
    void complete(@Nullable IOException failure);

    /** A caller that sleeps until its call is complete. An interrupt does not end the wait and is restored after it. */
    final class Waiter implements Completion {
        /** A waiter looks again this often, in case it could not be woken. */
        static final long LOOK_NANOS = 1_000_000_000;

        private final Thread thread = Thread.currentThread();
        private @Nullable IOException outcome;
        private volatile boolean done;

        @Override
        public void complete(@Nullable IOException failure) {
            outcome = failure;
            done = true;
            wake(thread);
        }

        /** Waits for the outcome; returns whether there is one at the deadline. */
        boolean await(Deadline deadline) throws IOException {
            boolean interrupted = false;
            while (!done && !deadline.isOver()) {
                LockSupport.parkNanos(this, Math.min(LOOK_NANOS, deadline.remainingNanos()));
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

        /** Wakes a thread that looks again by itself. */
        static void wake(Thread thread) {
            try {
                LockSupport.unpark(thread);
            } catch (RuntimeException | Error e) {
                // A virtual thread may need memory or a carrier to continue. It is woken by its own timer then.
            }
        }
    }
}
