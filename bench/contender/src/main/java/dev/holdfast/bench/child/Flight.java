package dev.holdfast.bench.child;

import dev.holdfast.bench.contender.Acknowledgement;
import dev.holdfast.bench.contender.Contender;
import java.nio.ByteBuffer;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Asynchronous appends with a limited number in flight. One thread appends. */
final class Flight {
    /** Callback for the acknowledgement of an append, on any thread. */
    interface Landing {
        void landed(long startNanos);
    }

    private final Contender contender;
    private final int depth;
    private final Semaphore free;
    private final LongAdder acknowledged = new LongAdder();
    private volatile @Nullable Throwable failure;

    Flight(Contender contender, int depth) {
        this.contender = contender;
        this.depth = depth;
        this.free = new Semaphore(depth);
    }

    /** Appends a record as soon as the number of appends in flight is below the limit. */
    void append(ByteBuffer data, Landing landing) throws Exception {
        if (!free.tryAcquire()) {
            contender.drain();
            free.acquire();
        }
        long start = System.nanoTime();
        Acknowledgement acknowledgement = cause -> {
            if (cause == null) {
                acknowledged.increment();
                landing.landed(start);
            } else {
                failure = cause;
            }
            free.release();
        };
        contender.appendAsync(data, acknowledgement);
        checkFailure();
    }

    long acknowledged() {
        return acknowledged.sum();
    }

    /** Waits until no append is in flight. */
    void land() throws Exception {
        contender.drain();
        free.acquire(depth);
        free.release(depth);
        checkFailure();
    }

    private void checkFailure() {
        Throwable cause = failure;
        if (cause != null) {
            throw new IllegalStateException("an append failed", cause);
        }
    }

    /** Appends records of {@code recordBytes} until {@code bytes} bytes of data are appended, as fast as possible. */
    static void append(Contender contender, long bytes, int recordBytes, int depth, long trimEveryBytes)
            throws Exception {
        Records records = new Records(recordBytes);
        Flight flight = new Flight(contender, depth);
        try (Trimmer trimming = new Trimmer(contender, flight::acknowledged, trimEveryBytes / recordBytes, () -> {})) {
            for (long i = 0; i < bytes / recordBytes; i++) {
                flight.append(records.get(i), start -> {});
            }
            flight.land();
        }
    }
}
