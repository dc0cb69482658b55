package dev.holdfast.wal.recovery;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.format.Footer;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.Predecessor;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.format.SegmentName;
import dev.holdfast.wal.segment.Damage;
import dev.holdfast.wal.segment.Footers;
import dev.holdfast.wal.segment.ReadBuffer;
import dev.holdfast.wal.segment.RecordWalk;
import dev.holdfast.wal.segment.Segment;
import dev.holdfast.wal.segment.SegmentIndex;
import dev.holdfast.wal.segment.TailScan;
import dev.holdfast.wal.storage.Storage;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The live segments of a directory, found by reading alone. The segment with the highest epoch is the tail. Each
 * segment's header names its predecessor, back to an origin or to the trim point. All other segments are dead. Three
 * checks for each link:
 *
 * <ol>
 *   <li>The predecessor exists and has smaller ids.
 *   <li>The predecessor has a footer. After a seal, the footer names the same end as the successor's header.
 *   <li>After a cut, the record that ends at the cut has the checksum that the successor's header names.
 * </ol>
 *
 * <p>A footer may be missing in one case: the successor is the tail, and perhaps nothing was written to the tail since
 * it was created. Then the power failed after the successor was published and before the footer was synced. The
 * predecessor's groups were synced before, so they are scanned instead. Recovery then writes the footer in any case.
 */
final class LiveChain implements AutoCloseable {
    /** Maximum number of groups at the start of a new segment: a copy of records, and a marker. */
    private static final int INITIAL_GROUPS = 2;

    private final Storage storage;
    private final SegmentHeaders segmentHeaders;
    private final Deque<Segment> segments = new ArrayDeque<>();
    private final Map<Long, Segment> checked;
    private final Map<Long, Segment> predecessors = new HashMap<>();
    private final TailScan tail;
    private @Nullable List<Segment> view;
    private @Nullable FooterToWrite footerToWrite;
    private boolean linked;

    /**
     * A footer that recovery writes, because it may be missing or not synced. A readable footer is written again
     * unchanged, because a hard link may share the file with another log.
     */
    record FooterToWrite(Segment segment, long endOffset, long nextId, long successorEpoch, long trimPoint) {}

    private LiveChain(Storage storage, SegmentHeaders segmentHeaders, Segment newest, Map<Long, Segment> checked)
            throws IOException {
        this.storage = storage;
        this.segmentHeaders = segmentHeaders;
        this.checked = checked;
        this.tail = new TailScan(newest, newest.acquire(), new ReadBuffer());
        segments.addFirst(newest);
    }

    /**
     * Scans the tail of a directory with at least one segment. The tail's file stays acquired until {@link #close}.
     *
     * @param checked the {@link #predecessors} that an earlier scan of the same files found; they are not checked again
     */
    static LiveChain of(Storage storage, SegmentHeaders segmentHeaders, Map<Long, Segment> checked) throws IOException {
        Segment newest = new Segment(storage, segmentHeaders.newest(), new SegmentIndex());
        LiveChain chain = new LiveChain(storage, segmentHeaders, newest, checked);
        try {
            if (Footers.read(storage, segmentHeaders.newest()).isPresent()) {
                throw chain.missingSuccessor(segmentHeaders.newest());
            }
            chain.tail.proceed();
            return chain;
        } catch (Throwable e) {
            chain.close();
            throw e;
        }
    }

    /** Finds the segments before the tail. A further call drops segments that were trimmed since. */
    void link() throws IOException {
        while (!linked && leadsBack(segments.getFirst().header())) {
            SegmentHeader successor = segments.getFirst().header();
            segments.addFirst(predecessor(successor));
            predecessors.put(successor.epoch(), segments.getFirst());
            view = null;
        }
        linked = true;
        while (segments.stream().skip(1).limit(1).anyMatch(second -> second.baseId() - 1 <= tail.trimPoint())) {
            segments.removeFirst();
            view = null;
        }
    }

    /** Releases the tail's file. */
    @Override
    public void close() throws IOException {
        tail.segment().release();
    }

    /** Returns the live segments, oldest first. Returns the same list as long as the segments are the same. */
    List<Segment> segments() {
        List<Segment> same = view == null ? List.copyOf(segments) : view;
        view = same;
        return same;
    }

    /** Returns the predecessors found so far, each by the epoch of its successor. */
    Map<Long, Segment> predecessors() {
        return predecessors;
    }

    /** Returns the tail, scanned up to its last whole group. */
    TailScan tail() {
        return tail;
    }

    /** Returns the footer that must be written for the predecessor of the tail; empty if none must be. */
    Optional<FooterToWrite> footerToWrite() {
        return Optional.ofNullable(footerToWrite);
    }

    private boolean leadsBack(SegmentHeader header) {
        return !(header.predecessor() instanceof Predecessor.None) && header.baseId() - 1 > tail.trimPoint();
    }

    private Segment predecessor(SegmentHeader successor) throws IOException {
        Segment known = checked.get(successor.epoch());
        if (known != null
                && known.header()
                        .equals(segmentHeaders.byEpoch().get(known.header().epoch()))) {
            return known;
        }
        if (successor.predecessor() instanceof Predecessor.Sealed sealed) {
            return sealed(present(sealed.epoch(), successor), sealed, successor);
        }
        if (successor.predecessor() instanceof Predecessor.Cut cut) {
            return cut(present(cut.epoch(), successor), cut, successor);
        }
        throw new AssertionError(successor + " has no predecessor");
    }

    private SegmentHeader present(long epoch, SegmentHeader successor) throws IOException {
        SegmentHeader header = segmentHeaders.byEpoch().get(epoch);
        if (header == null || header.baseId() >= successor.baseId()) throw missing(epoch, successor);
        return header;
    }

    /** Returns the exception for a missing segment. An older segment's footer may name its first id. */
    private CorruptLogException missing(long epoch, SegmentHeader successor) throws IOException {
        long firstId = tail.trimPoint() + 1;
        String name = String.format("%08x-*.seg", epoch);
        for (SegmentHeader before : segmentHeaders.byEpoch().headMap(epoch).values()) {
            Optional<Footer> footer = Footers.read(storage, before).filter(found -> found.successorEpoch() == epoch);
            if (footer.isPresent() && footer.get().nextId() < successor.baseId()) {
                firstId = Math.max(firstId, footer.get().nextId());
                name = new SegmentName(epoch, footer.get().nextId()).fileName();
            }
        }
        return Damage.missing(storage.name(), name, "but " + successor.name().fileName() + " follows it")
                .records(firstId, successor.baseId() - 1, "may be lost with it, so the log was not opened.")
                .restoreOrDrop();
    }

    private Segment sealed(SegmentHeader header, Predecessor.Sealed sealed, SegmentHeader successor)
            throws IOException {
        Optional<Footer> footer = Footers.read(storage, header)
                .filter(found -> found.endOffset() == sealed.endOffset() && found.nextId() == successor.baseId());
        return linked(header, footer, sealed.endOffset(), successor);
    }

    private Segment cut(SegmentHeader header, Predecessor.Cut cut, SegmentHeader successor) throws IOException {
        Optional<Footer> footer = Footers.read(storage, header).filter(found -> found.nextId() >= successor.baseId());
        Segment segment = linked(header, footer, cut.endOffset(), successor);
        checkCut(segment, cut, successor.baseId() - 1);
        return segment;
    }

    private Segment linked(SegmentHeader header, Optional<Footer> footer, long endOffset, SegmentHeader successor)
            throws IOException {
        // True if the successor is the tail, and perhaps nothing was written to it since it was created.
        boolean unfinished = successor.epoch() == tail.segment().header().epoch()
                && tail.groupsSeen() <= INITIAL_GROUPS; // seam: roll-unfinished
        Segment segment = new Segment(
                storage,
                header,
                footer.map(found -> new SegmentIndex(found.index())).orElseGet(SegmentIndex::new));
        if (footer.isEmpty()) {
            if (!unfinished) throw damagedFooter(segment, successor);
            scan(segment, endOffset, successor);
        }
        if (unfinished) {
            // A readable footer may come from a process that was killed before it synced the footer.
            footerToWrite = footer.map(found -> new FooterToWrite(
                            segment, found.endOffset(), found.nextId(), found.successorEpoch(), found.trimPoint()))
                    .orElseGet(() -> new FooterToWrite(
                            segment, endOffset, successor.baseId(), successor.epoch(), tail.trimPoint()));
        }
        return segment;
    }

    /** Scans a predecessor without a footer, to fill the predecessor's index. All of its groups were synced. */
    private static void scan(Segment segment, long endOffset, SegmentHeader successor) throws IOException {
        TailScan scan = new TailScan(segment, segment.acquire(), new ReadBuffer());
        try {
            scan.proceed();
        } finally {
            segment.release();
        }
        TailScan.Broken broken = scan.broken();
        if (scan.tornOffset() < endOffset && broken != null) {
            throw Damage.at(
                            segment.fileName(),
                            broken.offset(),
                            broken.why() + ", expected groups up to byte " + endOffset)
                    .means("Record " + broken.id() + " was synced before "
                            + successor.name().fileName() + " was created, so")
                    .records(broken.id(), successor.baseId() - 1, "may be lost and the log was not opened.")
                    .restoreOrDrop();
        }
    }

    private void checkCut(Segment segment, Predecessor.Cut cut, long lastId) throws IOException {
        RecordWalk walk = RecordWalk.to(segment, lastId, new ReadBuffer());
        if (walk.frameEnd() != cut.endOffset() || walk.plainCrc() != cut.lastRecordCrc()) {
            throw Damage.at(
                            segment.fileName(),
                            walk.frameOffset(),
                            "record " + lastId + " is not the record after which this segment was cut (it ends at byte "
                                    + walk.frameEnd() + ", expected " + cut.endOffset() + ")")
                    .means("The file is older than the segments after it, so the log was not opened.")
                    .atRisk(segment.baseId(), lastId)
                    .restoreOrDrop();
        }
    }

    private static CorruptLogException damagedFooter(Segment segment, SegmentHeader successor) {
        long lastId = successor.baseId() - 1;
        return Damage.at(
                        segment.fileName(),
                        Layout.footerOffset(segment.header().fileLength()),
                        "no valid footer, expected a footer that ends with record " + lastId + ", because "
                                + successor.name().fileName() + " follows")
                .means("The file is damaged or older than the segments after it;")
                .records(segment.baseId(), lastId, "may be lost and the log was not opened.")
                .restoreOrDrop();
    }

    private CorruptLogException missingSuccessor(SegmentHeader newest) throws IOException {
        Footer footer = Footers.read(storage, newest).orElseThrow();
        long firstId = footer.keptId() + 1;
        boolean replaced = footer.endOffset() == Layout.HEADER_BYTES;
        String name = replaced
                ? String.format("%08x-*.seg", footer.successorEpoch())
                : new SegmentName(footer.successorEpoch(), footer.nextId()).fileName();
        return Damage.missing(
                        storage.name(),
                        name,
                        "or a replacement of it: " + newest.name().fileName()
                                + " has a footer, so another segment followed")
                .recordsFrom(firstId, "may be lost with it and the log was not opened.")
                .restoreOrDrop();
    }
}
