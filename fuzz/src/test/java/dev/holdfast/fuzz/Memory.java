package dev.holdfast.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;

/**
 * How much memory the current thread has allocated so far, be it garbage by now; and how much all have in direct
 * buffers.
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
