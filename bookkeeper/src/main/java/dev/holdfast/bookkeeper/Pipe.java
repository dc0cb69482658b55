package dev.holdfast.bookkeeper;

import dev.holdfast.bookkeeper.Ledgers.WritableLedger;
import dev.holdfast.bookkeeper.QueueItem.Append;
import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The ledger that is written, and what is known of it. */
final class Pipe {
    private static final long LOOK_FOR_ROOM_NANOS = 1_000_000;

    private final Writer.Settings settings;
    private final WritableLedger ledger;
    private final boolean degraded;
    private final Segment segment;
    private final Runnable signal;
    private long sent;
    private long sentBytes;
    private long triedAnotherNanos = System.nanoTime();
    private long quietSinceNanos;
    private long acknowledgedBefore;
    private volatile long acknowledged;
    private volatile @Nullable LedgerException trouble;

    /**
     * A new ledger.
     *
     * @param degraded whether it is on fewer bookies than it should be
     * @param segment the ledger as the state has it
     * @param signal called when the ledger has answered
     */
    Pipe(Writer.Settings settings, WritableLedger ledger, boolean degraded, Segment segment, Runnable signal) {
        this.settings = settings;
        this.ledger = ledger;
        this.degraded = degraded;
        this.segment = segment;
        this.signal = signal;
    }

    WritableLedger ledger() {
        return ledger;
    }

    /** Entries that were sent. */
    long sent() {
        return sent;
    }

    /** Entries that are acknowledged, as are all before them. */
    long acknowledged() {
        return acknowledged;
    }

    /** Why the ledger takes nothing more. */
    @Nullable
    LedgerException trouble() {
        return trouble;
    }

    /** Another ledger was tried, and was not better. */
    void triedAnother() {
        triedAnotherNanos = System.nanoTime();
    }

    boolean isRightPlace(Append append) {
        return append.firstId() == segment.firstId() + sent;
    }

    boolean isFull() {
        return sentBytes >= settings.segmentBytes();
    }

    boolean takes(Append append) {
        return isRightPlace(append) && !isFull() && !triesAnother();
    }

    /** Whether it is time to look for another ledger, since this one has too few bookies or one that takes nothing. */
    private boolean triesAnother() {
        return System.nanoTime() - triedAnotherNanos > settings.tryAnother().toNanos()
                && (degraded || ledger.hasSlowBookie());
    }

    /**
     * Sends a batch.
     *
     * @param deadline when the oldest batch in flight has to be acknowledged
     */
    void add(Append append, Deadline deadline) throws IOException {
        if (acknowledged == sent) {
            quietSinceNanos = System.nanoTime();
        }
        append.placeAt(segment, sent);
        for (byte[] entry : append.entries()) {
            awaitRoom();
            deadline.checkAcknowledgement(settings.timeout()); // a client may block for each entry
            sent++;
            sentBytes += entry.length;
            ledger.append(entry, this::onAnswer);
        }
    }

    /** Waits while too much of all logs is in flight, but not for a ledger that is broken. */
    private void awaitRoom() {
        while (!ledger.hasRoom() && !isBroken()) {
            LockSupport.parkNanos(this, LOOK_FOR_ROOM_NANOS);
            var unused = Thread.interrupted(); // which is nobody's
        }
    }

    private void onAnswer(long entry, @Nullable LedgerException failed) {
        if (failed != null) {
            trouble = failed;
        } else if (trouble == null) {
            acknowledged = entry + 1;
        }
        signal.run();
    }

    /** Whether it has failed, or has not answered for so long that it is taken for failed. */
    boolean isBroken() {
        if (acknowledged != acknowledgedBefore) {
            acknowledgedBefore = acknowledged;
            quietSinceNanos = System.nanoTime();
        }
        return trouble != null
                || System.nanoTime() - quietSinceNanos > settings.stall().toNanos();
    }
}
