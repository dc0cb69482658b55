package dev.holdfast.wal.segment;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Lends direct buffers to those who read just now and keeps a few for the next. Thread-safe. */
public final class Windows {
    private static final int KEPT = 16;

    private final ConcurrentLinkedQueue<Window> idle = new ConcurrentLinkedQueue<>();
    private final AtomicInteger kept = new AtomicInteger();

    /** A window for one reader alone. */
    public Window take() {
        Window window = idle.poll();
        if (window == null) {
            return new Window();
        }
        kept.decrementAndGet();
        return window;
    }

    /** Takes one back, if there is one. */
    public void give(@Nullable Window window) {
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
