package dev.holdfast.wal.recovery;

import dev.holdfast.wal.CallRefusedException;
import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.catalog.Catalog;
import dev.holdfast.wal.catalog.TruncationHistory;
import dev.holdfast.wal.chain.Chain;
import dev.holdfast.wal.chain.Spares;
import dev.holdfast.wal.format.Declaration;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.SegmentName;
import dev.holdfast.wal.recovery.OpenReport.Ending;
import dev.holdfast.wal.segment.Damage;
import dev.holdfast.wal.segment.Segment;
import dev.holdfast.wal.segment.SegmentWriter;
import dev.holdfast.wal.segment.TailScan;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.StoredFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Makes the log in a locked directory ready for writing. Recovery first decides by reading alone. It then changes the
 * directory in steps. Every step leaves the same log, so a kill at any step does no harm:
 *
 * <ol>
 *   <li>Sync the names, because a decision must not rest on a file that may vanish later.
 *   <li>Find the live segments ({@link LiveChain}) and scan the tail. If the log was closed, writing continues in the
 *       same segment. Otherwise judge the bytes after the last whole batch ({@link Verdict}); if they prove damage,
 *       recovery fails here.
 *   <li>Recycle or delete segments that the newest segment does not lead to.
 *   <li>If perhaps nothing was written to the tail since it was created, write its predecessor's footer again, because
 *       the footer may be missing or not synced.
 *   <li>Create a new segment that supersedes everything after the last whole batch ({@link Chain#cutTail}). Residue of
 *       the interrupted write may follow there, even beyond zeros, and must never become valid again. Copy the records
 *       that nothing proves to be synced into the new segment: a reader may have seen them in memory that a failed sync
 *       left behind, and only writing them again makes them durable. If no spare has room for them, rewrite them in
 *       place ({@link Rewrite}).
 *   <li>Remove trimmed segments, now that the new header records the trim point.
 * </ol>
 */
public final class Recovery {
    private final Storage storage;
    private final int recordLimit;
    private final int firstSegmentBytes;
    private final LongSupplier random;
    private final Spares spares;

    /**
     * Creates a recovery. The caller must have locked the directory.
     *
     * @param recordLimit largest record of new segments, in bytes
     * @param firstSegmentBytes length of a new segment if no other length is known
     * @param random source of salts and of the log's identity
     */
    public Recovery(Storage storage, int recordLimit, int firstSegmentBytes, LongSupplier random) {
        this.storage = storage;
        this.recordLimit = recordLimit;
        this.firstSegmentBytes = firstSegmentBytes;
        this.random = random;
        this.spares = new Spares(storage);
    }

    /** Runs the recovery and returns the log. */
    public Recovered run() throws IOException {
        storage.sync(); // seam: recovery-names-sync
        SegmentHeaders segmentHeaders = SegmentHeaders.of(storage, storage.list(), Map.of());
        Recovered recovered = segmentHeaders.isEmpty() ? create(segmentHeaders) : recover(segmentHeaders);
        keepReserve();
        return recovered;
    }

    private Recovered create(SegmentHeaders segmentHeaders) throws IOException {
        spares.adopt(segmentHeaders.files());
        spares.reserve(firstSegmentBytes);
        spares.make(firstSegmentBytes);
        UUID logId = new UUID(random.getAsLong(), random.getAsLong());
        Chain chain = new Chain(storage, spares, logId, random, recordLimit, firstSegmentBytes, List.of(), 1);
        SegmentWriter writer = chain.origin(1);
        return recovered(chain, writer, 0, 0, Ending.NEW, 0, 0, Optional.empty(), List.of());
    }

    private Recovered recover(SegmentHeaders segmentHeaders) throws IOException {
        try (LiveChain live = LiveChain.of(storage, segmentHeaders, Map.of())) {
            boolean closed = live.tail().isClosed();
            long tornBytes = closed ? 0 : judge(live.tail(), live.tail().behind(), "so the log was not opened.");
            live.link();
            return recover(segmentHeaders, live, closed, tornBytes);
        }
    }

    private Recovered recover(SegmentHeaders segmentHeaders, LiveChain live, boolean closed, long tornBytes)
            throws IOException {
        TailScan tail = live.tail();
        spares.adopt(segmentHeaders.files());
        List<String> removed = removeSuperseded(segmentHeaders); // seam: recovery-superseded
        Optional<String> tornFile = tornBytes > 0 ? new TornBytes(storage).keep(tail, tornBytes) : Optional.empty();
        Chain chain = new Chain(
                storage,
                spares,
                segmentHeaders.newest().logId(),
                random,
                recordLimit,
                firstSegmentBytes,
                live.segments(),
                segmentHeaders.newest().epoch() + 1); // seam: recovery-epoch
        if (live.footerToWrite().isPresent()) { // seam: recovery-footer
            LiveChain.FooterToWrite footer = live.footerToWrite().get();
            chain.seal(
                    footer.segment(), footer.endOffset(), footer.nextId(), footer.successorEpoch(), footer.trimPoint());
        }
        SegmentWriter writer = closed // seam: recovery-continues
                ? SegmentWriter.resume(
                        tail, storage.openForWriting(tail.segment().fileName()))
                : supersede(chain, tail);
        removed.addAll(removeTrimmed(segmentHeaders, live)); // seam: recovery-trim
        return recovered(
                chain,
                writer,
                tail.lastId(),
                tail.trimPoint(),
                closed ? Ending.CLEAN : Ending.UNCLEAN,
                closed ? 0 : Math.max(0, tail.lastId() - tail.durableId()),
                tornBytes,
                tornFile,
                removed);
    }

    private static Recovered recovered(
            Chain chain,
            SegmentWriter writer,
            long lastId,
            long trimPoint,
            Ending ending,
            long rewrittenRecords,
            long tornBytes,
            Optional<String> tornFile,
            List<String> removed) {
        Segment tail = writer.segment();
        long firstId = Math.max(trimPoint + 1, chain.live().get(0).baseId());
        boolean pinned = tail.header().pinned() && lastId < tail.baseId();
        Catalog catalog = new Catalog(chain.live(), firstId, lastId, writer.position(), pinned, TruncationHistory.NONE);
        OpenReport report = new OpenReport(
                ending,
                catalog.segments().size(),
                catalog.oldest(),
                catalog.newest(),
                rewrittenRecords,
                tornBytes,
                tornFile,
                OptionalLong.empty(),
                removed);
        return new Recovered(chain, writer, catalog, report);
    }

    /**
     * Judges the bytes after the last whole batch. Returns the number of torn bytes; throws if the bytes prove damage.
     *
     * @param consequence consequence of damage, for messages
     */
    static long judge(TailScan tail, TailScan.Behind behind, String consequence) throws IOException {
        long missing = tail.lastId() + 1;
        if (behind.trimPoint() > tail.trimPoint()) throw lostTrim(tail, behind, consequence);
        if (Verdict.of(missing, behind.durableId()) == Verdict.TORN) return behind.tornBytes();
        TailScan.Broken broken = tail.broken();
        if (broken == null) throw new AssertionError("a scan without a broken place: " + tail.segment());
        Damage damage = Damage.at(
                        tail.segment().fileName(),
                        broken.offset(),
                        broken.why() + ", but byte " + behind.at() + " says that record " + behind.durableId()
                                + " had been synced")
                .means("Record " + missing + " was acknowledged and is damaged, " + consequence)
                .atRisk(missing, behind.durableId());
        if (missing < behind.durableId()) {
            damage.means("At most")
                    .records(missing, behind.durableId(), "are lost: `holdfast verify <dir>` counts them.");
        }
        throw damage.restoreOrDrop();
    }

    private static CorruptLogException lostTrim(TailScan tail, TailScan.Behind behind, String consequence) {
        return Damage.at(
                        tail.segment().fileName(),
                        tail.position(),
                        "no group begins here, but a later group says that records up to " + behind.trimPoint()
                                + " had been trimmed, and no earlier group does")
                .means("The marker of that trim is damaged, and trimmed records would come back, " + consequence)
                .atRisk(tail.trimPoint() + 1, behind.trimPoint())
                .restoreOrDrop(tail.lastId() + 1);
    }

    /**
     * Removes segments that the newest segment does not lead to. The newest segment was synced before it got its name,
     * and recovery has synced all names. Trimmed segments are removed later, because the trim may not be synced yet.
     */
    private List<String> removeSuperseded(SegmentHeaders segmentHeaders) throws IOException {
        Set<String> ledTo = segmentHeaders.ledToFromNewest();
        List<String> removed =
                remove(segmentHeaders, name -> SegmentName.parse(name).isPresent() && !ledTo.contains(name));
        if (!removed.isEmpty()) spares.syncNames();
        return removed;
    }

    /** Removes trimmed segments. The caller must have synced the trim. */
    private List<String> removeTrimmed(SegmentHeaders segmentHeaders, LiveChain live) throws IOException {
        Set<String> trimmed = segmentHeaders.ledToFromNewest();
        live.segments().forEach(segment -> trimmed.remove(segment.fileName()));
        return remove(segmentHeaders, trimmed::contains);
    }

    private List<String> remove(SegmentHeaders segmentHeaders, Predicate<String> dead) throws IOException {
        List<String> removed = new ArrayList<>();
        for (StoredFile file : segmentHeaders.files()) {
            if (dead.test(file.name())) {
                spares.recycleOrDelete(file, false);
                removed.add(file.name());
            }
        }
        return removed;
    }

    private SegmentWriter supersede(Chain chain, TailScan tail) throws IOException {
        long proven = tail.durableId(); // seam: recovery-proven
        if (proven < tail.lastId()
                && !chain.hasRoomForCopy(Layout.aligned(tail.tornOffset() - tail.unprovenOffset()))) {
            new Rewrite(storage).run(tail);
            proven = tail.lastId();
        }
        if (wouldTakeTheLastSpare(chain, tail)) {
            proven = Math.min(proven, tail.segment().baseId() - 1);
        }
        Declaration known = new Declaration(Math.min(proven, tail.lastId()), tail.trimPoint());
        SegmentWriter writer = chain.cutTail(tail.lastId(), known);
        chain.removeDead();
        return writer;
    }

    /**
     * Returns whether the cut must copy the tail's records to save a spare. If fewer spares than the reserve are left,
     * an earlier recovery used a spare for good, and nothing was appended since. That recovery copied the records into
     * the tail as one group. Copying them again turns the old tail into a spare for the next truncate or reset.
     */
    private boolean wouldTakeTheLastSpare(Chain chain, TailScan tail) {
        return spares.count() < Spares.RESERVED
                && tail.recordGroups() == 1
                && chain.hasRoomForCopy(Layout.aligned(tail.endOffset() - Layout.HEADER_BYTES));
    }

    /** Restores the reserve of spares if recovery used one. If the disk is full, the log opens but refuses appends. */
    private void keepReserve() throws IOException {
        try {
            spares.reserveUnproven(firstSegmentBytes);
        } catch (CallRefusedException e) {
            // The first append reports this.
        }
    }
}
