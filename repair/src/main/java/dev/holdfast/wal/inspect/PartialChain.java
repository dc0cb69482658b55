package dev.holdfast.wal.inspect;

import dev.holdfast.wal.chain.SegmentHeaders;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.segment.ReadBuffer;
import dev.holdfast.wal.segment.Segment;
import dev.holdfast.wal.segment.SegmentIndex;
import dev.holdfast.wal.segment.TailScan;
import dev.holdfast.wal.storage.Storage;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;

/**
 * The chain of segments from a given segment back to the oldest segment of the log, even if the log would not open. The
 * chain stops early if a segment is missing. The given segment is the newest of the chain, and its end is found by a
 * scan. Every other segment ends at the offset that its successor's header contains.
 *
 * @param members oldest first
 * @param missingEpoch epoch of the missing segment at which the chain stopped early
 * @param trimPoint the last trimmed id, according to the newest segment
 * @param durableId the highest id that the newest segment proves to be synced
 * @param closed whether the newest segment records that the log was closed
 */
public record PartialChain(
        List<Member> members, OptionalLong missingEpoch, long trimPoint, long durableId, boolean closed) {
    /**
     * A segment with the end of its live records.
     *
     * @param endOffset end of the segment's live groups, or of its last live frame
     * @param nextId the id after the segment's last live record
     */
    public record Member(SegmentHeader header, long endOffset, long nextId) {
        /** Returns a segment for reading the live records. */
        public Segment segment(Storage storage) {
            return new Segment(storage, header, new SegmentIndex());
        }
    }

    /** Follows the chain back from one of the segments. */
    public static PartialChain from(SegmentHeader newest, Storage storage, SegmentHeaders headers) throws IOException {
        return scanned(newest, storage, scan -> from(newest, scan, headers));
    }

    private static PartialChain from(SegmentHeader newest, TailScan scan, SegmentHeaders headers) throws IOException {
        SegmentHeaders.Lineage lineage = headers.lineage(newest, scan.trimPoint());
        Deque<Member> members = new ArrayDeque<>();
        members.add(new Member(newest, scan.tornOffset(), scan.lastId() + 1));
        for (SegmentHeaders.Link link : lineage.links()) {
            members.addFirst(new Member(
                    link.header(), link.end().endOffset(), link.successor().baseId()));
        }
        return new PartialChain(
                List.copyOf(members), lineage.missing(), scan.trimPoint(), scan.durableId(), scan.isClosed());
    }

    /** A function of a scan. */
    private interface Question<T> {
        T ask(TailScan scan) throws IOException;
    }

    private static <T> T scanned(SegmentHeader newest, Storage storage, Question<T> question) throws IOException {
        Segment segment = new Segment(storage, newest, new SegmentIndex());
        TailScan scan = new TailScan(segment, segment.acquire(), new ReadBuffer());
        try {
            scan.proceed();
            return question.ask(scan);
        } finally {
            segment.release();
        }
    }

    /**
     * Returns the highest durable id in valid groups after the place at which the scan of the newest segment ended; -1
     * if there is none.
     */
    public long durableIdBehind(Storage storage) throws IOException {
        return scanned(newest().header(), storage, scan -> scan.behind().durableId());
    }

    /** Returns the newest segment. */
    public Member newest() {
        return members.get(members.size() - 1);
    }

    /** Returns the id of the oldest record or, if the log has no record, the id that would be its first. */
    public long firstId() {
        return Math.max(trimPoint + 1, members.get(0).header().baseId());
    }
}
