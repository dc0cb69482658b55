package dev.holdfast.wal.commit;

import dev.holdfast.wal.format.Frame;
import dev.holdfast.wal.format.GroupBuffer;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** Appends that share one write and one sync: their records, and who waits for them. */
final class Group implements Stage {
    private static final int FIRST_TICKETS = 16;

    private final GroupBuffer records = new GroupBuffer();
    private @Nullable Ticket[] tickets = new Ticket[FIRST_TICKETS];
    private int ticketCount;
    private @Nullable AppendFuture<?> firstFuture;
    private @Nullable AppendFuture<?> lastFuture;
    private @Nullable Group nextRefused;
    private long admittedBytes;

    /** Empties the group; its first record will have this id. */
    Group begin(long firstId) {
        records.clear(firstId);
        Arrays.fill(tickets, 0, ticketCount, null);
        ticketCount = 0;
        admittedBytes = 0;
        return this;
    }

    /**
     * Makes room for a batch and for who waits for it.
     *
     * @throws OutOfMemoryError if there is none; the group is as before
     */
    Group reserve(long frameBytes) {
        records.reserve(Math.toIntExact(frameBytes));
        if (ticketCount == tickets.length) {
            tickets = Arrays.copyOf(tickets, 2 * tickets.length);
        }
        return this;
    }

    GroupBuffer records() {
        return records;
    }

    /** Whether a batch that begins with this id may join: it follows, and the group does not grow beyond a limit. */
    boolean takes(long firstId, long frameBytes, long maxBytes) {
        return records.lastId() + 1 == firstId && records.length() + frameBytes <= maxBytes;
    }

    void admitted(long frameBytes) {
        admittedBytes += frameBytes;
    }

    long admittedBytes() {
        return admittedBytes;
    }

    long dataBytes() {
        return admittedBytes - (long) records.count() * Frame.bytes(0);
    }

    void join(Ticket ticket) {
        tickets[ticketCount++] = ticket;
    }

    void join(AppendFuture<?> future) {
        if (lastFuture == null) {
            firstFuture = future;
        } else {
            lastFuture.completesBefore(future);
        }
        lastFuture = future;
    }

    /** Puts a group behind this one, among those that are refused. */
    void refusedBefore(Group next) {
        nextRefused = next;
    }

    /** The group behind this one, once. */
    @Nullable
    Group takeNextRefused() {
        Group next = nextRefused;
        nextRefused = null;
        return next;
    }

    @Override
    public boolean hasFutures() {
        return firstFuture != null;
    }

    @Override
    public void run(Tail tail) throws IOException {
        if (records.count() > 0) {
            tail.write(records);
        }
    }

    @Override
    public void done(@Nullable IOException failure, Executor completing) {
        for (int i = 0; i < ticketCount; i++) {
            ticket(i).done(failure);
        }
        AppendFuture<?> future = firstFuture;
        firstFuture = null;
        lastFuture = null;
        if (future != null) {
            completeLater(future, failure, completing);
        }
    }

    private static void completeLater(AppendFuture<?> first, @Nullable IOException failure, Executor completing) {
        try {
            completing.execute(() -> complete(first, failure));
        } catch (OutOfMemoryError | RejectedExecutionException e) {
            // A future that never completes is worse than one that completes on the wrong thread.
            complete(first, failure);
        }
    }

    private static void complete(AppendFuture<?> first, @Nullable IOException failure) {
        for (AppendFuture<?> future = first; future != null; future = future.takeNext()) {
            future.complete(failure);
        }
    }

    @Override
    public void wake() {
        for (int i = 0; i < ticketCount; i++) {
            ticket(i).wake();
        }
    }

    private Ticket ticket(int number) {
        Ticket ticket = tickets[number];
        if (ticket == null) {
            throw new AssertionError("no ticket " + number + " of " + ticketCount);
        }
        return ticket;
    }

    @Override
    public @Nullable Ticket waiter() {
        return ticketCount == 0 ? null : tickets[0];
    }
}
