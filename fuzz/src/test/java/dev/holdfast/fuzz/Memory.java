package dev.holdfast.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;

/**
 * Measures memory: the bytes that the current thread has allocated so far, including garbage, and the bytes in direct
 * buffers of all threads.
 */
final class Memory {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final BufferPoolMXBean DIRECT = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .filter(pool -> pool.getName().equals("direct"))
            .findFirst()
            .orElseThrow();

    private Memory() {}

    static long heapBytes() {
        return THREADS.getCurrentThreadAllocatedBytes();
    }

    static long directBytes() {
        return DIRECT.getMemoryUsed();
    }
}
