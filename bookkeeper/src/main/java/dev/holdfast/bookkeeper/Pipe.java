package dev.holdfast.bookkeeper;

import dev.holdfast.bookkeeper.Ledgers.WritableLedger;
import dev.holdfast.bookkeeper.QueueItem.Append;
import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The ledger that is being written, with the number of entries sent to it and acknowledged. */
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
     * Creates the pipe of a new ledger.
     *
     * @param degraded whether the ledger has fewer bookies than configured
     * @param segment the ledger's segment in the state
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

    /** Returns the number of entries sent. */
    long sent() {
        return sent;
    }

    /**
     * Returns the number of acknowledged entries. Entries are acknowledged in order, so these are the first entries of
     * the ledger.
     */
    long acknowledged() {
        return acknowledged;
    }

    /** Returns the failure after which the ledger accepts no more entries; null if writing to it has not failed. */
    @Nullable
    LedgerException trouble() {
        return trouble;
    }

    /**
     * Notes that the owner has just tried to replace this ledger by a better one. The next attempt follows after a
     * delay.
     */
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

    /**
     * Returns whether the owner should try to replace this ledger now, because it has too few bookies or a stalled
     * bookie. Returns false until the delay after the last attempt is over.
     */
    private boolean triesAnother() {
        return System.nanoTime() - triedAnotherNanos > settings.tryAnother().toNanos()
                && (degraded || ledger.hasSlowBookie());
    }

    /**
     * Sends the entries of a batch to the ledger.
     *
     * @param deadline time by which the oldest batch in flight must be acknowledged
     */
    void add(Append append, Deadline deadline) throws IOException {
        if (acknowledged == sent) {
            quietSinceNanos = System.nanoTime();
        }
        append.placeAt(segment, sent);
        for (byte[] entry : append.entries()) {
            awaitRoom();
            // checked before each entry, because sending an entry may block
            deadline.checkAcknowledgement(settings.timeout());
            sent++;
            sentBytes += entry.length;
            ledger.append(entry, this::onAnswer);
        }
    }

    /**
     * Waits until the bytes in flight of all logs of the connection are below their limit. Returns early if the ledger
     * is broken.
     */
    private void awaitRoom() {
        while (!ledger.hasRoom() && !isBroken()) {
            LockSupport.parkNanos(this, LOOK_FOR_ROOM_NANOS);
            var unused = Thread.interrupted(); // clears an interrupt, which no caller has sent
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

    /**
     * Returns whether the ledger counts as failed: writing an entry has failed, or no entry was acknowledged for too
     * long.
     */
    boolean isBroken() {
        if (acknowledged != acknowledgedBefore) {
            acknowledgedBefore = acknowledged;
            quietSinceNanos = System.nanoTime();
        }
        return trouble != null
                || System.nanoTime() - quietSinceNanos > settings.stall().toNanos();
    }
}
