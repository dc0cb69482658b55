package dev.holdfast.wal.store;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.RecordsRemovedException;
import java.io.IOException;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps the state of a store that was opened for reading up to date: applies the records that the writer has added. If
 * the shared log was trimmed beyond the last record applied, the state is read again. Thread-safe.
 */
final class StoreFollower {
    /** The longest wait of a cursor while another cursor waits for the shared log. */
    private static final Duration SHARED_WAIT = Duration.ofMillis(50);

    private final Log shared;
    private final StoreState state;
    private final ReentrantLock lock = new ReentrantLock();
    private LogCursor tail; // guarded by the lock, as are the next fields
    private long nextPlace;
    private Replay replay;

    StoreFollower(Log shared, Opening.Found found) {
        this.shared = shared;
        this.state = found.state();
        this.replay = found.replay();
        this.nextPlace = found.nextPlace();
        this.tail = shared.cursor(nextPlace);
    }

    /** Applies the records that are there now. */
    void refresh() throws IOException {
        lock.lock();
        try {
            while (tail.next()) {
                apply();
            }
            OptionalLong first = shared.firstId();
            if (first.isPresent() && first.getAsLong() > state.windows.oldest().start) {
                state.windows.trim(first.getAsLong());
            }
        } catch (RecordsRemovedException e) {
            readAgain();
        } finally {
            lock.unlock();
        }
    }

    private void apply() throws IOException {
        if (tail.id() == nextPlace) {
            replay.apply(StoreRecord.decode(tail.record()));
            nextPlace++;
        } else { // the cursor began behind records that had been trimmed
            readAgain();
        }
    }

    private void readAgain() throws IOException {
        Opening.Found found = Opening.readBesideWriter(shared);
        if (found == null) throw StoreRecord.corrupt(0, "the shared log of the store is empty");
        state.replaceBy(found.state());
        replay = new Replay(state);
        tail.close();
        nextPlace = found.nextPlace();
        tail = shared.cursor(nextPlace);
    }

    /** Waits for a further record of the shared log, or for a change that another thread applies. */
    @SuppressWarnings("WaitNotInLoop") // the cursor loops
    void await(LogState log, long seenChanges, long nanos) throws IOException, InterruptedException {
        if (lock.tryLock()) {
            try {
                if (tail.next(Duration.ofNanos(nanos))) {
                    apply();
                }
            } catch (RecordsRemovedException e) {
                readAgain();
            } finally {
                lock.unlock();
            }
            return;
        }
        log.lock.lockInterruptibly();
        try {
            log.waitingCursors++;
            if (log.changes == seenChanges) {
                long unused = log.changed.awaitNanos(Math.min(nanos, TimeUnit.NANOSECONDS.convert(SHARED_WAIT)));
            }
        } finally {
            log.waitingCursors--;
            log.lock.unlock();
        }
    }

    void close() {
        tail.close();
    }
}
