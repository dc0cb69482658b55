package dev.holdfast.wal.recovery;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.format.Footer;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.Predecessor;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.format.SegmentName;
import dev.holdfast.wal.segment.Footers;
import dev.holdfast.wal.segment.ReadBuffer;
import dev.holdfast.wal.segment.RecordWalk;
import dev.holdfast.wal.segment.Remedy;
import dev.holdfast.wal.segment.Segment;
import dev.holdfast.wal.segment.SegmentIndex;
import dev.holdfast.wal.segment.TailScan;
import dev.holdfast.wal.storage.ReadableFile;
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
 * segment's header leads to the one before, until an origin or until everything before is trimmed; what it does not
 * lead to is dead. Each link is checked:
 *
 * <ol>
 *   <li>the predecessor is there, and its ids come before;
 *   <li>it has a footer, which after a seal says the same end as the successor's header does;
 *   <li>after a cut the record that ends at that place has the checksum that the successor's header says.
 * </ol>
 *
 * A footer may be missing in one case: the successor is the tail and may be as it was born. Then the power failed
 * between the publishing of the successor and the footer, and the predecessor, all of which had been synced before, is
 * scanned instead. In this case the footer has to be written, also where there is one.
 */
final class LiveChain implements AutoCloseable {
    /** A copy, and a marker. */
    private static final int GROUPS_AT_BIRTH = 2;

    private final Storage storage;
    private final SegmentHeaders segmentHeaders;
    private final ReadBuffer window = new ReadBuffer();
    private final Deque<Segment> segments = new ArrayDeque<>();
    private final Map<Long, Segment> checked;
    private final Map<Long, Segment> predecessors = new HashMap<>();
    private final TailScan tail;
    private @Nullable List<Segment> view;
    private @Nullable Footless footless;
    private boolean linked;

    /**
     * A predecessor whose footer may not be on the disk, and what it says. One that can be read is written again as it
     * is: another log may have the file under a name of its own.
     */
    record Footless(Segment segment, long endOffset, long nextId, long successorEpoch, long trimPoint) {}

    private LiveChain(Storage storage, SegmentHeaders segmentHeaders, Segment newest, Map<Long, Segment> checked)
            throws IOException {
        this.storage = storage;
        this.segmentHeaders = segmentHeaders;
        this.checked = checked;
        this.tail = new TailScan(newest, newest.acquire(), window);
        segments.addFirst(newest);
    }

    /**
     * Scans the tail of a directory that holds at least one segment. The tail's file stays acquired until
     * {@link #close}.
     *
     * @param checked the {@link #predecessors} that an earlier look at the same files has found: these links are not
     *     checked again
     */
    static LiveChain of(Storage storage, SegmentHeaders segmentHeaders, Map<Long, Segment> checked) throws IOException {
        Segment newest = new Segment(storage, segmentHeaders.newest(), new SegmentIndex());
        LiveChain chain = new LiveChain(storage, segmentHeaders, newest, checked);
        boolean scanned = false;
        try {
            if (chain.footer(segmentHeaders.newest()).isPresent()) {
                throw chain.missingSuccessor(segmentHeaders.newest());
            }
            chain.tail.proceed();
            scanned = true;
            return chain;
        } finally {
            if (!scanned) {
                chain.close();
            }
        }
    }

    /** Finds the segments that the tail leads to. Called again, it leaves out those that have been trimmed since. */
    void link() throws IOException {
        while (!linked && leadsBack(segments.getFirst().header())) {
            SegmentHeader successor = segments.getFirst().header();
            segments.addFirst(predecessor(successor));
            predecessors.put(successor.epoch(), segments.getFirst());
            view = null;
        }
        linked = true;
        while (segments.size() > 1 && firstIsTrimmed()) {
            segments.removeFirst();
            view = null;
        }
    }

    private boolean firstIsTrimmed() {
        Segment first = segments.removeFirst();
        boolean trimmed = segments.getFirst().baseId() - 1 <= tail.trimPoint();
        segments.addFirst(first);
        return trimmed;
    }

    /** Gives the tail's file back. */
    @Override
    public void close() throws IOException {
        tail.segment().release();
    }

    /** The live segments, oldest first: the same list as long as they are the same. */
    List<Segment> segments() {
        List<Segment> same = view == null ? List.copyOf(segments) : view;
        view = same;
        return same;
    }

    /** Each segment that was found before another, by the epoch of that one. */
    Map<Long, Segment> predecessors() {
        return predecessors;
    }

    /** The tail, scanned as far as it is whole. */
    TailScan tail() {
        return tail;
    }

    /** The predecessor of the tail, if its footer has to be written. */
    Optional<Footless> footless() {
        return Optional.ofNullable(footless);
    }

    private boolean leadsBack(SegmentHeader header) {
        return !(header.predecessor() instanceof Predecessor.None) && header.baseId() - 1 > tail.trimPoint();
    }

    private Segment predecessor(SegmentHeader successor) throws IOException {
        Segment known = checked.get(successor.epoch());
        if (known != null
                && known.header()
                        .equals(segmentHeaders.headers().get(known.header().epoch()))) {
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
        SegmentHeader header = segmentHeaders.headers().get(epoch);
        if (header == null || header.baseId() >= successor.baseId()) {
            throw missing(epoch, successor);
        }
        return header;
    }

    /**
     * The segment before the missing one says in its footer where that began, if it had been followed by it in the
     * first place.
     */
    private CorruptLogException missing(long epoch, SegmentHeader successor) throws IOException {
        long firstId = tail.trimPoint() + 1;
        String name = String.format("%08x-*.seg", epoch);
        for (SegmentHeader before : segmentHeaders.headers().headMap(epoch).values()) {
            Optional<Footer> footer = footer(before).filter(found -> found.successorEpoch() == epoch);
            if (footer.isPresent() && footer.get().nextId() < successor.baseId()) {
                firstId = Math.max(firstId, footer.get().nextId());
                name = new SegmentName(epoch, footer.get().nextId()).fileName();
            }
        }
        return new CorruptLogException(
                storage.name() + ": the segment " + name + " is missing, which "
                        + successor.name().fileName()
                        + " follows. " + Remedy.records(firstId, successor.baseId() - 1)
                        + " may be lost with it, so the log was not opened. " + Remedy.restoreOrDrop(firstId),
                name,
                0,
                firstId,
                successor.baseId() - 1);
    }

    private Segment sealed(SegmentHeader header, Predecessor.Sealed sealed, SegmentHeader successor)
            throws IOException {
        Optional<Footer> footer = footer(header)
                .filter(found -> found.endOffset() == sealed.endOffset() && found.nextId() == successor.baseId());
        return linked(header, footer, sealed.endOffset(), successor);
    }

    private Segment cut(SegmentHeader header, Predecessor.Cut cut, SegmentHeader successor) throws IOException {
        Optional<Footer> footer = footer(header).filter(found -> found.nextId() >= successor.baseId());
        Segment segment = linked(header, footer, cut.endOffset(), successor);
        checkCut(segment, cut, successor.baseId() - 1);
        return segment;
    }

    private Segment linked(SegmentHeader header, Optional<Footer> footer, long endOffset, SegmentHeader successor)
            throws IOException {
        boolean unfinished = successor.epoch() == tail.segment().header().epoch() && tailMayBeAsItWasBorn();
        Segment segment = new Segment(
                storage,
                header,
                footer.map(found -> new SegmentIndex(found.index())).orElseGet(SegmentIndex::new));
        if (footer.isEmpty()) {
            if (!unfinished) {
                throw damagedFooter(segment, successor);
            }
            scan(segment, endOffset, successor);
        }
        if (unfinished) {
            // A footer that can be read may have been written by a process that was killed before it was synced.
            footless = footer.map(found -> new Footless(
                            segment, found.endOffset(), found.nextId(), found.successorEpoch(), found.trimPoint()))
                    .orElseGet(() ->
                            new Footless(segment, endOffset, successor.baseId(), successor.epoch(), tail.trimPoint()));
        }
        return segment;
    }

    /** Whether perhaps nothing has been written to the tail since it got its name. */
    private boolean tailMayBeAsItWasBorn() {
        return tail.groupsSeen() <= GROUPS_AT_BIRTH;
    }

    /** Reads through a predecessor that has no footer yet, which fills its index. All of it had been synced. */
    private static void scan(Segment segment, long endOffset, SegmentHeader successor) throws IOException {
        TailScan scan = new TailScan(segment, segment.acquire(), new ReadBuffer());
        try {
            scan.proceed();
        } finally {
            segment.release();
        }
        TailScan.Broken broken = scan.broken();
        if (scan.tornOffset() < endOffset && broken != null) {
            throw new CorruptLogException(
                    segment.fileName() + " at byte " + broken.offset() + ": " + broken.why()
                            + ", expected groups up to byte "
                            + endOffset + ". Record " + broken.id() + " had been synced before "
                            + successor.name().fileName() + " was made, so "
                            + Remedy.recordsInside(broken.id(), successor.baseId() - 1)
                            + " may be lost and the log was not opened. " + Remedy.restoreOrDrop(broken.id()),
                    segment.fileName(),
                    broken.offset(),
                    broken.id(),
                    successor.baseId() - 1);
        }
    }

    private void checkCut(Segment segment, Predecessor.Cut cut, long lastId) throws IOException {
        RecordWalk walk = new RecordWalk(new ReadBuffer());
        long limit = segment.header().fileLength();
        ReadableFile file = segment.acquire();
        try {
            walk.seek(segment, file, lastId, lastId, limit);
            walk.next(limit);
        } finally {
            segment.release();
        }
        if (walk.frameEnd() != cut.endOffset() || walk.plainCrc() != cut.lastRecordCrc()) {
            throw new CorruptLogException(
                    segment.fileName() + " at byte " + walk.frameOffset() + ": record " + lastId
                            + " is not the one after which this segment was cut (it ends at byte " + walk.frameEnd()
                            + ", expected "
                            + cut.endOffset()
                            + "). The file is older than the ones after it, so the log was not opened. "
                            + Remedy.restoreOrDrop(segment.baseId()),
                    segment.fileName(),
                    walk.frameOffset(),
                    segment.baseId(),
                    lastId);
        }
    }

    private Optional<Footer> footer(SegmentHeader header) throws IOException {
        return Footers.read(storage, header);
    }

    private static CorruptLogException damagedFooter(Segment segment, SegmentHeader successor) {
        long offset = Layout.footerOffset(segment.header().fileLength());
        return new CorruptLogException(
                segment.fileName() + " at byte " + offset + ": no valid footer, expected one that ends with record "
                        + (successor.baseId() - 1) + ", since "
                        + successor.name().fileName()
                        + " follows. The file is damaged or older than the ones after it; "
                        + Remedy.recordsInside(segment.baseId(), successor.baseId() - 1)
                        + " may be lost and the log was not opened. " + Remedy.restoreOrDrop(segment.baseId()),
                segment.fileName(),
                offset,
                segment.baseId(),
                successor.baseId() - 1);
    }

    private CorruptLogException missingSuccessor(SegmentHeader newest) throws IOException {
        Footer footer = footer(newest).orElseThrow();
        long firstId = footer.keptId() + 1;
        boolean replaced = footer.endOffset() == Layout.HEADER_BYTES;
        String name = replaced
                ? String.format("%08x-*.seg", footer.successorEpoch())
                : new SegmentName(footer.successorEpoch(), footer.nextId()).fileName();
        return new CorruptLogException(
                storage.name() + ": the segment " + name + " is missing, or one that came in its place: "
                        + newest.name().fileName()
                        + " has a footer, so another one followed. Records from " + firstId
                        + " on may be lost with it and the log was not opened. Restore the log from a copy, or "
                        + Remedy.drop(firstId),
                name,
                0,
                firstId,
                Long.MAX_VALUE);
    }
}
