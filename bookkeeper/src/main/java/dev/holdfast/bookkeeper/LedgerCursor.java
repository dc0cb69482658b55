package dev.holdfast.bookkeeper;

import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.RecordsRemovedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A cursor over ledgers. It reads ahead within one ledger. What it has read ahead is shown only if the view still has the id in that ledger: entries never
 * change, and a record that replaces a truncated one is in another ledger.
 */
final class LedgerCursor implements LogCursor {
    private static final Duration LONGEST_WAIT = Duration.ofNanos(Long.MAX_VALUE);
    private static final int FIRST_WINDOW = 8;
    private static final int LARGEST_WINDOW = 64;
    private static final long WINDOW_BYTES = 1 << 20;

    private final Published published;
    private final LedgerReads reads;
    private final Growth growth;
    private Cut seenCut;
    private volatile boolean closed;
    private byte @Nullable [] current;

    /** Whether a record has been shown. */
    private boolean resolved;

    /** The id after the last one shown; before one was, the least id to start at. */
    private long place;

    private List<byte[]> ahead = List.of();
    private long aheadLedgerId;
    private long aheadFirstId;
    private int window = FIRST_WINDOW;

    LedgerCursor(Published published, LedgerReads reads, Growth growth, long startId) {
        this.published = published;
        this.reads = reads;
        this.growth = growth;
        this.seenCut = published.view().newestCut();
        this.place = startId;
    }

    @Override
    public boolean next() throws IOException {
        current = null;
        Deadline deadline = reads.deadline();
        look(deadline);
        return advance(deadline);
    }

    @Override
    public boolean next(Duration timeout) throws IOException, InterruptedException {
        long nanos = nanosOf(timeout);
        current = null;
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        Deadline deadline = reads.deadline();
        look(deadline);
        while (true) {
            View seen = published.view();
            if (advance(deadline)) {
                return true;
            }
            if (nanos <= 0) {
                return false;
            }
            long slice = Math.min(nanos, growth.lookAgainNanos());
            nanos -= slice - published.await(seen, slice, () -> closed);
            checkOpen();
            deadline = reads.deadline();
            if (published.view() == seen) {
                growth.lookAgain(deadline);
            }
        }
    }

    private static long nanosOf(Duration timeout) {
        if (timeout.isNegative()) {
            return 0;
        }
        return timeout.compareTo(LONGEST_WAIT) < 0 ? timeout.toNanos() : Long.MAX_VALUE;
    }

    /** Looks for another view if this one has nothing more to show. */
    private void look(Deadline deadline) throws IOException {
        checkOpen();
        View view = published.view();
        if (placeIn(view) >= view.nextId()) {
            growth.look(deadline);
        }
    }

    private long placeIn(View view) {
        return resolved ? place : Math.max(place, view.firstId());
    }

    private boolean advance(Deadline deadline) throws IOException {
        View view = published.view();
        while (true) {
            checkOpen();
            passCuts(view);
            long id = placeIn(view);
            if (id < view.firstId()) {
                throw removed(id, view.firstId() - 1);
            }
            if (id >= view.nextId()) {
                return false;
            }
            byte[] entry;
            try {
                entry = entry(view, id, deadline);
            } catch (LedgerException e) {
                view = viewWithout(view, id, e, deadline);
                continue;
            }
            View now = published.view();
            if (now == view || isStillThere(now, id)) {
                current = entry;
                resolved = true;
                place = id + 1;
                return true;
            }
            view = now;
        }
    }

    /** The view that explains why a ledger lacks a record: it has been removed. */
    private View viewWithout(View view, long id, LedgerException lacking, Deadline deadline) throws IOException {
        if (published.view() == view) {
            growth.look(deadline);
        }
        Segment segment = view.segmentOf(id);
        View now = published.view();
        if (now.holds(id) && now.segmentOf(id).ledgerId() == segment.ledgerId()) {
            long lastId = view.lastIdIn(segment);
            if (growth.isRemoved(segment, id, deadline)) {
                throw removed(id, lastId);
            }
            throw LedgerReads.lost(segment, id, lastId, lacking);
        }
        return now;
    }

    /** Whether what was read ahead is the record, in a view that has come meanwhile. */
    private boolean isStillThere(View now, long id) {
        return now.newestCut() == seenCut && now.holds(id) && now.segmentOf(id).ledgerId() == aheadLedgerId;
    }

    /** The entry of a record that the view holds. */
    private byte[] entry(View view, long id, Deadline deadline) throws IOException {
        Segment segment = view.segmentOf(id);
        long offset = id - aheadFirstId;
        if (aheadLedgerId != segment.ledgerId() || offset < 0 || offset >= ahead.size()) {
            readAhead(view, segment, id, deadline);
            offset = 0;
        }
        return ahead.get((int) offset);
    }

    private void readAhead(View view, Segment segment, long id, Deadline deadline) throws IOException {
        long lastId = Math.min(view.lastIdIn(segment), id + Math.min(window - 1, Long.MAX_VALUE - id));
        ahead = List.of();
        ahead = reads.read(segment, id, lastId, deadline);
        aheadLedgerId = segment.ledgerId();
        aheadFirstId = id;
        long bytes = 0;
        for (byte[] entry : ahead) {
            bytes += entry.length;
        }
        window = (int) Math.max(1, Math.min(LARGEST_WINDOW, WINDOW_BYTES * ahead.size() / Math.max(1, bytes)));
    }

    /** A cut that spares the record shown last is passed for good; one that does not is the end of this cursor. */
    private void passCuts(View view) throws RecordsRemovedException {
        while (seenCut != view.newestCut()) {
            Cut cut = seenCut.later;
            if (cut == null) {
                throw new AssertionError("a view is older than the cursor");
            }
            if (resolved && cut.firstRemovedId < place) {
                throw removed(cut.firstRemovedId, cut.lastRemovedId);
            }
            seenCut = cut;
        }
    }

    private RecordsRemovedException removed(long firstRemovedId, long lastRemovedId) {
        String message = "records " + firstRemovedId + " to " + lastRemovedId + " were removed, "
                + (resolved
                        ? "the last record this cursor showed is " + (place - 1)
                        : "this cursor has shown none yet");
        return new RecordsRemovedException(message, firstRemovedId, lastRemovedId);
    }

    @Override
    public long id() {
        current();
        return place - 1;
    }

    @Override
    public ByteBuffer data() {
        return Entry.data(current());
    }

    @Override
    public LogRecord record() {
        return LogRecord.wrap(id(), Entry.data(current()));
    }

    private byte[] current() {
        checkOpen();
        byte[] entry = current;
        if (entry == null) {
            throw new IllegalStateException("the cursor shows no record: the last next() did not return true");
        }
        return entry;
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the cursor is closed");
        }
    }

    @Override
    public void close() {
        closed = true;
        published.wake();
    }
}
