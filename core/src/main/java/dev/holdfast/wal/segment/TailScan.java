package dev.holdfast.wal.segment;

import dev.holdfast.wal.format.Checksum;
import dev.holdfast.wal.format.GroupHeader;
import dev.holdfast.wal.format.GroupKind;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.storage.ReadableFile;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the groups of a segment that has no footer, from the first one to where they stop being whole, and says what
 * stands there. Reading never repairs: what to do about it is recovery's decision. {@link #proceed} may be called
 * again: it goes on where it stopped, to see what has been written since.
 *
 * <p>A segment's groups are valid up to the first place where one of these does not hold:
 *
 * <ol>
 *   <li>the group's header has a matching checksum, and the group ends before the space kept free;
 *   <li>its first id is the id after the record before, and its durable id is below its first id;
 *   <li>a group of records has as many frames as it says, none larger than the limit, and they fill it exactly;
 *   <li>each frame has a matching checksum;
 *   <li>the last one ends its batch.
 * </ol>
 *
 * Of the group in which they end, the whole batches before the broken frame count.
 */
public final class TailScan {
    /** How far {@link #nearBehind} looks at once, and how much of the rest it looks at in each call. */
    private static final int NEAR_BYTES = 64 << 10;

    private static final int PIECE_BYTES = 256 << 10;

    private final Segment segment;
    private final ReadableFile file;
    private final ReadBuffer window;
    private final Checksum checksum = new Checksum();
    private final GroupHeader group = new GroupHeader();
    private final FrameCheck frames;
    private final long groupsEnd;

    private long position = Layout.HEADER_BYTES;
    private long nextId;
    private long lastWholeId;
    private long lastWholeEnd = Layout.HEADER_BYTES;
    private long durableId;
    private long trimPoint;
    private long trimOffset = Long.MAX_VALUE;
    private boolean endsWithClose;
    private long groupsSeen;
    private long recordGroups;
    private long afterBroken;
    private long nextPiece;
    private @Nullable Broken broken;

    /**
     * Where the groups stop being whole.
     *
     * @param offset of the first byte that is not part of a whole group or frame
     * @param id of the record that was expected there
     * @param why goes into messages verbatim
     */
    public record Broken(long offset, long id, String why) {}

    /**
     * What stands behind the place where the groups end.
     *
     * @param durableId the highest durable id of any self-valid group found there, -1 if none
     * @param trimPoint the highest trim point of any of them, -1 if none
     * @param at where the group with that durable id stands
     * @param tornBytes from {@link #tornOffset} to the last byte that is not zero
     */
    public record Behind(long durableId, long trimPoint, long at, long tornBytes) {
        /** Nothing that is valid by itself. */
        public static final Behind NOTHING = new Behind(-1, -1, -1, 0);

        private Behind with(GroupHeader group, long offset) {
            return new Behind(
                    Math.max(durableId, group.durableId()),
                    Math.max(trimPoint, group.trimPoint()),
                    group.durableId() > durableId ? offset : at,
                    0);
        }
    }

    /** A scan that has not read anything yet. */
    public TailScan(Segment segment, ReadableFile file, ReadBuffer window) {
        this.segment = segment;
        this.file = file;
        this.window = window;
        this.frames = new FrameCheck(segment.header(), window, checksum);
        this.groupsEnd = Layout.groupsEnd(segment.header().fileLength());
        this.nextId = segment.baseId();
        this.lastWholeId = segment.baseId() - 1;
        this.durableId = segment.baseId() - 1;
        this.trimPoint = segment.header().trimPoint();
    }

    /**
     * Whether the file still begins with the segment's header: it may be damaged, or the file may be used for something
     * else by now.
     */
    public boolean hasItsHeader() throws IOException {
        window.look(file);
        byte[] block = new byte[Layout.HEADER_BYTES];
        int at = window.at(0, block.length, block.length);
        if (at >= 0) {
            window.buffer().get(at, block);
        }
        return SegmentHeader.parse(block, checksum) instanceof SegmentHeader.Parsed.Valid valid
                && valid.header().equals(segment.header());
    }

    /** Reads on as far as the groups are whole. */
    public void proceed() throws IOException {
        window.look(file);
        broken = null;
        while (broken == null) {
            broken = passGroup();
        }
    }

    /** Passes one group; what is broken about it otherwise. */
    private @Nullable Broken passGroup() throws IOException {
        afterBroken = position + Layout.ALIGNMENT;
        if (!readGroup(position)) {
            return new Broken(position, nextId, "no group begins here");
        }
        long end = group.next(position);
        if (end > groupsEnd || group.firstId() != nextId || group.durableId() >= nextId) {
            return new Broken(position, nextId, "a group that does not follow the one before begins here");
        }
        if (group.kind() == GroupKind.RECORDS) {
            Broken inside = passFrames();
            if (inside != null) {
                afterBroken = end;
                return inside;
            }
            recordGroups++;
        } else if (group.kind() == GroupKind.FOOTER) {
            return new Broken(position, nextId, "a footer stands among the groups");
        }
        durableId = Math.max(durableId, group.durableId());
        if (group.trimPoint() > trimPoint) {
            trimPoint = group.trimPoint();
            trimOffset = position;
        }
        endsWithClose = group.kind() == GroupKind.CLOSE;
        groupsSeen++;
        position = end;
        return null;
    }

    /**
     * Passes the frames of a group; where one is broken, the whole batches before it count, and nextId stays the
     * group's first.
     */
    private @Nullable Broken passFrames() throws IOException {
        long offset = position + Layout.GROUP_HEADER_BYTES;
        long end = offset + group.bodyBytes();
        long id = nextId;
        for (int i = 0; i < group.count(); i++) {
            int bytes = frames.wholeBytes(offset, end, segment.header().fileLength());
            if (bytes < 0) {
                return new Broken(offset, id, "frame of record " + id + " is not whole");
            }
            segment.index().add(id - segment.baseId(), position, offset);
            if (frames.endsBatch()) {
                lastWholeId = id;
                lastWholeEnd = offset + bytes;
            }
            offset += bytes;
            id++;
        }
        if (offset != end || lastWholeId != id - 1 || group.count() <= 0) {
            return new Broken(offset, id, "a group ends within a batch");
        }
        nextId = id;
        return null;
    }

    /**
     * Looks through everything behind the place where the groups end, up to the end of the file, for groups that are
     * valid by themselves.
     */
    public Behind behind() throws IOException {
        Broken stop = broken;
        long searchFrom = Layout.aligned(stop == null ? position : stop.offset());
        long tornFrom = tornOffset();
        long tornTo = lastNonZeroByte(tornFrom, Layout.aligned(tornFrom));
        window.look(file);
        Behind found = Behind.NOTHING;
        long offset = Layout.aligned(tornFrom);
        for (int at = wordAt(offset); at >= 0; offset += Layout.ALIGNMENT, at = wordAt(offset)) {
            if (window.buffer().getLong(at) == 0) {
                continue;
            }
            if (offset < slotOffset()) {
                tornTo = offset + Layout.ALIGNMENT;
            }
            if (offset >= searchFrom) {
                found = found(found, offset, at);
            }
        }
        return new Behind(found.durableId(), found.trimPoint(), found.at(), tornTo - tornFrom);
    }

    /**
     * As {@link #behind}, but cheap enough for a reader that looks again and again: looks at the slot, at what follows
     * the broken place, and at one piece of the rest, which is another one in each call. So whatever is behind is found
     * after as many calls as there are pieces.
     */
    public Behind nearBehind() throws IOException {
        long piece = nextPiece < afterBroken ? afterBroken : nextPiece;
        nextPiece = piece + PIECE_BYTES < groupsEnd ? piece + PIECE_BYTES : 0;
        Behind found = search(Behind.NOTHING, afterBroken, Math.min(afterBroken + NEAR_BYTES, groupsEnd));
        found = search(found, piece, Math.min(piece + PIECE_BYTES, groupsEnd));
        return search(found, slotOffset(), slotOffset() + Layout.ALIGNMENT);
    }

    /** Adds what the groups say that are valid by themselves and begin in a range of the file. */
    private Behind search(Behind known, long from, long to) throws IOException {
        Behind found = known;
        int at = 0;
        for (long offset = from; offset < to && at >= 0; offset += Layout.ALIGNMENT) {
            at = wordAt(offset);
            found = at < 0 ? found : found(found, offset, at);
        }
        return found;
    }

    private Behind found(Behind known, long offset, int at) throws IOException {
        boolean group = GroupHeader.mayBegin(window.buffer(), at) && readGroupOrMarker(offset);
        return group ? known.with(this.group, offset) : known;
    }

    private long slotOffset() {
        return Layout.slotOffset(segment.header().fileLength());
    }

    private int wordAt(long offset) throws IOException {
        return window.at(offset, Layout.ALIGNMENT, segment.header().fileLength());
    }

    /** The end of the last byte in a short range that is not zero; the start of the range if all are. */
    private long lastNonZeroByte(long from, long to) throws IOException {
        long end = from;
        for (long offset = from; offset < to; offset++) {
            int at = window.at(offset, 1, segment.header().fileLength());
            if (at >= 0 && window.buffer().get(at) != 0) {
                end = offset + 1;
            }
        }
        return end;
    }

    /**
     * Reads a group that belongs here or, as its sector may have been swapped with that of the last groups, the marker
     * that belongs in the slot.
     */
    private boolean readGroupOrMarker(long offset) throws IOException {
        return readGroup(offset, offset) || readGroup(offset, slotOffset());
    }

    private boolean readGroup(long offset) throws IOException {
        return readGroup(offset, offset);
    }

    /** Reads the header that stands at one offset and belongs to another. */
    private boolean readGroup(long offset, long home) throws IOException {
        int at = window.at(offset, Layout.GROUP_HEADER_BYTES, segment.header().fileLength());
        return at >= 0
                && group.read(window.buffer(), at, checksum, segment.header().salt(), home);
    }

    /**
     * True if the log was closed here: the last group is the first marker of a clean close and the slot has the second.
     */
    public boolean isClosed() throws IOException {
        window.look(file);
        return endsWithClose && readGroup(slotOffset()) && group.kind() == GroupKind.CLOSE && group.firstId() == nextId;
    }

    public Segment segment() {
        return segment;
    }

    /** Where the next group would stand: behind the last whole one. */
    public long position() {
        return position;
    }

    /**
     * Where the unfinished write begins, if there is one: behind the last whole group, and behind whole batches in the
     * next.
     */
    public long tornOffset() {
        return Math.max(position, lastWholeEnd);
    }

    /**
     * From where on, up to {@link #tornOffset}, groups say something that nothing proves to be synced: records above
     * {@link #durableId}, or a trim point above the header's.
     */
    public long unprovenOffset() {
        if (lastWholeId <= durableId) {
            return Math.min(trimOffset, tornOffset());
        }
        int entry = segment.index().floor(durableId + 1 - segment.baseId());
        return Math.min(
                trimOffset, entry < 0 ? Layout.HEADER_BYTES : segment.index().groupOffset(entry));
    }

    /** The last record of the last whole batch; one less than the base id if there is none. */
    public long lastId() {
        return lastWholeId;
    }

    /** Where that record's frame ends, in bytes. */
    public long endOffset() {
        return lastWholeEnd;
    }

    /** The highest id that the whole groups prove to be synced. */
    public long durableId() {
        return durableId;
    }

    /** The largest trim point in the header and the whole groups. */
    public long trimPoint() {
        return trimPoint;
    }

    /** How many whole groups there are. */
    public long groupsSeen() {
        return groupsSeen;
    }

    /** How many of them hold records. */
    public long recordGroups() {
        return recordGroups;
    }

    /** Where and why the groups stop; null before {@link #proceed}. */
    public @Nullable Broken broken() {
        return broken;
    }
}
