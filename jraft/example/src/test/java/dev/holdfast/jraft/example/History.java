package dev.holdfast.jraft.example;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Records which writes were sent and which were acknowledged. Its clock counts these events. */
final class History {
    static final long NEVER = Long.MAX_VALUE;

    /** A write. {@code acknowledgedAt} is {@link #NEVER} if it is unknown whether the write was applied. */
    record Write(long askedAt, long acknowledgedAt) {}

    private static final int PATIENCE_SECONDS = 120;

    private final Map<String, Write> writes = new HashMap<>();
    private long clock;
    private int acknowledged;

    synchronized void asked(String write) {
        if (writes.put(write, new Write(clock++, NEVER)) != null) {
            throw new IllegalArgumentException("sent twice: " + write);
        }
    }

    synchronized void acknowledged(String write) {
        writes.put(write, new Write(writes.get(write).askedAt(), clock++));
        acknowledged++;
        notifyAll();
    }

    synchronized Map<String, Write> writes() {
        return Map.copyOf(writes);
    }

    synchronized int acknowledged() {
        return acknowledged;
    }

    /** Waits for a number of further acknowledgements. */
    synchronized void awaitMore(int count) throws InterruptedException {
        int target = acknowledged + count;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (acknowledged < target) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                throw new AssertionError("only " + (acknowledged - target + count) + " of " + count
                        + " writes were acknowledged in " + PATIENCE_SECONDS + " s");
            }
            wait(left);
        }
    }
}
