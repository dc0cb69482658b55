package dev.holdfast.wal.segment;

import dev.holdfast.wal.format.Checksum;
import dev.holdfast.wal.format.GroupHeader;
import dev.holdfast.wal.format.GroupKind;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.storage.ReadableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the groups of a segment without a footer up to the first invalid place, and reports what follows. Reading never
 * repairs; recovery decides what to do. A later {@link #proceed} continues from that place and sees newer groups.
 *
 * <p>The groups are valid up to the first place where one of the rules of {@link GroupReader} is broken. In the first
 * group that is not valid, the complete batches before the broken frame count.
 */
public final class TailScan {
    /** Number of bytes after the broken place that each call of {@link #nearBehind} searches. */
    private static final int NEAR_BYTES = 64 << 10;

    /** Number of bytes of the further piece that each call of {@link #nearBehind} searches. */
    private static final int PIECE_BYTES = 256 << 10;

    private final Segment segment;
    private final ReadableFile file;
    private final ReadBuffer buffer;
    private final GroupReader reader;
    private final long slotOffset;

    private long position = Layout.HEADER_BYTES;
    private long nextId;
    private long lastWholeId;
    private long lastWholeEnd = Layout.HEADER_BYTES;
    private long durableId;
    private long hintedId = -1;
    private long trimPoint;
    private long trimOffset = Long.MAX_VALUE;
    private boolean endsWithClose;
    private long lastRecords;
    private boolean besideWriter;
    private boolean erased;
    private long groupsSeen;
    private long recordGroups;
    private long afterBroken;
    private long nextPiece;
    private Broken broken;

    /** The first byte that is not part of an intact group or frame, the record expected there, and the reason. */
    public record Broken(long offset, long id, String why) {}

    /**
     * Self-valid groups after the place where the valid groups end.
     *
     * @param durableId the highest durable id in any of them, -1 if none
     * @param trimPoint the highest trim point in any of them, -1 if none
     * @param at offset of the group with that durable id
     * @param tornBytes number of bytes from {@link #tornOffset} to the last byte that is not zero
     */
    public record Behind(long durableId, long trimPoint, long at, long tornBytes) {
        /** Result if there is no self-valid group. */
        public static final Behind NOTHING = new Behind(-1, -1, -1, 0);

        private Behind with(GroupHeader group, long offset) {
            boolean higher = group.durableId() > durableId;
            long trimmed = Math.max(trimPoint, group.trimPoint());
            return new Behind(higher ? group.durableId() : durableId, trimmed, higher ? offset : at, 0);
        }
    }

    /** Creates a scan at the beginning of the segment. Reads nothing yet. */
    public TailScan(Segment segment, ReadableFile file, ReadBuffer buffer) {
        this.segment = segment;
        this.file = file;
        this.buffer = buffer;
        this.reader = new GroupReader(segment.header(), buffer);
        this.slotOffset = Layout.slotOffset(segment.header().fileLength());
        this.nextId = segment.baseId();
        this.lastWholeId = segment.baseId() - 1;
        this.durableId = segment.baseId() - 1;
        this.trimPoint = segment.header().trimPoint();
        this.broken = new Broken(position, nextId, "no group was read");
    }

    /** Notes a hint of the segment's writer. What a hint declares stays true, so a torn one changes nothing. */
    public void hint(ByteBuffer hint) {
        if (reader.readHint(hint)) {
            hintedId = reader.group().durableId(); // seam: hint-durable-id
        }
    }

    /** Returns the highest id that the last intact hint declared durable; -1 if there was none. */
    public long hintedId() {
        return hintedId;
    }

    /** Prepares for a writer that may erase the last group, if the disk has no space for it, while this scan runs. */
    public void besideWriter() {
        besideWriter = true;
    }

    /**
     * Returns whether the file still has its header, and each group with records that this scan has passed. If not, a
     * header is damaged, the file is reused, or the writer has erased a group that it refused.
     */
    public boolean isUnchanged() throws IOException {
        boolean hasItsHeader =
                SegmentHeader.parse(buffer.header(file), new Checksum()) instanceof SegmentHeader.Parsed.Valid valid
                        && valid.header().equals(segment.header());
        buffer.look(file, lastRecords + Layout.GROUP_HEADER_BYTES); // nothing behind the header is read
        return hasItsHeader && !erased && isRecords(lastRecords);
    }

    private boolean isRecords(long offset) throws IOException {
        return offset == 0 || (reader.read(offset) && reader.group().kind() == GroupKind.RECORDS);
    }

    /** Discards the bytes read before, because the file may have changed. */
    private void reload() {
        buffer.look(file, segment.header().fileLength());
    }

    /** Continues up to the next invalid place. */
    public void proceed() throws IOException {
        reload();
        Broken end = null;
        while (end == null) {
            long before = lastRecords;
            end = passGroup();
            // Checked after the next group was read, because only the last group of a file is ever erased.
            erased |= besideWriter && lastRecords != before && !isRecords(before);
        }
        broken = end;
    }

    /** Passes one group; returns why it is not valid, or null if it is. */
    private @Nullable Broken passGroup() throws IOException {
        afterBroken = position + Layout.ALIGNMENT;
        String why = reader.enter(position, nextId - 1);
        if (why != null) return new Broken(position, nextId, why);
        GroupHeader group = reader.group();
        if (group.kind() == GroupKind.RECORDS) {
            lastRecords = position;
            Broken inside = passFrames();
            if (inside != null) {
                afterBroken = reader.nextGroup();
                return inside;
            }
            recordGroups++;
        }
        durableId = Math.max(durableId, group.durableId());
        if (group.trimPoint() > trimPoint) {
            trimPoint = group.trimPoint();
            trimOffset = position;
        }
        endsWithClose = group.kind() == GroupKind.CLOSE;
        groupsSeen++;
        position = reader.nextGroup();
        return null;
    }

    /** Passes the frames of a group. If one is broken, only the complete batches before it count. */
    private @Nullable Broken passFrames() throws IOException {
        while (reader.framesLeft() > 0) {
            if (!reader.next()) {
                long id = reader.id() + 1;
                return new Broken(reader.nextFrame(), id, "frame of record " + id + " is not whole");
            }
            segment.index().add(reader.id() - segment.baseId(), position, reader.frame());
            if (reader.endsBatch()) { // seam: batch-end
                lastWholeId = reader.id();
                lastWholeEnd = reader.frameEnd();
            }
        }
        if (!reader.isComplete()) return new Broken(reader.nextFrame(), reader.id() + 1, "a group ends within a batch");
        nextId = reader.id() + 1;
        return null;
    }

    /** Searches everything after the valid groups, up to the end of the file, for self-valid groups. */
    public Behind behind() throws IOException {
        long searchFrom = Layout.aligned(broken.offset());
        long tornFrom = tornOffset();
        long tornTo = tornFrom;
        reload();
        Behind found = Behind.NOTHING;
        long offset = tornFrom & -Layout.ALIGNMENT;
        for (int at = wordAt(offset); at >= 0; offset += Layout.ALIGNMENT, at = wordAt(offset)) {
            long word = buffer.bytes().getLong(at) & (-1L << (Byte.SIZE * Math.max(0, tornFrom - offset)));
            if (word == 0) continue;
            if (offset < slotOffset) {
                int zeros = offset < tornFrom ? Long.numberOfLeadingZeros(word) / Byte.SIZE : 0;
                tornTo = offset + Layout.ALIGNMENT - zeros;
            }
            if (offset >= searchFrom) {
                found = found(found, offset, at);
            }
        }
        return new Behind(found.durableId(), found.trimPoint(), found.at(), tornTo - tornFrom);
    }

    /**
     * Searches like {@link #behind}, but cheaply, for a reader that polls: the slot, the bytes after the broken place,
     * and one piece of the rest. Each call takes the next piece, so a few calls together search everything.
     */
    public Behind nearBehind() throws IOException {
        long groupsEnd = Layout.groupsEnd(segment.header().fileLength());
        long piece = nextPiece < afterBroken ? afterBroken : nextPiece;
        nextPiece = piece + PIECE_BYTES < groupsEnd ? piece + PIECE_BYTES : 0;
        Behind found = search(Behind.NOTHING, afterBroken, Math.min(afterBroken + NEAR_BYTES, groupsEnd));
        found = search(found, piece, Math.min(piece + PIECE_BYTES, groupsEnd));
        return search(found, slotOffset, slotOffset + Layout.ALIGNMENT);
    }

    /** Adds the self-valid groups that begin in a range of the file. */
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
        // A group written for this offset, or the slot's marker if its sector was swapped with a group's.
        boolean found =
                GroupHeader.mayBegin(buffer.bytes(), at) && (reader.read(offset) || reader.read(offset, slotOffset));
        return found ? known.with(reader.group(), offset) : known;
    }

    private int wordAt(long offset) throws IOException {
        return buffer.at(offset, Layout.ALIGNMENT);
    }

    /** Returns whether the log was closed here: the last group and the slot are the two markers of a clean close. */
    public boolean isClosed() throws IOException {
        reload();
        return endsWithClose
                && reader.read(slotOffset)
                && reader.group().kind() == GroupKind.CLOSE
                && reader.group().firstId() == nextId;
    }

    public Segment segment() {
        return segment;
    }

    /** Returns the end offset of the last valid group, where the next group would begin. */
    public long position() {
        return position;
    }

    /** Returns the start of the unfinished write: the end of the last valid group, or of complete batches after it. */
    public long tornOffset() {
        return Math.max(position, lastWholeEnd);
    }

    /**
     * Returns the offset of the first group that contains something not proven to be synced: a record above
     * {@link #durableId}, or a trim point above the header's. At most {@link #tornOffset}.
     */
    public long unprovenOffset() {
        if (lastWholeId <= durableId) return Math.min(trimOffset, tornOffset());
        SegmentIndex index = segment.index();
        return Math.min(trimOffset, index.groupOffset(index.floor(durableId + 1 - segment.baseId())));
    }

    /** Returns the last record of the last complete batch, or one less than the base id if there is none. */
    public long lastId() {
        return lastWholeId;
    }

    /** Returns the end offset of the frame of record {@link #lastId}. */
    public long endOffset() {
        return lastWholeEnd;
    }

    /** Returns the highest id that the valid groups prove to be synced. */
    public long durableId() {
        return durableId;
    }

    /** Returns the highest trim point in the header and the valid groups. */
    public long trimPoint() {
        return trimPoint;
    }

    public long groupsSeen() {
        return groupsSeen;
    }

    public long recordGroups() {
        return recordGroups;
    }

    public Broken broken() {
        return broken;
    }
}
