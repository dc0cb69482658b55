package dev.holdfast.wal.segment;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Lends direct memory to read buffers and keeps up to 16 idle pieces. Thread-safe. */
public final class ReadBufferPool {
    private final ConcurrentLinkedQueue<ReadBuffer.Memory> idle = new ConcurrentLinkedQueue<>();
    private final AtomicInteger kept = new AtomicInteger();

    /** Returns memory for the exclusive use of one buffer; of no length if none is idle. */
    ReadBuffer.Memory take() {
        ReadBuffer.Memory memory = idle.poll(); // seam: buffer-pool
        if (memory == null) return ReadBuffer.NONE;
        kept.decrementAndGet();
        return memory;
    }

    void give(ReadBuffer.Memory memory) {
        if (kept.incrementAndGet() <= 16) {
            idle.add(memory);
        } else {
            kept.decrementAndGet();
        }
    }
}
