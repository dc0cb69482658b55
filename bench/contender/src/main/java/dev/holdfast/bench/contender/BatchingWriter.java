package dev.holdfast.bench.contender;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Adds group commit to a log without it. A caller that finds no thread writing takes all waiting records, appends them
 * as one batch, and returns. A thread of the writer appends the records that arrived meanwhile, and asynchronous
 * appends. A single caller therefore waits for no other thread, and no caller waits for its turn although its record is
 * written already. The report names the contenders that use this wrapper.
 */
public final class BatchingWriter implements AutoCloseable {
    /** Appends a batch with one sync. Never called concurrently. */
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

    /** Appends a record and waits for its acknowledgement. */
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
        // Otherwise the thread that writes looks for new records when it is done.
        waiter.await();
    }

    /** Appends a batch and waits for its acknowledgement. */
    public void appendBatch(List<ByteBuffer> batch) throws Exception {
        writing.lock();
        try {
            target.append(batch);
        } finally {
            writing.unlock();
        }
        handOver();
    }

    /** Wakes the thread of the writer for the records that arrived while another thread wrote. */
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

    /** Appends a record asynchronously. The acknowledgement is completed on the thread that writes. */
    public void appendAsync(ByteBuffer data, Acknowledgement acknowledgement) {
        if (add(new Waiting(data, acknowledgement))) {
            arrived.release();
        }
    }

    /** Adds a record to the queue. Returns whether it is the only one. */
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

    /** Writes the waiting records and ends the thread. */
    @Override
    public void close() throws InterruptedException {
        closing = true;
        arrived.release();
        writer.join();
    }
}
