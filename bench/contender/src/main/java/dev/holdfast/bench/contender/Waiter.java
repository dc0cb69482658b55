package dev.holdfast.bench.contender;

import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** Waits for one acknowledgement. */
public final class Waiter implements Acknowledgement {
    private final CountDownLatch completed = new CountDownLatch(1);
    private volatile @Nullable Throwable failure;

    @Override
    public void complete(@Nullable Throwable cause) {
        failure = cause;
        completed.countDown();
    }

    /** Returns when the record is acknowledged. Throws if the append failed. */
    public void await() throws Exception {
        completed.await();
        Throwable cause = failure;
        if (cause != null) {
            throw new IllegalStateException("an append failed", cause);
        }
    }
}
