package dev.holdfast.bookkeeper;

import dev.holdfast.bookkeeper.Node.Found;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Follows a log that another process may write. It publishes the records that the writer has declared acknowledged, up
 * to the last whole batch. An ack quorum of bookies has stored these records, so an owner that takes the log over keeps
 * all of them.
 *
 * <p>All cursors of a log handle share polls. Each caller needs the result of a poll that began after its call. If a
 * poll is already running, the caller waits until that poll ends. Then one of the waiting callers polls for all of
 * them. No caller waits beyond its own deadline. A poll requests the version of the log's node, and reads the node only
 * if the version has changed.
 */
final class Follower implements TailPoll {
    private static final long POLL_INTERVAL_NANOS = 100_000_000;

    private final Node node;
    private final String logName;
    private final LedgerReads reads;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition pollEnded = lock.newCondition();

    // Guarded by the lock.
    private boolean polling;
    private long pollsBegun;
    private long lastSucceeded;
    private long lastBegunNanos;

    // Used only by the thread that polls.
    private Snapshot last;
    private @Nullable ViewHolder published;

    /**
     * Result of one complete poll. The next poll compares its own result with this result. A poll that fails midway
     * must therefore leave no result, because nothing of it was published.
     *
     * @param wholeEntries number of entries up to the last whole batch of the open ledger; 0 if there is none
     */
    private record Snapshot(Found found, long wholeEntries, View view) {}

    private Follower(Node node, String logName, LedgerReads reads, Deadline deadline) throws IOException {
        this.node = node;
        this.logName = logName;
        this.reads = reads;
        this.last = snapshot(null, node.read(deadline), new Truncation(0, 0), deadline);
    }

    /** Creates a follower and polls once. */
    static Follower of(Node node, String logName, LedgerReads reads, Deadline deadline) throws IOException {
        return new Follower(node, logName, reads, deadline);
    }

    /**
     * Begins to publish views. Returns a holder with the view of the first poll; later polls publish their views to
     * this holder.
     */
    ViewHolder begin() {
        ViewHolder first = new ViewHolder(logName, last.view());
        published = first;
        return first;
    }

    @Override
    public void poll(Deadline deadline) throws IOException {
        if (awaitTurn(deadline)) {
            pollForAll(deadline);
        }
    }

    /**
     * Waits until it is the caller's turn to poll, or until a poll of another caller that began after this call has
     * succeeded.
     *
     * @return whether the caller must poll; false if the other poll has succeeded
     */
    private boolean awaitTurn(Deadline deadline) throws IOException {
        lock.lock();
        try {
            long wanted = pollsBegun + 1;
            while (lastSucceeded < wanted) {
                if (!polling) {
                    polling = true;
                    pollsBegun++;
                    lastBegunNanos = System.nanoTime();
                    return true;
                }
                if (deadline.isOver()) {
                    throw new LogTimeoutException(
                            logName + ": the poll of another reader took longer than this reader may wait", null);
                }
                deadline.await(pollEnded);
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    private void pollForAll(Deadline deadline) throws IOException {
        boolean succeeded = false;
        try {
            pollNow(deadline);
            succeeded = true;
        } finally {
            lock.lock();
            try {
                polling = false;
                lastSucceeded =
                        succeeded ? pollsBegun : lastSucceeded; // after a failure, each waiting caller tries itself
                pollEnded.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    @Override
    public void pollIfStale(Deadline deadline) throws IOException {
        if (!isRecent()) {
            poll(deadline);
        }
    }

    private boolean isRecent() {
        lock.lock();
        try {
            return pollsBegun > 0 && System.nanoTime() - lastBegunNanos < POLL_INTERVAL_NANOS;
        } finally {
            lock.unlock();
        }
    }

    private void pollNow(Deadline deadline) throws IOException {
        ViewHolder target = published;
        if (target == null || target.isClosed()) {
            return;
        }
        View before = target.lastView();
        Snapshot old = last;
        Snapshot now = snapshot(old, node.readIfChanged(old.found(), deadline), before.newestTruncation(), deadline);
        last = now;
        if (now.view().isSameAs(before)) {
            return;
        }
        boolean truncated =
                now.found().state().truncations() != old.found().state().truncations();
        long kept = truncated ? endOfKeptRecords(before, now.view()) : before.nextId();
        if (kept < before.nextId()) {
            target.publishAfterTruncation(now.view(), new Truncation(kept, before.nextId() - 1));
        } else {
            target.publish(now.view());
        }
        reads.retain(now.view().segments());
    }

    /**
     * Returns the id after the last record that both views have in the same ledger; 0 if there is no such record. All
     * records below the returned id were kept or trimmed, but not truncated.
     */
    private static long endOfKeptRecords(View before, View now) {
        for (int i = before.segments().size() - 1; i >= 0; i--) {
            Segment old = before.segments().get(i);
            long oldLast = before.lastIdIn(old);
            for (Segment segment : now.segments()) {
                if (segment.ledgerId() == old.ledgerId() && !now.isEmpty()) {
                    long last = Math.min(oldLast, now.lastIdIn(segment));
                    if (last >= Math.max(segment.firstId(), now.firstId())) {
                        return last + 1;
                    }
                }
            }
        }
        return 0;
    }

    /**
     * Builds the snapshot of a state. Determines the end of the open ledger, if there is one. If the ledger no longer
     * exists, reads the log's node again, because another owner may have changed the log.
     */
    private Snapshot snapshot(@Nullable Snapshot before, Found found, Truncation newestTruncation, Deadline deadline)
            throws IOException {
        Found now = found;
        for (int tries = 0; ; tries++) {
            try {
                return snapshotOf(before, now, newestTruncation, deadline);
            } catch (LedgerException e) {
                Found after = node.readIfChanged(now, deadline);
                if (after.version() == now.version()) {
                    Segment open = now.state().last();
                    throw LedgerReads.lost(open, open.firstId(), Long.MAX_VALUE, e);
                }
                now = after;
            }
            deadline.pause(tries);
            if (deadline.isOver()) {
                throw new LogTimeoutException(logName + " is changed faster than its state can be read", null);
            }
        }
    }

    private Snapshot snapshotOf(@Nullable Snapshot before, Found found, Truncation newestTruncation, Deadline deadline)
            throws IOException {
        LogState now = found.state();
        List<Segment> segments = now.segments();
        if (!now.isOpen()) {
            return new Snapshot(found, 0, new View(now.firstId(), now.nextId(), segments, newestTruncation));
        }
        Segment open = now.last();
        long known = before != null && isOpenIn(before, open.ledgerId()) ? before.wholeEntries() : 0;
        long confirmed = reads.confirmedEntries(open.ledgerId(), deadline);
        long whole = BatchEnd.wholeEntries(reads, open, known, confirmed, deadline);
        long end = open.firstId() + whole;
        if (whole > 0) {
            return new Snapshot(found, whole, new View(Math.min(now.firstId(), end), end, segments, newestTruncation));
        }
        boolean first = segments.size() == 1;
        return new Snapshot(
                found,
                0,
                new View(first ? now.nextId() : now.firstId(), first ? now.nextId() : end, segments, newestTruncation));
    }

    private static boolean isOpenIn(Snapshot before, long ledgerId) {
        LogState state = before.found().state();
        return state.isOpen() && state.last().ledgerId() == ledgerId;
    }

    @Override
    public boolean isLocal() {
        return false;
    }

    @Override
    public long pollIntervalNanos() {
        return POLL_INTERVAL_NANOS;
    }

    @Override
    public boolean isRemoved(Segment segment, long id, Deadline deadline) throws IOException {
        return !node.read(deadline).state().hasIn(segment.ledgerId(), id);
    }
}
