package dev.holdfast.wal.commit;

import dev.holdfast.wal.format.GroupBuffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** Appends that share one write and one sync: their records, and who waits for them. */
final class Group implements Stage {
    private final GroupBuffer records = new GroupBuffer();
    private final List<Ticket> tickets = new ArrayList<>();
    private List<AppendFuture<?>> futures = List.of();
    private long dataBytes;
    private long admittedBytes;

    /** Empties the group; its first record will have this id. */
    Group begin(long firstId) {
        records.clear(firstId);
        tickets.clear();
        dataBytes = 0;
        admittedBytes = 0;
        return this;
    }

    GroupBuffer records() {
        return records;
    }

    /** Whether a batch that begins with this id may join: it follows, and the group does not grow beyond a limit. */
    boolean takes(long firstId, long frameBytes, long maxBytes) {
        return records.lastId() + 1 == firstId && records.length() + frameBytes <= maxBytes;
    }

    void admitted(long frameBytes, long batchDataBytes) {
        admittedBytes += frameBytes;
        dataBytes += batchDataBytes;
    }

    long admittedBytes() {
        return admittedBytes;
    }

    long dataBytes() {
        return dataBytes;
    }

    void join(Ticket ticket) {
        tickets.add(ticket);
    }

    void join(AppendFuture<?> future) {
        if (futures.isEmpty()) {
            futures = new ArrayList<>();
        }
        futures.add(future);
    }

    @Override
    public boolean hasFutures() {
        return !futures.isEmpty();
    }

    @Override
    public void run(Tail tail) throws IOException {
        if (records.count() > 0) {
            tail.write(records);
        }
    }

    @Override
    public void done(@Nullable IOException failure, Executor completing) {
        for (int i = 0; i < tickets.size(); i++) {
            tickets.get(i).done(failure);
        }
        if (!futures.isEmpty()) {
            List<AppendFuture<?>> complete = futures;
            futures = List.of();
            completeLater(complete, failure, completing);
        }
    }

    private static void completeLater(
            List<AppendFuture<?>> futures, @Nullable IOException failure, Executor completing) {
        try {
            completing.execute(() -> futures.forEach(future -> future.complete(failure)));
        } catch (OutOfMemoryError | RejectedExecutionException e) {
            // A future that never completes is worse than one that completes on the wrong thread.
            for (int i = 0; i < futures.size(); i++) {
                futures.get(i).complete(failure);
            }
        }
    }

    @Override
    public void wake() {
        for (int i = 0; i < tickets.size(); i++) {
            tickets.get(i).wake();
        }
    }

    @Override
    public @Nullable Ticket waiter() {
        return tickets.isEmpty() ? null : tickets.get(0);
    }
}
