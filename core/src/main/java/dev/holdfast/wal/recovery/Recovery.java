package dev.holdfast.wal.recovery;

import dev.holdfast.wal.CallRefusedException;
import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.SegmentName;
import dev.holdfast.wal.recovery.OpenReport.Ending;
import dev.holdfast.wal.segment.Catalog;
import dev.holdfast.wal.segment.Chain;
import dev.holdfast.wal.segment.Remedy;
import dev.holdfast.wal.segment.Segment;
import dev.holdfast.wal.segment.SegmentWriter;
import dev.holdfast.wal.segment.Spares;
import dev.holdfast.wal.segment.TailScan;
import dev.holdfast.wal.segment.TruncationHistory;
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
 * Makes a directory that nobody else writes ready for writing. It decides by reading alone, then changes the directory
 * in steps each of which leaves the same log, so that a kill at any of them does no harm:
 *
 * <ol>
 *   <li>The names are synced: what is decided from them must not vanish later.
 *   <li>The live segments are found ({@link LiveChain}) and the tail is scanned. If the log was closed there, it goes
 *       on in the same segment. Otherwise the bytes behind the last whole batch are judged ({@link Verdict}): damage
 *       ends it here.
 *   <li>Segments that the newest does not lead to become spares or go.
 *   <li>If the tail may be as it was born, the footer before it is written: it may be missing, or there and not synced.
 *   <li>A new segment supersedes what follows the last whole batch ({@link Chain#cut}): behind it residue of the
 *       interrupted write may lie, zeros or not, and must never become valid again. Records that nothing proves to be
 *       synced are copied into it: a reader may have seen them in memory that a failed sync left there, and only
 *       writing them again makes them durable. Where no spare has room for them they are written again where they stand
 *       ({@link Rewrite}).
 *   <li>Segments that are trimmed go, now that the new header says so.
 * </ol>
 */
public final class Recovery {
    private final Storage storage;
    private final int recordLimit;
    private final int firstSegmentBytes;
    private final LongSupplier random;
    private final Spares spares;

    /**
     * A recovery of a directory that has been locked.
     *
     * @param recordLimit for new segments, in bytes
     * @param firstSegmentBytes how long a segment is made where nothing says otherwise
     * @param random for salts and the log's identity
     */
    public Recovery(Storage storage, int recordLimit, int firstSegmentBytes, LongSupplier random) {
        this.storage = storage;
        this.recordLimit = recordLimit;
        this.firstSegmentBytes = firstSegmentBytes;
        this.random = random;
        this.spares = new Spares(storage);
    }

    /** Does it. */
    public Recovered run() throws IOException {
        storage.sync();
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
        SegmentWriter writer = chain.origin(1, false, null, 1);
        return recovered(chain, writer, 0, 0, Ending.NEW, 0, 0, Optional.empty(), List.of());
    }

    private Recovered recover(SegmentHeaders segmentHeaders) throws IOException {
        try (LiveChain live = LiveChain.of(storage, segmentHeaders, Map.of())) {
            boolean closed = live.tail().isClosed();
            long tornBytes = closed ? 0 : judged(live.tail());
            live.link();
            return recover(segmentHeaders, live, closed, tornBytes);
        }
    }

    private Recovered recover(SegmentHeaders segmentHeaders, LiveChain live, boolean closed, long tornBytes)
            throws IOException {
        TailScan tail = live.tail();
        spares.adopt(segmentHeaders.files());
        List<String> removed = removeSuperseded(segmentHeaders);
        Optional<String> tornFile = tornBytes > 0 ? new TornBytes(storage).keep(tail, tornBytes) : Optional.empty();
        Chain chain = new Chain(
                storage,
                spares,
                segmentHeaders.newest().logId(),
                random,
                recordLimit,
                firstSegmentBytes,
                live.segments(),
                segmentHeaders.newest().epoch() + 1);
        if (live.footless().isPresent()) {
            LiveChain.Footless footless = live.footless().get();
            chain.seal(
                    footless.segment(),
                    footless.endOffset(),
                    footless.nextId(),
                    footless.successorEpoch(),
                    footless.trimPoint());
        }
        SegmentWriter writer = closed
                ? new SegmentWriter(tail, storage.openForWriting(tail.segment().fileName()))
                : supersede(chain, tail);
        removed.addAll(removeTrimmed(segmentHeaders, live));
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
        return new Recovered(chain, writer, catalog, trimPoint, report);
    }

    private static long judged(TailScan tail) throws IOException {
        TailScan.Behind behind = tail.behind();
        judge(tail, behind, "so the log was not opened. ");
        return behind.tornBytes();
    }

    /**
     * Decides what the bytes behind the last whole batch are: returns if a write was interrupted there.
     *
     * @param consequence of damage, for messages
     */
    static void judge(TailScan tail, TailScan.Behind behind, String consequence) throws IOException {
        long missing = tail.lastId() + 1;
        if (behind.trimPoint() > tail.trimPoint()) {
            throw lostTrim(tail, behind, consequence);
        }
        if (Verdict.of(missing, behind.durableId()) == Verdict.TORN) {
            return;
        }
        TailScan.Broken broken = tail.broken();
        if (broken == null) {
            throw new AssertionError("a scan that is not broken anywhere: " + tail.segment());
        }
        throw new CorruptLogException(
                tail.segment().fileName() + " at byte " + broken.offset() + ": " + broken.why() + ", but byte "
                        + behind.at() + " says that record " + behind.durableId()
                        + " had been synced. Record " + missing + " was acknowledged and is damaged, "
                        + consequence
                        + (missing == behind.durableId()
                                ? ""
                                : "At most " + Remedy.recordsInside(missing, behind.durableId())
                                        + " are lost: `holdfast verify <dir>` counts them. ")
                        + Remedy.restoreOrDrop(missing),
                tail.segment().fileName(),
                broken.offset(),
                missing,
                behind.durableId());
    }

    private static CorruptLogException lostTrim(TailScan tail, TailScan.Behind behind, String consequence) {
        return new CorruptLogException(
                tail.segment().fileName() + " at byte " + tail.position()
                        + ": no group begins here, but a later one says that records up to " + behind.trimPoint()
                        + " had been trimmed, and none before it does. The marker of that trim is damaged, and trimmed records would come back, "
                        + consequence
                        + Remedy.restoreOrDrop(tail.lastId() + 1),
                tail.segment().fileName(),
                tail.position(),
                tail.trimPoint() + 1,
                behind.trimPoint());
    }

    /**
     * Removes the segments that the newest does not lead to. It had been synced before it got its name, and the names
     * have been synced now. Those that it leads to and that are trimmed go later: the trim may not be synced yet.
     */
    private List<String> removeSuperseded(SegmentHeaders segmentHeaders) throws IOException {
        Set<String> ledTo = segmentHeaders.ledToFromNewest();
        List<String> removed =
                remove(segmentHeaders, name -> SegmentName.parse(name).isPresent() && !ledTo.contains(name));
        if (!removed.isEmpty()) {
            spares.syncNames();
        }
        return removed;
    }

    /** Removes the segments that are trimmed, once the trim is synced. */
    private List<String> removeTrimmed(SegmentHeaders segmentHeaders, LiveChain live) throws IOException {
        Set<String> trimmed = segmentHeaders.ledToFromNewest();
        live.segments().forEach(segment -> trimmed.remove(segment.fileName()));
        return remove(segmentHeaders, trimmed::contains);
    }

    private List<String> remove(SegmentHeaders segmentHeaders, Predicate<String> dead) throws IOException {
        List<String> removed = new ArrayList<>();
        for (StoredFile file : segmentHeaders.files()) {
            if (dead.test(file.name())) {
                spares.recycleOrDeleteUnproven(file);
                removed.add(file.name());
            }
        }
        return removed;
    }

    private SegmentWriter supersede(Chain chain, TailScan tail) throws IOException {
        long proven = tail.durableId();
        if (proven < tail.lastId()
                && !chain.hasRoomForCopy(Layout.aligned(tail.tornOffset() - tail.unprovenOffset()))) {
            new Rewrite(storage).run(tail);
            proven = tail.lastId();
        }
        if (wouldTakeTheLastSpare(chain, tail)) {
            proven = Math.min(proven, tail.segment().baseId() - 1);
        }
        SegmentWriter writer = chain.cut(
                chain.live().size() - 1, tail.lastId(), Math.min(proven, tail.lastId()), tail.trimPoint(), null, true);
        chain.removeDead();
        return writer;
    }

    /**
     * Fewer spares than are reserved: one was used for good, and nothing was appended since. So what the tail holds was
     * copied into it then, as one group, and is copied again: a spare is taken for a spare, and one is left for the
     * truncate or reset that comes next.
     */
    private boolean wouldTakeTheLastSpare(Chain chain, TailScan tail) {
        return spares.count() < Spares.RESERVED
                && tail.recordGroups() == 1
                && chain.hasRoomForCopy(Layout.aligned(tail.endOffset() - Layout.HEADER_BYTES));
    }

    /**
     * Recovery may have used a reserved spare. Where there is no room for another, the log opens all the same and takes
     * no appends.
     */
    private void keepReserve() throws IOException {
        try {
            spares.reserveUnproven(firstSegmentBytes);
        } catch (CallRefusedException e) {
            // The first append says so.
            return;
        }
    }
}
