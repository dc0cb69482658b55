package dev.holdfast.bookkeeper;

import dev.holdfast.bookkeeper.Node.Found;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Follows a log that somebody else may write. It shows records that a quorum has and that the writer has said to be
 * acknowledged, up to the last whole batch: whoever takes the log over keeps these.
 *
 * <p>All cursors of a handle share its looks. Whoever wants one that begins after its call waits for the one that runs,
 * if any; then one of those that wait looks, for all of them. Nobody waits longer than its own bound. A look asks for
 * the version of the node and reads it only if that has changed.
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

    // Whoever looks has it.
    private Snapshot last;
    private @Nullable ViewHolder published;

    /**
     * What one look has found, whole or not at all: a look that fails in its midst must leave nothing behind, or the
     * next one would compare with what nobody was shown.
     *
     * @param wholeEntries how many entries of the open ledger, if there is one, are whole batches
     */
    private record Snapshot(Found found, long wholeEntries, View view) {}

    private Follower(Node node, String logName, LedgerReads reads, Deadline deadline) throws IOException {
        this.node = node;
        this.logName = logName;
        this.reads = reads;
        this.last = snapshot(null, node.read(deadline), new Truncation(0, 0), deadline);
    }

    /** A follower that has pollEnded once. */
    static Follower of(Node node, String logName, LedgerReads reads, Deadline deadline) throws IOException {
        return new Follower(node, logName, reads, deadline);
    }

    /** The place where what looks show is published, beginning with that of the first. */
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
     * Whether the caller is to look: true as soon as nobody else does, false once somebody has done it whose look began
     * after this call.
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
                            logName + ": the look of another reader took longer than this one may wait", null);
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
                        succeeded ? pollsBegun : lastSucceeded; // where it failed, each that waits tries by itself
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
        long kept = truncated ? endOfWhatIsKept(before, now.view()) : before.nextId();
        if (kept < before.nextId()) {
            target.publishAfterTruncation(now.view(), new Truncation(kept, before.nextId() - 1));
        } else {
            target.publish(now.view());
        }
        reads.retain(now.view().segments());
    }

    /** The id behind the last one that is in the same ledger as before; all before it have been kept or trimmed. */
    private static long endOfWhatIsKept(View before, View now) {
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

    /** Looks how far the ledger is that is written, and where it is gone, how the log goes on without it. */
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
                throw new LogTimeoutException(logName + " changes faster than it can be read", null);
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
