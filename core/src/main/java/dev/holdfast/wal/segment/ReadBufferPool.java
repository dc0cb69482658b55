package dev.holdfast.wal.segment;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Lends direct buffers to readers and keeps up to 16 idle ones. Thread-safe. */
public final class ReadBufferPool {
    private static final int KEPT = 16;

    private final ConcurrentLinkedQueue<ReadBuffer> idle = new ConcurrentLinkedQueue<>();
    private final AtomicInteger kept = new AtomicInteger();

    /** Returns a buffer for the exclusive use of one reader. */
    public ReadBuffer take() {
        ReadBuffer window = idle.poll(); // seam: buffer-pool
        if (window == null) {
            return new ReadBuffer();
        }
        kept.decrementAndGet();
        return window;
    }

    /** Takes a buffer back; does nothing for null. */
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
