package dev.holdfast.bookkeeper;

import dev.holdfast.bookkeeper.Metadata.Versioned;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Follows a log that somebody else may write. It shows records that a quorum has and that the writer has said to be acknowledged, up to the last whole
 * batch: whoever takes the log over keeps these.
 */
final class Follower implements Growth {
    private static final long LOOK_AGAIN_NANOS = 100_000_000;

    private final ReentrantLock looking = new ReentrantLock();
    private final Metadata metadata;
    private final String logName;
    private final LedgerReads reads;
    private final Duration timeout;
    private LogState state;
    private long wholeEntries;
    private @Nullable Published published;

    private Follower(Metadata metadata, String logName, LedgerReads reads, Duration timeout, LogState state) {
        this.metadata = metadata;
        this.logName = logName;
        this.reads = reads;
        this.timeout = timeout;
        this.state = state;
    }

    /** A follower that has looked once. */
    static Follower of(Metadata metadata, String logName, LedgerReads reads, Duration timeout) throws IOException {
        Deadline deadline = Deadline.after(timeout);
        LogState first = read(metadata, logName, deadline);
        return new Follower(metadata, logName, reads, timeout, first);
    }

    /** What the first look shows; the place where what later ones show is published. */
    Published begin() throws IOException {
        Published first = new Published(logName, viewOf(new Cut(0, 0), Deadline.after(timeout)));
        published = first;
        return first;
    }

    private static LogState read(Metadata metadata, String logName, Deadline deadline) throws IOException {
        for (int tries = 0; ; tries++) {
            try {
                Optional<Versioned> found =
                        deadline.await(metadata.read(logName), "reading " + metadata.where(logName));
                if (found.isEmpty()) {
                    throw new NoSuchFileException(metadata.where(logName), null, "there is no such log");
                }
                return StateCodec.decode(found.get().state(), metadata.where(logName));
            } catch (MetadataException e) {
                deadline.pause(tries);
                if (deadline.isOver()) {
                    throw e;
                }
            }
        }
    }

    @Override
    public void look() throws IOException {
        looking.lock();
        try {
            Published target = published;
            if (target == null || target.isClosed()) {
                return;
            }
            View before = target.lastView();
            LogState old = state;
            View now = viewOf(before.newestCut(), Deadline.after(timeout));
            if (now.showsSameAs(before)) {
                return;
            }
            long kept = state.truncations() == old.truncations() ? before.nextId() : endOfWhatIsKept(before, now);
            if (kept < before.nextId()) {
                target.showAfterCut(now, new Cut(kept, before.nextId() - 1));
            } else {
                target.show(now);
            }
            reads.retain(now.segments());
        } finally {
            looking.unlock();
        }
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

    /** Reads the state, and how far the ledger is that is written. */
    private View viewOf(Cut newestCut, Deadline deadline) throws IOException {
        for (int tries = 0; ; tries++) {
            LogState now = read(metadata, logName, deadline);
            boolean sameLedger = now.isOpen()
                    && state.isOpen()
                    && now.last().ledgerId() == state.last().ledgerId();
            wholeEntries = sameLedger ? wholeEntries : 0;
            state = now;
            try {
                return viewOf(now, newestCut, deadline);
            } catch (LedgerException e) {
                // The ledger is gone: the log goes on elsewhere, and the state says where.
                deadline.pause(tries);
                if (deadline.isOver()) {
                    throw e;
                }
            }
        }
    }

    private View viewOf(LogState now, Cut newestCut, Deadline deadline) throws IOException {
        List<Segment> segments = now.segments();
        if (!now.isOpen()) {
            return new View(now.firstId(), now.nextId(), segments, newestCut);
        }
        Segment open = now.last();
        wholeEntries = BatchEnd.wholeEntries(reads, open, wholeEntries, confirmed(open, deadline), deadline);
        long end = open.firstId() + wholeEntries;
        if (wholeEntries > 0) {
            return new View(Math.min(now.firstId(), end), end, segments, newestCut);
        }
        boolean first = segments.size() == 1;
        return new View(first ? now.nextId() : now.firstId(), first ? now.nextId() : end, segments, newestCut);
    }

    private long confirmed(Segment open, Deadline deadline) throws IOException {
        for (int tries = 0; ; tries++) {
            try {
                String what = "reading the end of ledger " + open.ledgerId();
                return deadline.await(
                        deadline.await(reads.ledger(open.ledgerId()), what).confirmedEntries(), what);
            } catch (LedgerException e) {
                reads.forget(open.ledgerId());
                deadline.pause(tries);
                if (e.kind() == LedgerException.Kind.GONE || deadline.isOver()) {
                    throw e;
                }
            }
        }
    }

    @Override
    public long lookAgainNanos() {
        return LOOK_AGAIN_NANOS;
    }
}
