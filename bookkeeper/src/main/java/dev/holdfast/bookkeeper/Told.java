package dev.holdfast.bookkeeper;

import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Who hears what became of a call. */
interface Told {
    /** Told once, by the owner's thread or by the one that calls. */
    void tell(@Nullable IOException failure);

    /** A caller that sleeps until it is told. An interrupt does not end the wait, and is there again after it. */
    final class Waiter implements Told {
        private final Thread thread = Thread.currentThread();
        private @Nullable IOException outcome;
        private volatile boolean done;

        @Override
        public void tell(@Nullable IOException failure) {
            outcome = failure;
            done = true;
            LockSupport.unpark(thread);
        }

        void await() throws IOException {
            boolean interrupted = false;
            while (!done) {
                LockSupport.park(this);
                interrupted |= Thread.interrupted();
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            IOException failure = outcome;
            if (failure != null) {
                throw failure;
            }
        }
    }
}
