package dev.holdfast.bookkeeper;

import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.RecordsRemovedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A cursor over ledgers. It reads ahead within one ledger. What it has read ahead is shown only if the view still has
 * the id in that ledger: entries never change, and a record that replaces a truncated one is in another ledger.
 *
 * <p>{@code next(timeout)} has to end in time though a ledger may take long to be opened, or a bookie to answer. So
 * what asks the cluster (a look for more records, and reading ahead) runs on a thread of its own, with the timeout of
 * the options. If the caller's time is over before, that work goes on, and the next call waits for it instead of asking
 * again. It shows nothing by itself. No other method touches the cursor's place while it runs.
 */
final class LedgerCursor implements LogCursor {
    private static final Duration LONGEST_WAIT =
            Duration.ofNanos(Long.MAX_VALUE / 2); // a moment so far away can still be compared
    private static final int FIRST_WINDOW = 8;
    private static final int LARGEST_WINDOW = 64;
    private static final long WINDOW_BYTES = 1 << 20;

    /**
     * How long a call waits for an answer of the cluster, however short its timeout: a record that is there has to be
     * read even without waiting for it.
     */
    private static final long LEAST_NANOS_FOR_AN_ANSWER = 500_000_000;

    private static final long LOOK_WHETHER_CLOSED_NANOS = 50_000_000;
    private static final int IDLE_SECONDS = 1;
    private static final Executor WORKERS = new ThreadPoolExecutor(
            0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                Thread thread = new Thread(null, task, "holdfast-cursor", 0, false);
                thread.setDaemon(true);
                thread.setContextClassLoader(null);
                return thread;
            });

    private final ViewHolder published;
    private final LedgerReads reads;
    private final TailPoll tail;
    private Truncation seenTruncation;
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

    /** What a call that ran out of time has left behind. */
    private @Nullable CompletableFuture<@Nullable Void> pending;

    // Guarded by this.
    private OptionalLong pinnedLedger = OptionalLong.empty();

    LedgerCursor(ViewHolder published, LedgerReads reads, TailPoll tail, long startId) {
        this.published = published;
        this.reads = reads;
        this.tail = tail;
        this.seenTruncation = published.view().newestTruncation();
        this.place = startId;
    }

    /** What one look at what is in memory has come to. */
    private enum Step {
        /** A record is shown. */
        SHOWN,
        /** The view has the record, and it has to be read. */
        UNREAD,
        /** The view has no more. */
        END
    }

    @Override
    public boolean next() throws IOException {
        current = null;
        awaitPending();
        Deadline deadline = reads.deadline();
        look(deadline);
        while (true) {
            Step step = step();
            if (step != Step.UNREAD) {
                return step == Step.SHOWN;
            }
            readAhead(deadline);
        }
    }

    /** Waits for what an earlier call has left behind; it ends by itself, and what it has found is asked for again. */
    private void awaitPending() {
        CompletableFuture<@Nullable Void> left = pending;
        pending = null;
        if (left != null) {
            var unused = left.handle((nothing, failed) -> failed).join();
        }
    }

    @Override
    public boolean next(Duration timeout) throws IOException, InterruptedException {
        long begun = System.nanoTime();
        long waitUntil = begun + nanosOf(timeout);
        long answerUntil = begun + Math.max(nanosOf(timeout), LEAST_NANOS_FOR_AN_ANSWER);
        current = null;
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        if (!workIsDone(answerUntil)) {
            return false;
        }
        boolean looked = tail.isLocal();
        boolean waited = false;
        while (true) {
            View seen = published.view();
            Step step = step();
            if (step == Step.SHOWN) {
                return true;
            }
            if (step == Step.END && looked) {
                long left = waitUntil - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                var unused = published.await(seen, Math.min(left, tail.pollIntervalNanos()), () -> closed);
                checkOpen();
                waited = true;
                if (tail.isLocal() || published.view() != seen) {
                    continue;
                }
            }
            boolean again = waited;
            pending = CompletableFuture.runAsync(() -> work(again), WORKERS);
            if (!workIsDone(answerUntil)) {
                return false;
            }
            looked = true;
        }
    }

    /** Asks the cluster for what {@link #step} lacks. */
    private void work(boolean again) {
        try {
            Deadline deadline = reads.deadline();
            if (again && isAtEnd()) {
                tail.pollIfStale(deadline);
            } else {
                look(deadline);
            }
            readAhead(deadline);
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }

    /** Waits for the work under way, if there is some, up to a moment of {@link System#nanoTime}. */
    private boolean workIsDone(long untilNanos) throws IOException, InterruptedException {
        CompletableFuture<@Nullable Void> work = pending;
        while (work != null) {
            checkOpen();
            published.checkOpen();
            long left = untilNanos - System.nanoTime();
            try {
                var unused = work.get(Math.max(0, Math.min(left, LOOK_WHETHER_CLOSED_NANOS)), TimeUnit.NANOSECONDS);
                pending = null;
                return true;
            } catch (TimeoutException e) {
                if (left <= 0) {
                    return false;
                }
            } catch (ExecutionException e) {
                pending = null;
                throw failure(e.getCause());
            }
        }
        return true;
    }

    /** What has failed on another thread; throws what is no fault of the world. */
    private static IOException failure(@Nullable Throwable cause) {
        if (cause instanceof IOException failed) {
            return failed;
        }
        if (cause instanceof RuntimeException failed) {
            throw failed;
        }
        if (cause instanceof Error failed) {
            throw failed;
        }
        throw new AssertionError(cause);
    }

    private static long nanosOf(Duration timeout) {
        if (timeout.isNegative()) {
            return 0;
        }
        return timeout.compareTo(LONGEST_WAIT) < 0 ? timeout.toNanos() : LONGEST_WAIT.toNanos();
    }

    /** Looks for another view if this one has nothing more to show. */
    private void look(Deadline deadline) throws IOException {
        checkOpen();
        if (isAtEnd()) {
            tail.poll(deadline);
        }
    }

    private boolean isAtEnd() {
        View view = published.view();
        return placeIn(view) >= view.nextId();
    }

    private long placeIn(View view) {
        return resolved ? place : Math.max(place, view.firstId());
    }

    /** Shows the next record if it has been read ahead and is still there. Asks nobody. */
    private Step step() throws RecordsRemovedException {
        while (true) {
            checkOpen();
            View view = published.view();
            passTruncations(view);
            long id = placeIn(view);
            if (id < view.firstId()) {
                throw removed(id, view.firstId() - 1);
            }
            if (id >= view.nextId()) {
                return Step.END;
            }
            if (!isAhead(view, id)) {
                return Step.UNREAD;
            }
            byte[] entry = ahead.get((int) (id - aheadFirstId));
            if (published.view() == view) {
                current = entry;
                resolved = true;
                place = id + 1;
                return Step.SHOWN;
            }
        }
    }

    private boolean isAhead(View view, long id) {
        return view.segmentOf(id).ledgerId() == aheadLedgerId && id >= aheadFirstId && id - aheadFirstId < ahead.size();
    }

    /** Reads the next record, and some behind it, if the view has it and it was not read yet. */
    private void readAhead(Deadline deadline) throws IOException {
        View view = published.view();
        while (true) {
            checkOpen();
            long id = placeIn(view);
            if (!view.holds(id) || isAhead(view, id)) {
                return;
            }
            try {
                readAhead(view, view.segmentOf(id), id, deadline);
                return;
            } catch (LedgerException e) {
                view = viewWithout(view, id, e, deadline);
            }
        }
    }

    /** The view that explains why a ledger lacks a record: it has been removed. */
    private View viewWithout(View view, long id, LedgerException lacking, Deadline deadline) throws IOException {
        if (published.view() == view) {
            tail.poll(deadline);
        }
        Segment segment = view.segmentOf(id);
        View now = published.view();
        if (now.holds(id) && now.segmentOf(id).ledgerId() == segment.ledgerId()) {
            long lastId = view.lastIdIn(segment);
            if (tail.isRemoved(segment, id, deadline)) {
                throw removed(id, lastId);
            }
            throw LedgerReads.lost(segment, id, lastId, lacking);
        }
        return now;
    }

    private void readAhead(View view, Segment segment, long id, Deadline deadline) throws IOException {
        long lastId = Math.min(view.lastIdIn(segment), id + Math.min(window - 1, Long.MAX_VALUE - id));
        ahead = List.of();
        pin(segment.ledgerId());
        ahead = reads.read(segment, id, lastId, deadline);
        aheadLedgerId = segment.ledgerId();
        aheadFirstId = id;
        long bytes = 0;
        for (byte[] entry : ahead) {
            bytes += entry.length;
        }
        window = (int) Math.max(1, Math.min(LARGEST_WINDOW, WINDOW_BYTES * ahead.size() / Math.max(1, bytes)));
    }

    /** Keeps the ledger open that is read, instead of the one before. */
    private synchronized void pin(long ledgerId) {
        if (closed || pinnedLedger.equals(OptionalLong.of(ledgerId))) {
            return;
        }
        reads.pin(ledgerId);
        pinnedLedger.ifPresent(reads::unpin);
        pinnedLedger = OptionalLong.of(ledgerId);
    }

    private synchronized void closeNow() {
        closed = true;
        pinnedLedger.ifPresent(reads::unpin);
        pinnedLedger = OptionalLong.empty();
    }

    /** A cut that spares the record shown last is passed for good; one that does not is the end of this cursor. */
    private void passTruncations(View view) throws RecordsRemovedException {
        while (seenTruncation != view.newestTruncation()) {
            Truncation truncation = seenTruncation.later;
            if (truncation == null) {
                throw new AssertionError("a view is older than the cursor");
            }
            if (resolved && truncation.firstRemovedId < place) {
                throw removed(truncation.firstRemovedId, truncation.lastRemovedId);
            }
            seenTruncation = truncation;
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
        closeNow();
        published.wake();
    }
}
