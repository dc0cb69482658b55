package dev.holdfast.wal.recovery;

import static java.util.stream.Collectors.toSet;

import dev.holdfast.wal.CallRefusedException;
import dev.holdfast.wal.catalog.Catalog;
import dev.holdfast.wal.chain.Chain;
import dev.holdfast.wal.chain.DeadFiles.Blocks;
import dev.holdfast.wal.chain.SegmentHeaders;
import dev.holdfast.wal.chain.SpareMaker;
import dev.holdfast.wal.format.Declaration;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.ids.TruncationHistory;
import dev.holdfast.wal.recovery.OpenReport.Changes;
import dev.holdfast.wal.recovery.OpenReport.Ending;
import dev.holdfast.wal.segment.Segment;
import dev.holdfast.wal.segment.SegmentWriter;
import dev.holdfast.wal.segment.TailScan;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.StoredFile;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongSupplier;

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
 *       that nothing proves to be synced into the new segment, because only writing them again makes them durable
 *       (docs/decisions, 2). If no spare has room for them, rewrite them in place ({@link TailBytes#rewriteUnproven}).
 *   <li>Remove trimmed segments, now that the new header records the trim point.
 * </ol>
 */
public final class Recovery {
    /** A log that is ready for writing. All of its records are synced. */
    public record Recovered(Chain chain, SegmentWriter writer, Catalog catalog, OpenReport report) {}

    private final Storage storage;
    private final int recordLimit;
    private final LongSupplier random;
    private final SpareMaker spares;

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
        this.random = random;
        this.spares = new SpareMaker(storage, firstSegmentBytes);
    }

    public Recovered run() throws IOException {
        storage.sync(); // seam: recovery-names-sync
        SegmentHeaders headers = SegmentHeaders.of(storage, storage.list(), Map.of());
        Recovered recovered = headers.isEmpty() ? create(headers.files()) : recover(headers);
        keepReserve();
        return recovered;
    }

    private Recovered create(List<StoredFile> files) throws IOException {
        spares.adopt(files);
        spares.reserve(0);
        spares.make();
        UUID logId = new UUID(random.getAsLong(), random.getAsLong());
        Chain chain = new Chain(storage, spares, logId, random, recordLimit, List.of(), 1);
        return ready(chain, chain.origin(1), Ending.NEW, 0, Changes.NONE);
    }

    private Recovered recover(SegmentHeaders headers) throws IOException {
        try (LiveChain live = new LiveChain(storage, headers, null)) {
            TailScan tail = live.tail;
            tail.proceed();
            boolean closed = tail.isClosed();
            TailScan.Behind behind = closed ? TailScan.Behind.NOTHING : tail.behind();
            Verdict.check(tail, behind, "so the log was not opened.");
            List<Segment> segments = live.link();
            // All decisions are made. The directory changes from here on.
            spares.adopt(headers.files());
            // The newest segment supersedes them: it was synced before it got its name, and all names are synced.
            Set<String> removed = new LinkedHashSet<>();
            boolean anyDead = segments.size() < headers.byEpoch().size(); // seldom; the sets of a long log take time
            if (anyDead) removeExcept(ledToFromNewest(headers), headers, removed); // seam: recovery-superseded
            if (!removed.isEmpty()) spares.syncNames();
            Optional<String> tornFile =
                    behind.tornBytes() > 0 ? TailBytes.keepTorn(storage, tail, behind.tornBytes()) : Optional.empty();
            SegmentHeader newest = headers.newest();
            long nextEpoch = newest.epoch() + 1; // seam: recovery-epoch
            Chain chain = new Chain(storage, spares, newest.logId(), random, recordLimit, segments, nextEpoch);
            if (live.footerToWrite().isPresent()) { // seam: recovery-footer
                Segment sealed = segments.get(segments.size() - 2);
                chain.seal(sealed, live.footerToWrite().get());
            }
            SegmentWriter writer = closed // seam: recovery-continues
                    ? SegmentWriter.resume(
                            tail, storage.openForWriting(tail.segment().fileName()))
                    : supersede(chain, tail);
            // Not earlier, because only now the trim is certainly synced.
            if (anyDead) {
                Set<Long> kept =
                        segments.stream().map(each -> each.header().epoch()).collect(toSet());
                removeExcept(kept, headers, removed); // seam: recovery-trim
            }
            long rewritten = closed ? 0 : Math.max(0, tail.lastId() - tail.durableId());
            Changes changes = new Changes(rewritten, tornFile, List.copyOf(removed));
            return ready(chain, writer, closed ? Ending.CLOSED : Ending.UNCLOSED, behind.tornBytes(), changes);
        }
    }

    private static Recovered ready(Chain chain, SegmentWriter writer, Ending ending, long tornBytes, Changes changes) {
        long firstId = Math.max(writer.trimPoint() + 1, chain.live().get(0).baseId());
        long lastId = writer.nextId() - 1;
        Catalog catalog = new Catalog(chain.live(), firstId, lastId, writer.position(), TruncationHistory.NONE);
        OpenReport report = new OpenReport(ending, OptionalLong.empty(), tornBytes, changes);
        return new Recovered(chain, writer, catalog, report);
    }

    /** Returns the epochs of the newest segment and of its existing predecessors, including trimmed segments. */
    private static Set<Long> ledToFromNewest(SegmentHeaders headers) {
        Set<Long> epochs = new HashSet<>(Set.of(headers.newest().epoch()));
        headers.lineage(headers.newest(), -1)
                .links()
                .forEach(link -> epochs.add(link.header().epoch()));
        return epochs;
    }

    /** Recycles or deletes the segments that are not to be kept, and adds their names to {@code removed}. */
    private void removeExcept(Set<Long> kept, SegmentHeaders headers, Set<String> removed) throws IOException {
        for (SegmentHeader header : headers.byEpoch().values()) {
            if (kept.contains(header.epoch()) || !removed.add(header.name().fileName())) continue;
            Optional<StoredFile> dead = storage.find(header.name().fileName());
            if (dead.isPresent()) spares.recycleOrDelete(dead.get(), Blocks.UNPROVEN);
        }
    }

    private SegmentWriter supersede(Chain chain, TailScan tail) throws IOException {
        long proven = tail.durableId(); // seam: recovery-proven
        if (proven < tail.lastId()
                && !chain.hasRoomForCopy(Layout.aligned(tail.tornOffset() - tail.unprovenOffset()))) {
            TailBytes.rewriteUnproven(storage, tail);
            proven = tail.lastId();
        }
        if (wouldTakeTheLastSpare(chain, tail)) {
            proven = Math.min(proven, tail.segment().baseId() - 1);
        }
        Declaration known = new Declaration(Math.min(proven, tail.lastId()), tail.trimPoint());
        SegmentWriter writer = chain.cutTail(tail.lastId(), known);
        chain.buryDead();
        spares.dead().removeAll();
        return writer;
    }

    /**
     * Returns whether the cut must copy the tail's records to save a spare. If fewer spares than the reserve are left,
     * an earlier recovery used a spare for good, and nothing was appended since. That recovery copied the records into
     * the tail as one group. Copying them again turns the old tail into a spare for the next truncate or reset.
     */
    private boolean wouldTakeTheLastSpare(Chain chain, TailScan tail) {
        return !spares.pool().hasReserve()
                && tail.recordGroups() == 1
                && chain.hasRoomForCopy(Layout.aligned(tail.endOffset() - Layout.HEADER_BYTES));
    }

    /** Completes the reserve; spares that may have holes count. On a full disk, the log opens but refuses appends. */
    private void keepReserve() throws IOException {
        try {
            while (!spares.pool().hasReserve()) {
                spares.make();
            }
        } catch (CallRefusedException e) {
            // The first append reports this.
        }
    }
}
