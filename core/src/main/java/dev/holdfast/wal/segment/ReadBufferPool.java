package dev.holdfast.wal.segment;

import java.util.concurrent.ArrayBlockingQueue;

/** Lends direct memory to read buffers and keeps up to 16 idle pieces. Thread-safe. */
public final class ReadBufferPool {
    private final ArrayBlockingQueue<ReadBuffer.Memory> idle = new ArrayBlockingQueue<>(16);

    /** Returns memory for the exclusive use of one buffer; of no length if none is idle. */
    ReadBuffer.Memory take() {
        ReadBuffer.Memory memory = idle.poll(); // seam: buffer-pool
        return memory == null ? ReadBuffer.NONE : memory;
    }

    void give(ReadBuffer.Memory memory) {
        boolean unused = idle.offer(memory);
    }
}
