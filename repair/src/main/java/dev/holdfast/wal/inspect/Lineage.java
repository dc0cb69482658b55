package dev.holdfast.wal.inspect;

import dev.holdfast.wal.format.Predecessor;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.recovery.SegmentHeaders;
import dev.holdfast.wal.segment.ReadBuffer;
import dev.holdfast.wal.segment.Segment;
import dev.holdfast.wal.segment.SegmentIndex;
import dev.holdfast.wal.segment.TailScan;
import dev.holdfast.wal.storage.Storage;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;

/**
 * The segments that lead from one of a directory back to the oldest, as far as they are there; also where the log would
 * not open. The newest is scanned, and each other one ends where the header of the one after it says.
 *
 * @param members oldest first
 * @param missingEpoch of the segment that the oldest leads to and that is not there, although not all before is trimmed
 * @param trimPoint that the newest says
 * @param durableId the highest id that the newest proves to be synced
 * @param closed whether the newest says that the log was closed
 */
public record Lineage(List<Member> members, OptionalLong missingEpoch, long trimPoint, long durableId, boolean closed) {
    /**
     * A segment and where it ends.
     *
     * @param endOffset where its live groups end, or its last live frame
     * @param nextId the id after its last live record
     */
    public record Member(SegmentHeader header, long endOffset, long nextId) {
        /** Where the live part of the segment may be read. */
        Segment segment(Storage storage) {
            return new Segment(storage, header, new SegmentIndex());
        }
    }

    /** Follows the headers of a survey back from one of them. */
    public static Lineage from(SegmentHeader newest, Storage storage, SegmentHeaders survey) throws IOException {
        return scanned(newest, storage, scan -> from(newest, scan, survey));
    }

    private static Lineage from(SegmentHeader newest, TailScan scan, SegmentHeaders survey) throws IOException {
        Deque<Member> members = new ArrayDeque<>();
        members.addFirst(new Member(newest, scan.tornOffset(), scan.lastId() + 1));
        SegmentHeader header = newest;
        while (header.predecessor() instanceof Predecessor.Before end && header.baseId() - 1 > scan.trimPoint()) {
            SegmentHeader before = survey.headers().get(end.epoch());
            if (before == null || before.baseId() >= header.baseId()) {
                return new Lineage(
                        new ArrayList<>(members),
                        OptionalLong.of(end.epoch()),
                        scan.trimPoint(),
                        scan.durableId(),
                        scan.isClosed());
            }
            members.addFirst(new Member(before, end.endOffset(), header.baseId()));
            header = before;
        }
        return new Lineage(
                new ArrayList<>(members), OptionalLong.empty(), scan.trimPoint(), scan.durableId(), scan.isClosed());
    }

    /** What is asked of a scan. */
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

    /** The highest id that anything behind the groups of the newest says to be synced; -1 if nothing does. */
    public long durableIdBehind(Storage storage) throws IOException {
        return scanned(newest().header(), storage, scan -> scan.behind().durableId());
    }

    /** The newest of its segments. */
    public Member newest() {
        return members.get(members.size() - 1);
    }

    /** The oldest record that it holds, if it holds one. */
    public long firstId() {
        return Math.max(trimPoint + 1, members.get(0).header().baseId());
    }
}
