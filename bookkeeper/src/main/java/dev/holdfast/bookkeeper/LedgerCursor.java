package dev.holdfast.bookkeeper;

import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.RecordsRemovedException;
import dev.holdfast.wal.threads.HookThread;
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
 * A cursor over the ledgers of a log. It reads ahead within one ledger. The cursor returns a record that was read ahead
 * only if the record's id is still in the same ledger according to the current view. This check is sufficient: entries
 * never change, and a record that replaces a truncated one is in another ledger.
 *
 * <p>{@code next(timeout)} must return in time, even if a ledger takes long to open or a bookie takes long to answer.
 * So requests to the cluster (polling for more records, and reading ahead) run on another thread, with the timeout of
 * the options. If the caller's time is up first, the request continues, and the next call waits for its result instead
 * of sending another request. The request itself never moves the cursor. While it runs, no other method changes the
 * cursor's position.
 */
final class LedgerCursor implements LogCursor {
    /** Limit for a caller's timeout, so that adding it to {@link System#nanoTime} does not overflow. */
    private static final Duration LONGEST_WAIT = Duration.ofNanos(Long.MAX_VALUE / 2);

    private static final int FIRST_WINDOW = 8;
    private static final int LARGEST_WINDOW = 64;
    private static final long WINDOW_BYTES = 1 << 20;

    /**
     * Shortest time to wait for an answer of the cluster, even if the timeout of {@code next} is shorter. Otherwise a
     * call with a timeout of zero could never return a record that must be read from a ledger.
     */
    private static final long LEAST_NANOS_FOR_AN_ANSWER = 500_000_000;

    private static final long CHECK_CLOSED_NANOS = 50_000_000;
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
    private final HookThread hookThread;
    private Truncation seenTruncation;
    private volatile boolean closed;
    private byte @Nullable [] current;

    /** Whether the cursor has returned a record. */
    private boolean resolved;

    /** Id after the last record that was returned. If no record was returned yet: the smallest id to return. */
    private long place;

    private List<byte[]> ahead = List.of();
    private long aheadLedgerId;
    private long aheadFirstId;
    private int window = FIRST_WINDOW;

    /** Request that an earlier call of {@code next} left running when its timeout expired; null if there is none. */
    private @Nullable CompletableFuture<@Nullable Void> pending;

    // Guarded by this.
    private OptionalLong pinnedLedger = OptionalLong.empty();

    LedgerCursor(ViewHolder published, LedgerReads reads, TailPoll tail, HookThread hookThread, long startId) {
        this.published = published;
        this.reads = reads;
        this.hookThread = hookThread;
        this.tail = tail;
        this.seenTruncation = published.view().newestTruncation();
        this.place = startId;
    }

    /** Result of a step that uses only data in memory. */
    private enum Step {
        /** The cursor has moved to the next record. */
        RECORD,
        /** The view has a next record, but it must be read from a ledger first. */
        UNREAD,
        /** The view has no further record. */
        END
    }

    @Override
    public boolean next() throws IOException {
        current = null;
        awaitPending();
        Deadline deadline = reads.deadline();
        pollIfAtEnd(deadline);
        while (true) {
            Step step = step();
            if (step != Step.UNREAD) {
                return step == Step.RECORD;
            }
            readAhead(deadline);
        }
    }

    /**
     * Waits for the request that an earlier call left running. The request has a deadline, so it ends by itself. Its
     * outcome is ignored, because the current call sends the request again if necessary.
     */
    private void awaitPending() {
        CompletableFuture<@Nullable Void> left = pending;
        pending = null;
        if (left != null) {
            var unused = left.handle((nothing, failed) -> failed).join();
        }
    }

    @Override
    public boolean next(Duration timeout) throws IOException, InterruptedException {
        hookThread.refuseHook();
        long begun = System.nanoTime();
        long waitUntil = begun + nanosOf(timeout);
        long answerUntil = begun + Math.max(nanosOf(timeout), LEAST_NANOS_FOR_AN_ANSWER);
        current = null;
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        if (!awaitRequest(answerUntil)) {
            return false;
        }
        boolean polled = tail.isLocal();
        boolean waited = false;
        while (true) {
            View seen = published.view();
            Step step = step();
            if (step == Step.RECORD) {
                return true;
            }
            if (step == Step.END && polled) {
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
            if (!awaitRequest(answerUntil)) {
                return false;
            }
            polled = true;
        }
    }

    /**
     * Polls if the cursor is at the end of the view, and reads ahead, so that {@link #step} can return the next record.
     */
    private void work(boolean again) {
        try {
            Deadline deadline = reads.deadline();
            if (again && isAtEnd()) {
                tail.pollIfStale(deadline);
            } else {
                pollIfAtEnd(deadline);
            }
            readAhead(deadline);
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }

    /**
     * Waits for the running request, at most until {@code untilNanos} on the clock of {@link System#nanoTime}. Returns
     * true if the request has ended or there was none, and false if it is still running.
     */
    private boolean awaitRequest(long untilNanos) throws IOException, InterruptedException {
        CompletableFuture<@Nullable Void> work = pending;
        while (work != null) {
            checkOpen();
            published.checkOpen();
            long left = untilNanos - System.nanoTime();
            try {
                var unused = work.get(Math.max(0, Math.min(left, CHECK_CLOSED_NANOS)), TimeUnit.NANOSECONDS);
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

    /** Returns the failure of a request on another thread if it is an {@code IOException}; throws any other failure. */
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

    /** Polls for a newer view if the cursor is at the end of the current one. */
    private void pollIfAtEnd(Deadline deadline) throws IOException {
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

    /**
     * Moves to the next record if that record was read ahead and is still in the log. Sends no request to the cluster.
     */
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
                return Step.RECORD;
            }
        }
    }

    private boolean isAhead(View view, long id) {
        return view.segmentOf(id).ledgerId() == aheadLedgerId && id >= aheadFirstId && id - aheadFirstId < ahead.size();
    }

    /**
     * Reads the next record and some records after it. Does nothing if the next record was already read ahead, or is
     * not in the view.
     */
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

    /**
     * Finds out why a ledger lacks a record that {@code view} has in that ledger. Returns the current view if,
     * according to that view, the record is no longer in the ledger.
     *
     * @throws RecordsRemovedException if the record was removed, but the current view does not include the removal yet
     * @throws dev.holdfast.wal.CorruptLogException if the record was not removed, so the record is lost
     */
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

    /** Keeps a ledger open while this cursor reads it, and no longer keeps open the ledger that was read before. */
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

    /**
     * Follows the links to truncations that this cursor has not seen yet. Throws if one of them removed the last record
     * that was returned; this ends the cursor.
     */
    private void passTruncations(View view) throws RecordsRemovedException {
        while (seenTruncation != view.newestTruncation()) {
            Truncation truncation = seenTruncation.later;
            if (truncation == null) {
                throw new AssertionError("the published view is older than the cursor's last truncation");
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
                        ? "the last record of this cursor is " + (place - 1)
                        : "this cursor has returned no record yet");
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
            throw new IllegalStateException("there is no current record: the last next() did not return true");
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
