package dev.holdfast.wal.commit;

import dev.holdfast.wal.CallRefusedException;
import dev.holdfast.wal.DiskFullException;
import dev.holdfast.wal.format.GroupBuffer;
import dev.holdfast.wal.format.GroupKind;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.segment.Catalog;
import dev.holdfast.wal.segment.CatalogHolder;
import dev.holdfast.wal.segment.Chain;
import dev.holdfast.wal.segment.SegmentWriter;
import dev.holdfast.wal.segment.Spares;
import dev.holdfast.wal.segment.TruncationHistory;
import dev.holdfast.wal.storage.NoSpaceException;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What is done at the end of a log, one thing after the other, by whichever thread leads: groups are written, segments
 * roll, records are removed. Each method returns once its effect is as durable as the log promises, and only then is it
 * shown to readers. After an {@link IOException} other than {@link CallRefusedException} the state of the disk is
 * unknown and no method may be called again but {@link #abandon}.
 */
public final class Tail {
    /** From this part of the tail on the next segment's file is made, ... */
    private static final double SPARE_FROM = 0.25;

    /** ... and from this on as fast as the disk allows. */
    private static final double SPARE_URGENT_FROM = 0.5;

    private final Chain chain;
    private final CatalogHolder published;
    private final long segmentBytes;
    private final long firstSegmentBytes;
    private final int recordLimit;
    private final int alignment;
    private final boolean syncEachGroup;
    private final Executor maintaining;
    private final AtomicBoolean makingSpare = new AtomicBoolean();
    private SegmentWriter writer;
    private volatile long durableId;
    private long trimPoint;
    private boolean idle = true;
    private boolean trims;
    private boolean secondSpareMade;
    private final AtomicLong syncs = new AtomicLong();
    private final long spareWaitsOfRecovery;

    /**
     * The end of a log that has just been recovered.
     *
     * @param segmentBytes how long segments grow
     * @param firstSegmentBytes how long they are at first
     * @param recordLimit of new segments
     * @param alignment of groups
     * @param syncEachGroup whether a group is synced before it is shown
     * @param maintaining makes spares
     */
    public Tail(
            Chain chain,
            SegmentWriter writer,
            CatalogHolder published,
            long trimPoint,
            long segmentBytes,
            long firstSegmentBytes,
            int recordLimit,
            int alignment,
            boolean syncEachGroup,
            Executor maintaining) {
        this.chain = chain;
        this.writer = writer;
        this.published = published;
        this.trimPoint = trimPoint;
        this.durableId = writer.nextId() - 1;
        this.segmentBytes = segmentBytes;
        this.firstSegmentBytes = firstSegmentBytes;
        this.recordLimit = recordLimit;
        this.alignment = alignment;
        this.syncEachGroup = syncEachGroup;
        this.maintaining = maintaining;
        this.spareWaitsOfRecovery = chain.spares().waits();
    }

    /** Writes a group and shows it. Where there is no room for a segment it needs, nothing has been written. */
    void write(GroupBuffer group) throws IOException {
        // No group is written while the reserve is not whole: recovery may need it when no block is free.
        chain.spares().reserve(firstSegmentBytes);
        if (group.firstId() != writer.nextId()) {
            originWith(group);
            return;
        }
        if (!writer.hasRoomFor(group.alignedLength()) || optionsChanged() || !isProven(group.alignedLength())) {
            roll(Layout.fileLengthFor(group.alignedLength()));
        }
        reopen();
        writer.write(group, durableId, trimPoint, alignment, syncEachGroup);
        idle = false;
        if (syncEachGroup) {
            synced();
        }
        published.advance(writer.nextId() - 1, writer.position());
        prepareSpare();
    }

    /**
     * An empty log goes on at another id: an origin that has its first records from birth, so that a crash leaves both
     * or neither.
     */
    private void originWith(GroupBuffer group) throws IOException {
        proveFooter();
        if (!published.catalog().isEmpty()) {
            throw new AssertionError("group of record " + group.firstId() + ", expected record " + writer.nextId());
        }
        SegmentWriter old = writer;
        writer = chain.origin(group.firstId(), false, group, alignment);
        old.close();
        trimPoint = group.firstId() - 1;
        show(group.firstId(), published.catalog().history().and(-1));
        synced();
        chain.removeDead();
    }

    /** Whether the tail has blocks for a group of so many bytes, or takes them now. */
    private boolean isProven(long groupBytes) throws IOException {
        try {
            writer.prove(groupBytes);
            return true;
        } catch (NoSpaceException e) {
            return false;
        }
    }

    /** Makes sure that the tail can be sealed, before anything else is changed. */
    private void proveFooter() throws IOException {
        try {
            writer.proveFooter();
        } catch (NoSpaceException e) {
            throw new DiskFullException(
                    writer.segment().fileName()
                            + ": the disk is full, and this file has a hole where the segment's end will be noted: it "
                            + "was copied by a tool that leaves out zeros. The call was refused and changed nothing. Free some "
                            + "space and try again.",
                    e);
        }
    }

    private boolean optionsChanged() {
        return writer.segment().header().recordLimit() != recordLimit
                || (writer.segment().header().fileLength() > segmentBytes && writer.isClosedOnDisk());
    }

    private void roll(long needed) throws IOException {
        proveFooter();
        sync();
        long doubled = Math.min(
                segmentBytes,
                Math.max(firstSegmentBytes, 2 * writer.segment().header().fileLength()));
        writer = chain.roll(writer, Math.max(needed, doubled), trimPoint);
        show(published.catalog().firstId(), published.catalog().history());
        chain.removeDead();
    }

    /** Takes back the word that the log is closed, before anything else is written behind it. */
    private void reopen() throws IOException {
        if (writer.isClosedOnDisk()) {
            writer.reopen(durableId, trimPoint);
            syncs.incrementAndGet();
        }
    }

    private void synced() {
        durableId = writer.nextId() - 1;
        syncs.incrementAndGet();
    }

    private void show(long firstId, TruncationHistory history) {
        boolean pinned = writer.segment().header().pinned()
                && writer.nextId() == writer.segment().baseId();
        published.show(new Catalog(chain.live(), firstId, writer.nextId() - 1, writer.position(), pinned, history));
    }

    /**
     * Makes the next segment's file before it is needed, beside the writing. A log that trims gets one more, once: with
     * two, trims and rolls may take turns in either order, and then the segments that die are all the spares it needs.
     */
    private void prepareSpare() {
        if (writer.fullness() <= SPARE_FROM) {
            return;
        }
        int ready = chain.spares().forRolls(nextLength());
        if (ready == 0) {
            makeSpare();
        } else if (trims && !secondSpareMade && nextLength() == segmentBytes) {
            secondSpareMade = ready > 1 || makeSpare();
        }
    }

    /** How long the next segment will be. */
    private long nextLength() {
        return Math.min(segmentBytes, 2 * writer.segment().header().fileLength());
    }

    /** Starts to make one; false if one is being made already, or nobody can. */
    private boolean makeSpare() {
        return makingSpare.compareAndSet(false, true) && startMaking(nextLength());
    }

    private boolean startMaking(long length) {
        try {
            maintaining.execute(() -> makeSpare(length));
            return true;
        } catch (OutOfMemoryError | RejectedExecutionException e) {
            // The roll that needs it will make it.
            makingSpare.set(false);
            return false;
        }
    }

    /** On the thread that makes it. */
    private boolean needsSpareSoon() {
        Catalog catalog = published.catalog();
        return catalog.limit(catalog.tail())
                > SPARE_URGENT_FROM * catalog.tail().header().fileLength();
    }

    private void makeSpare(long length) {
        try {
            chain.spares().makeAtLeisure(length, this::needsSpareSoon);
        } catch (IOException e) {
            // The roll that needs it will try again, and report what it meets.
            return;
        } finally {
            makingSpare.set(false);
        }
    }

    /** Returns the id of the last record whose sync has returned. Any thread may call this. */
    public long durableId() {
        return durableId;
    }

    /** Syncs what has been acknowledged. */
    void sync() throws IOException {
        if (durableId < writer.nextId() - 1) {
            writer.sync();
            synced();
        }
        // Not on the way of appends: whoever syncs is about to change names, or has nothing else to do.
        writer.requireNamed();
    }

    /** Says on disk that everything is synced, where there is room to say so. */
    void markIdle() throws IOException {
        if (idle || writer.isClosedOnDisk()) {
            return;
        }
        sync();
        if (writer.hasRoomForMarker()) {
            writer.markIdle(durableId, trimPoint);
            syncs.addAndGet(2);
            published.advance(writer.nextId() - 1, writer.position());
        }
        idle = true;
    }

    /** Removes every record above an id. */
    void truncate(long lastToKeep) throws IOException {
        Catalog catalog = published.catalog();
        if (catalog.isEmpty() || lastToKeep >= catalog.lastId()) {
            return;
        }
        proveFooter();
        sync();
        if (lastToKeep < catalog.firstId()) {
            startOver(Math.max(lastToKeep + 1, catalog.firstId()), false);
            return;
        }
        int at = chain.live().indexOf(catalog.find(lastToKeep));
        writer = chain.cut(at, lastToKeep, lastToKeep, trimPoint, writer, false);
        show(catalog.firstId(), catalog.history().and(lastToKeep));
        synced();
        if (!chain.canWaitToRemoveDead()) {
            chain.removeDead();
            if (chain.spares().count() <= Spares.RESERVED) {
                makeSpare(); // with one more the next truncation can wait
            }
        }
    }

    /** Removes every record up to an id. */
    void trim(long discardUpTo) throws IOException {
        Catalog catalog = published.catalog();
        long last = Math.min(discardUpTo, catalog.lastId());
        if (catalog.isEmpty() || last < catalog.firstId()) {
            return;
        }
        proveFooter();
        sync();
        if (writer.hasRoomForMarker() && isProven(0)) {
            reopen();
            writer.mark(GroupKind.TRIM, durableId, last, true);
            idle = true;
            syncs.incrementAndGet();
        } else {
            writer = chain.rollIntoReserved(writer, last);
        }
        trimPoint = last;
        trims |= chain.dropTrimmed(trimPoint);
        show(trimPoint + 1, catalog.history());
        chain.removeDeadDurably();
    }

    /** Removes every record and fixes the next id. */
    void reset(long nextId) throws IOException {
        startOver(nextId, true);
    }

    private void startOver(long nextId, boolean pinned) throws IOException {
        proveFooter();
        SegmentWriter old = writer;
        writer = chain.origin(nextId, pinned, null, alignment);
        old.close();
        trimPoint = nextId - 1;
        show(nextId, published.catalog().history().and(-1));
        synced();
        chain.removeDead();
    }

    /** Marks the log as cleanly closed and closes the tail. */
    void close() throws IOException {
        chain.spares().stop();
        try (SegmentWriter last = writer) {
            sync();
            if (!last.isClosedOnDisk()) {
                last.markClosed(durableId, trimPoint);
            }
        }
    }

    /** The log has failed: nothing is written any more, no spare either. */
    void failed() {
        chain.spares().stop();
    }

    /** Closes the tail of a failed log, writing nothing. */
    void abandon() throws IOException {
        chain.spares().stop();
        writer.close();
    }

    /** Whether acknowledged records are not synced. */
    boolean owesSync() {
        return durableId < published.catalog().lastId();
    }

    /** How often an append had to wait until a spare was made. */
    public long spareWaits() {
        return chain.spares().waits() - spareWaitsOfRecovery;
    }

    /** How often this waited for stable storage. */
    public long syncs() {
        return syncs.get() + chain.syncs();
    }
}
