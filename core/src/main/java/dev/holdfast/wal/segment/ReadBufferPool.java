package dev.holdfast.wal.segment;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Lends direct buffers to those who read just now and keeps a few for the next. Thread-safe. */
public final class ReadBufferPool {
    private static final int KEPT = 16;

    private final ConcurrentLinkedQueue<ReadBuffer> idle = new ConcurrentLinkedQueue<>();
    private final AtomicInteger kept = new AtomicInteger();

    /** A window for one reader alone. */
    public ReadBuffer take() {
        ReadBuffer window = idle.poll();
        if (window == null) {
            return new ReadBuffer();
        }
        kept.decrementAndGet();
        return window;
    }

    /** Takes one back, if there is one. */
    public void give(@Nullable ReadBuffer window) {
        if (window == null) {
            return;
        }
        if (kept.incrementAndGet() <= KEPT) {
            idle.add(window);
        } else {
            kept.decrementAndGet();
        }
    }
}
