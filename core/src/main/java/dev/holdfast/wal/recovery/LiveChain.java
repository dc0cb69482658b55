package dev.holdfast.wal.recovery;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.chain.SegmentHeaders;
import dev.holdfast.wal.format.Footer;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.Predecessor;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.format.SegmentName;
import dev.holdfast.wal.segment.Damage;
import dev.holdfast.wal.segment.GroupReader;
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
    final SegmentHeaders headers;
    final TailScan tail;
    private final Map<Long, Segment> known;

    /** The predecessors that passed the checks, each by the epoch of its successor. */
    private final Map<Long, Segment> checked = new HashMap<>();

    private final ReadBuffer buffer = new ReadBuffer();
    private List<Segment> segments = List.of();
    private Optional<Footer> footerToWrite = Optional.empty();

    /**
     * Begins with the tail of a directory with at least one segment. The caller must scan it before {@link #link}. Its
     * file stays acquired until {@link #close}.
     *
     * @param before an earlier chain of the same files; links that it has checked are not checked again
     */
    LiveChain(Storage storage, SegmentHeaders headers, @Nullable LiveChain before) throws IOException {
        this.storage = storage;
        this.headers = headers;
        this.known = before == null ? Map.of() : before.checked;
        Optional<Footer> footer = GroupReader.footer(storage, headers.newest(), buffer);
        if (footer.isPresent()) throw missingSuccessor(footer.get()); // seam: tail-missing
        Segment newest = new Segment(storage, headers.newest(), new SegmentIndex());
        this.tail = new TailScan(newest, newest.acquire(), new ReadBuffer());
    }

    /**
     * Finds the segments before the tail and returns all live segments, oldest first. A further call drops segments
     * that were trimmed since, and otherwise returns the same list.
     */
    List<Segment> link() throws IOException {
        segments = segments.isEmpty() ? linked() : segments;
        while (segments.size() > 1 && segments.get(1).baseId() - 1 <= tail.trimPoint()) {
            segments = segments.subList(1, segments.size());
        }
        return segments;
    }

    private List<Segment> linked() throws IOException {
        Deque<Segment> linked = new ArrayDeque<>(List.of(tail.segment()));
        SegmentHeaders.Lineage lineage = headers.lineage(headers.newest(), tail.trimPoint());
        for (SegmentHeaders.Link link : lineage.links()) {
            long successor = link.successor().epoch();
            Segment segment = known.get(successor);
            if (segment == null || !segment.header().equals(link.header())) {
                segment = check(link);
            }
            checked.put(successor, segment);
            linked.addFirst(segment);
        }
        if (lineage.missing().isPresent()) throw missing(lineage.missing().getAsLong(), lineage.oldest());
        return List.copyOf(linked);
    }

    @Override
    public void close() throws IOException {
        tail.segment().release();
    }

    /**
     * Returns the footer that must be written to the tail's predecessor, because it may be missing or not synced. A
     * readable footer is written again unchanged, because a hard link may share the file with another log.
     */
    Optional<Footer> footerToWrite() {
        return footerToWrite;
    }

    private Segment check(SegmentHeaders.Link link) throws IOException {
        SegmentHeader successor = link.successor();
        Footer read = headers.footers().remove(link.header().epoch());
        Optional<Footer> footer = (read == null
                        ? GroupReader.footer(storage, link.header(), buffer)
                        : Optional.of(read))
                .filter(found -> isOf(link, found));
        // True if the successor is the tail, and perhaps nothing was written to it since it was created.
        boolean unfinished = successor.epoch() == headers.newest().epoch()
                && tail.groupsSeen() <= INITIAL_GROUPS; // seam: roll-unfinished
        if (footer.isEmpty() && !unfinished) throw damagedFooter(link);
        SegmentIndex index =
                footer.map(found -> new SegmentIndex(found.index())).orElseGet(SegmentIndex::new);
        Segment segment = new Segment(storage, link.header(), index);
        if (footer.isEmpty()) {
            scan(segment, link);
        }
        if (unfinished) {
            // A readable footer may come from a process that was killed before it synced the footer.
            long nextId = successor.baseId();
            long end = link.end().endOffset();
            footerToWrite = footer.or(() ->
                    Optional.of(new Footer(nextId, end, successor.epoch(), tail.trimPoint(), new int[0], nextId - 1)));
        }
        if (link.end() instanceof Predecessor.Cut cut) {
            checkCut(segment, cut, successor.baseId() - 1);
        }
        return segment;
    }

    private static boolean isOf(SegmentHeaders.Link link, Footer footer) {
        long nextId = link.successor().baseId();
        return link.end() instanceof Predecessor.Cut
                ? footer.nextId() >= nextId
                : footer.nextId() == nextId && footer.endOffset() == link.end().endOffset();
    }

    /** Scans a predecessor without a footer, to fill the predecessor's index. All of its groups were synced. */
    private static void scan(Segment segment, SegmentHeaders.Link link) throws IOException {
        TailScan scan = new TailScan(segment, segment.acquire(), new ReadBuffer());
        try {
            scan.proceed();
        } finally {
            segment.release();
        }
        long end = link.end().endOffset();
        TailScan.Broken broken = scan.broken();
        if (scan.tornOffset() < end) {
            String successor = link.successor().name().fileName();
            throw Damage.at(segment.fileName(), broken.offset(), broken.why() + ", expected groups up to byte " + end)
                    .means("Record " + broken.id() + " was synced before " + successor + " was created, so")
                    .records(broken.id(), link.successor().baseId() - 1, "may be lost and the log was not opened.")
                    .restoreOrDrop();
        }
    }

    private static void checkCut(Segment segment, Predecessor.Cut cut, long lastId) throws IOException {
        GroupReader last = RecordWalk.to(segment, lastId, new ReadBuffer());
        if (last.frameEnd() != cut.endOffset() || last.plainCrc() != cut.lastRecordCrc()) {
            throw Damage.at(
                            segment.fileName(),
                            last.frame(),
                            "record " + lastId + " is not the record after which this segment was cut (it ends at byte "
                                    + last.frameEnd() + ", expected " + cut.endOffset() + ")")
                    .means("The file is older than the segments after it, so the log was not opened.")
                    .atRisk(segment.baseId(), lastId)
                    .restoreOrDrop();
        }
    }

    private static CorruptLogException damagedFooter(SegmentHeaders.Link link) {
        SegmentHeader header = link.header();
        String successor = link.successor().name().fileName();
        long lastId = link.successor().baseId() - 1;
        return Damage.at(
                        header.name().fileName(),
                        Layout.footerOffset(header.fileLength()),
                        "no valid footer, expected a footer that ends with record " + lastId + ", because " + successor
                                + " follows")
                .means("The file is damaged or older than the segments after it;")
                .records(header.baseId(), lastId, "may be lost and the log was not opened.")
                .restoreOrDrop();
    }

    /** Returns the exception for a missing segment. An older segment's footer may name its first id. */
    private CorruptLogException missing(long epoch, SegmentHeader successor) throws IOException {
        long firstId = tail.trimPoint() + 1;
        String name = String.format("%08x-*.seg", epoch);
        for (SegmentHeader before : headers.byEpoch().headMap(epoch).values()) {
            Optional<Footer> footer =
                    GroupReader.footer(storage, before, buffer).filter(found -> found.successorEpoch() == epoch);
            if (footer.isPresent() && footer.get().nextId() < successor.baseId()) {
                firstId = Math.max(firstId, footer.get().nextId());
                name = new SegmentName(epoch, footer.get().nextId()).fileName();
            }
        }
        return Damage.missing(storage.name(), name, "but " + successor.name().fileName() + " follows it")
                .records(firstId, successor.baseId() - 1, "may be lost with it, so the log was not opened.")
                .restoreOrDrop();
    }

    private CorruptLogException missingSuccessor(Footer footer) {
        String newest = headers.newest().name().fileName();
        String name = footer.endOffset() == Layout.HEADER_BYTES
                ? String.format("%08x-*.seg", footer.successorEpoch())
                : new SegmentName(footer.successorEpoch(), footer.nextId()).fileName();
        return Damage.missing(
                        storage.name(),
                        name,
                        "or a replacement of it: " + newest + " has a footer, so another segment followed")
                .recordsFrom(footer.keptId() + 1, "may be lost with it and the log was not opened.")
                .restoreOrDrop();
    }
}
