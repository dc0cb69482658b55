package dev.holdfast.wal.commit;

import dev.holdfast.wal.CallRefusedException;
import dev.holdfast.wal.DiskFullException;
import dev.holdfast.wal.LogFailedException;
import dev.holdfast.wal.LogFilesChangedException;
import dev.holdfast.wal.LogStats;
import dev.holdfast.wal.catalog.Catalog;
import dev.holdfast.wal.catalog.CatalogHolder;
import dev.holdfast.wal.chain.Chain;
import dev.holdfast.wal.format.Frame;
import dev.holdfast.wal.format.GroupBuffer;
import dev.holdfast.wal.format.GroupKind;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.ids.TruncationHistory;
import dev.holdfast.wal.segment.SegmentWriter;
import dev.holdfast.wal.segment.SegmentWriter.Sync;
import dev.holdfast.wal.storage.NoSpaceException;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The writing end of a log: writes groups, rolls segments and removes records. Only the leader calls it, one call after
 * the other, unless a method's comment says otherwise. Each method publishes its effect to readers when the effect is
 * durable as configured, and then returns.
 *
 * <p>After an {@link IOException} other than {@link CallRefusedException}, the leader must {@link #fail} the log. The
 * first failure is final: every later change throws it, because it is unknown which bytes of the last write are on the
 * disk.
 */
public final class Tail {
    /** Fraction of the tail that is in use when the preparation of the next segment's file begins. */
    private static final double SPARE_FROM = 0.25;

    /** Fraction of the tail in use from which the next segment's file is prepared as fast as the disk allows. */
    private static final double SPARE_URGENT_FROM = 0.5;

    private final Chain chain;
    private final CatalogHolder published;
    private final LogSettings settings;
    private final Executor removing;
    private final BooleanSupplier needsSpareSoon = this::needsSpareSoon;
    private SegmentWriter writer;
    private volatile long durableId;
    private boolean idle = true;
    private boolean hints = true; // false after a failed hint, until the next tail
    private volatile @Nullable IOException failure;

    private final AtomicLong appendedRecords = new AtomicLong();
    private final AtomicLong appendedBytes = new AtomicLong();
    private final AtomicLong groups = new AtomicLong();
    private final AtomicLong syncs = new AtomicLong();

    // Created in advance, because there may be no memory or no stack for it later.
    private final LogFailedException withoutMemory = LogFailedException.madeInAdvance(
            "out of memory while writing; the log takes no appends until it is reopened");

    public Tail(Chain chain, SegmentWriter writer, CatalogHolder published, LogSettings settings, Executor removing) {
        this.chain = chain;
        this.writer = writer;
        this.published = published;
        this.durableId = writer.durableId();
        this.settings = settings;
        this.removing = removing;
    }

    /** Writes a group and publishes it. If the disk has no room for it, throws {@link DiskFullException}. */
    void write(GroupBuffer group) throws IOException {
        throwIfFailed();
        // No group is written while spares of the reserve are missing, because recovery may need them on a full disk.
        chain.spares().reserve(group.alignedLength());
        throwIfFailed(); // a removal that fails meanwhile ends the reserve early
        if (group.firstId() != writer.nextId()) {
            originWith(group);
            count(group);
            return;
        }
        int bytes = group.alignedLength();
        if (!writer.hasRoomFor(bytes) || optionsChanged()) {
            roll(Layout.fileLengthFor(bytes));
        }
        if (!isProven(bytes)) { // seam: rolled-proof
            roll(Layout.fileLengthFor(bytes));
        }
        reopen();
        while (!writer.write(group, settings.groupAlignment(), syncOfGroups())) { // seam: tail-write
            chain.spares().growth().fillNext();
            roll(Layout.fileLengthFor(bytes));
        }
        idle = false; // seam: tail-written
        if (settings.syncEachGroup()) {
            synced();
        }
        if (writer.fillsHoles(bytes, syncOfGroups())) {
            chain.spares().growth().wrote(bytes);
        }
        published.advance(writer.nextId() - 1, writer.position()); // seam: tail-publish
        if (writer.fullness() > SPARE_FROM) {
            chain.spares().prepare(nextLength(), needsSpareSoon);
        }
        count(group);
    }

    private Sync syncOfGroups() {
        return settings.syncEachGroup() ? Sync.NOW : Sync.LATER;
    }

    private void count(GroupBuffer group) {
        appendedRecords.addAndGet(group.count());
        appendedBytes.addAndGet(group.length() - Layout.GROUP_HEADER_BYTES - (long) group.count() * Frame.bytes(0));
        groups.incrementAndGet();
    }

    /** Continues an empty log at the first id of a group, which is not the log's next id. */
    private void originWith(GroupBuffer group) throws IOException {
        if (!published.catalog().isEmpty()) {
            throw new AssertionError("group of record " + group.firstId() + ", expected record " + writer.nextId());
        }
        proveFooter();
        startOver(chain.origin(group, settings.groupAlignment()));
        chain.spares().dead().removeSoon();
    }

    /**
     * Prepares the group's place in the tail if the file may have holes. Returns false if the disk is full; the next
     * roll then takes a file without holes.
     */
    private boolean isProven(long groupBytes) throws IOException {
        try {
            writer.prove(groupBytes, syncOfGroups());
            return true;
        } catch (NoSpaceException e) {
            chain.spares().growth().fillNext();
            return false;
        }
    }

    /** Ensures that sealing the tail needs no free space, before a change begins. Throws if the disk is full. */
    private void proveFooter() throws IOException {
        try {
            writer.proveFooter();
        } catch (NoSpaceException e) {
            throw new DiskFullException(
                    writer.segment().fileName()
                            + ": the disk is full, and this file has a hole where the end of the segment will be noted, "
                            + "because it was copied by a tool that leaves out zeros. The call was refused and changed "
                            + "nothing. Free some space and try again.",
                    e);
        }
    }

    private boolean optionsChanged() {
        return writer.segment().header().recordLimit() != settings.maxRecordBytes()
                || (writer.segment().header().fileLength() > settings.segmentBytes() && writer.isClosedOnDisk());
    }

    private void roll(long needed) throws IOException {
        proveFooter();
        sync(); // seam: roll-sync
        writer = chain.roll(writer, Math.max(needed, nextLength()));
        show(published.catalog().firstId(), published.catalog().history());
        if (chain.buryDead()) chain.spares().dead().removeSoon();
    }

    /** Revokes the close marker before the next group is written. */
    private void reopen() throws IOException {
        if (writer.isClosedOnDisk()) { // seam: tail-reopen
            writer.reopen();
            syncs.incrementAndGet();
        }
    }

    private void synced() {
        syncs.incrementAndGet();
        publishDurableId();
    }

    /** Publishes what is synced, also as a hint to readers in other processes. */
    private void publishDurableId() {
        durableId = writer.durableId();
        try {
            if (hints) chain.storage().publish(writer.hint()); // seam: tail-hint
        } catch (IOException | OutOfMemoryError | StackOverflowError e) {
            hints = false; // no append fails: the hint before stays true, and readers can do without
        }
    }

    /** Publishes a change of the segments, and then the durable id: readers take the smaller of the last ids. */
    private void show(long firstId, TruncationHistory history) {
        published.show(new Catalog(chain.live(), firstId, writer.nextId() - 1, writer.position(), history));
        hints = true;
        publishDurableId();
    }

    /** Returns the length of the next segment, unless its first group or the length of a first segment is greater. */
    private long nextLength() {
        long doubled = 2 * published.catalog().tail().header().fileLength();
        return Math.min(settings.segmentBytes(), Math.max(Layout.SECOND_SEGMENT_BYTES, doubled));
    }

    /** Returns whether a spare is urgently needed. Called on the thread that prepares the spare. */
    private boolean needsSpareSoon() {
        Catalog catalog = published.catalog();
        return catalog.limit(catalog.tail())
                > SPARE_URGENT_FROM * catalog.tail().header().fileLength();
    }

    /** Returns the id of the last record whose sync has returned. Any thread may call this. */
    public long durableId() {
        return durableId;
    }

    void sync() throws IOException {
        throwIfFailed(); // seam: sync-failed
        if (writer.durableId() < writer.nextId() - 1) {
            writer.sync();
            synced();
        }
        // Appends do not call this method. Its callers are about to change names, or the log is idle.
        writer.requireNamed(); // seam: tail-named
    }

    /** Syncs the tail, and then writes a marker that everything is synced, if the tail has room for the marker. */
    void markIdle() throws IOException {
        if (idle || writer.isClosedOnDisk()) return;
        sync(); // seam: idle-sync
        if (writer.hasRoomForMarker()) {
            writer.markTwice(GroupKind.IDLE);
            syncs.addAndGet(2);
            published.advance(writer.nextId() - 1, writer.position());
        }
        idle = true;
    }

    void truncate(long lastToKeep) throws IOException {
        throwIfFailed();
        Catalog catalog = published.catalog();
        if (catalog.isEmpty() || lastToKeep >= catalog.lastId()) return;
        proveFooter();
        sync(); // seam: truncate-sync
        if (lastToKeep < catalog.firstId()) {
            startOver(chain.origin(catalog.firstId()));
            return;
        }
        TruncationHistory history = catalog.history().and(lastToKeep); // before the cut, because it takes memory
        writer = chain.cut(lastToKeep, writer); // seam: truncate-cut
        show(catalog.firstId(), history);
        if (!chain.canWaitToRemoveDead()) {
            chain.buryDead();
        }
    }

    void trim(long discardUpTo) throws IOException {
        throwIfFailed();
        Catalog catalog = published.catalog();
        long last = Math.min(discardUpTo, catalog.lastId()); // seam: trim-end
        if (catalog.isEmpty() || last < catalog.firstId()) return;
        proveFooter();
        sync(); // seam: trim-sync
        if (writer.hasRoomForMarker() && isProven(0)) {
            reopen();
            writer.trim(last);
            idle = true;
            syncs.incrementAndGet();
        } else {
            writer = chain.rollIntoReserved(writer, last);
        }
        chain.dropTrimmed(last);
        show(last + 1, catalog.history());
        chain.buryDead(); // seam: files-buried
    }

    void reset(long nextId) throws IOException {
        throwIfFailed();
        proveFooter();
        startOver(chain.pinnedOrigin(nextId)); // seam: reset-origin
    }

    private void startOver(SegmentWriter origin) throws IOException {
        SegmentWriter old = writer;
        writer = origin;
        old.close();
        show(origin.segment().baseId(), published.catalog().history().and(-1));
        chain.buryDead();
    }

    /** Removes the files of dead segments, and syncs the directory. Any thread may call this. */
    void removeDead() throws IOException {
        try {
            removing.execute(() -> {
                try {
                    if (chain.spares().dead().removeAllDurably()) {
                        syncs.incrementAndGet();
                        // With one more spare, the next truncation need not remove its dead file.
                        chain.spares().prepareBeyondReserve(nextLength(), needsSpareSoon);
                    }
                } catch (Throwable e) {
                    fail(e);
                }
            });
        } catch (OutOfMemoryError | StackOverflowError e) {
            fail(e); // the call must not throw an error as if it had changed nothing
        }
        throwIfFailed();
    }

    /**
     * Marks the log as cleanly closed and closes the tail. Closes the tail of a failed log without writing.
     *
     * @throws IOException the failure, if some acknowledged records are not synced
     */
    void close() throws IOException {
        IOException failed = failure;
        chain.spares().stop();
        try (SegmentWriter last = writer) {
            if (failed == null) { // seam: close-failed
                sync(); // seam: close-sync
                if (!last.isClosedOnDisk()) {
                    last.markTwice(GroupKind.CLOSE);
                }
            }
        }
        if (failed != null && durableId < published.catalog().lastId()) {
            // The log may have failed while it wrote a marker. Then no call has reported the failure yet.
            throw failed;
        }
    }

    /** Returns the failure of the log, or null if the log has not failed. Any thread may call this. */
    @Nullable
    IOException failure() {
        return failure;
    }

    private void throwIfFailed() throws IOException {
        IOException failed = failure;
        if (failed != null) throw failed;
        chain.spares().requireSyncedNames();
    }

    /** Fails the log, unless it has failed before. Returns the failure. Any thread may call this. */
    IOException fail(Throwable cause) {
        IOException failed = failure;
        if (failed == null) {
            failed = failureOf(cause);
            failure = failed; // seam: queue-failure
            chain.spares().stop();
        }
        return failed;
    }

    /** Fails the log without allocating anything, unless it has failed before. */
    void failWithoutMemory() {
        failure = failure == null ? withoutMemory : failure;
    }

    private LogFailedException failureOf(Throwable cause) {
        String logName = chain.storage().name();
        try {
            return new LogFailedException(
                    cause instanceof LogFilesChangedException
                            ? logName + ": takes no appends until it is reopened. " + cause.getMessage()
                            : logName + ": a write or sync failed (" + cause
                                    + "). Its bytes may be on the disk or not. The log takes no appends until it is "
                                    + "reopened, and opening decides. Records up to "
                                    + published.catalog().lastId() + " stay readable.",
                    cause);
        } catch (OutOfMemoryError | StackOverflowError e) {
            return withoutMemory;
        }
    }

    /** Adds the figures of the log, which cover all acknowledged records. Any thread may call this. */
    LogStats.Builder addTo(LogStats.Builder stats) {
        return stats.appendedRecords(appendedRecords.get())
                .appendedBytes(appendedBytes.get())
                .groups(groups.get())
                .syncs(syncs.get() + chain.syncs())
                .spareWaits(chain.spares().waits());
    }
}
