package dev.holdfast.bench.contender;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Gives a log that has no group commit of its own one. Whoever finds nobody writing takes all that waits, appends it as
 * one batch, and returns; what came meanwhile, and asynchronous appends, a thread takes over. So one caller alone waits
 * for no other thread, and of many callers none has to wait for its turn to find that its record is written. The report
 * says of a contender that it was measured behind this.
 */
public final class BatchingWriter implements AutoCloseable {
    /** Appends a batch with one sync. Never called twice at once. */
    public interface BatchAppend {
        void append(List<ByteBuffer> batch) throws Exception;
    }

    private static final int MAX_BATCH_BYTES = 1 << 20;

    private record Waiting(ByteBuffer data, Acknowledgement acknowledgement) {}

    private final BatchAppend target;
    private final Thread writer = new Thread(this::write, "batching-writer");
    private final Semaphore arrived = new Semaphore(0);
    private final ReentrantLock writing = new ReentrantLock();
    private final ReentrantLock queueing = new ReentrantLock();
    private List<Waiting> waiting = new ArrayList<>();
    private volatile boolean closing;

    public BatchingWriter(BatchAppend target) {
        this.target = target;
        writer.setDaemon(true);
        writer.start();
    }

    /** Appends and waits. */
    public void append(ByteBuffer data) throws Exception {
        Waiter waiter = new Waiter();
        add(new Waiting(data, waiter));
        if (writing.tryLock()) {
            try {
                writeAll();
            } finally {
                writing.unlock();
            }
            handOver();
        }
        // Otherwise whoever writes looks again when it is done.
        waiter.await();
    }

    /** Appends a batch and waits. */
    public void appendBatch(List<ByteBuffer> batch) throws Exception {
        writing.lock();
        try {
            target.append(batch);
        } finally {
            writing.unlock();
        }
        handOver();
    }

    /** Has the thread write what came while somebody else wrote. */
    private void handOver() {
        queueing.lock();
        try {
            if (!waiting.isEmpty()) {
                arrived.release();
            }
        } finally {
            queueing.unlock();
        }
    }

    /** Appends; the acknowledgement is completed on the thread that writes. */
    public void appendAsync(ByteBuffer data, Acknowledgement acknowledgement) {
        if (add(new Waiting(data, acknowledgement))) {
            arrived.release();
        }
    }

    /** True if it is the first that waits. */
    private boolean add(Waiting one) {
        queueing.lock();
        try {
            waiting.add(one);
            return waiting.size() == 1;
        } finally {
            queueing.unlock();
        }
    }

    private List<Waiting> takeAll() {
        queueing.lock();
        try {
            List<Waiting> taken = waiting;
            waiting = new ArrayList<>();
            return taken;
        } finally {
            queueing.unlock();
        }
    }

    private void write() {
        while (!closing) {
            arrived.acquireUninterruptibly();
            writing.lock();
            try {
                writeAll();
            } finally {
                writing.unlock();
            }
            handOver();
        }
    }

    private void writeAll() {
        List<Waiting> taken = takeAll();
        int from = 0;
        while (from < taken.size()) {
            int to = endOfBatch(taken, from);
            List<Waiting> batch = taken.subList(from, to);
            Throwable failure = append(batch);
            batch.forEach(written -> written.acknowledgement().complete(failure));
            from = to;
        }
    }

    private static int endOfBatch(List<Waiting> taken, int from) {
        int to = from;
        for (long bytes = 0; to < taken.size() && bytes < MAX_BATCH_BYTES; to++) {
            bytes += taken.get(to).data().remaining();
        }
        return to;
    }

    private @Nullable Throwable append(List<Waiting> batch) {
        try {
            target.append(batch.stream().map(Waiting::data).toList());
            return null;
        } catch (Exception e) {
            return e;
        }
    }

    /** Writes what waits, and ends the thread. */
    @Override
    public void close() throws InterruptedException {
        closing = true;
        arrived.release();
        writer.join();
    }
}
