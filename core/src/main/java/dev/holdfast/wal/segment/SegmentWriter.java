package dev.holdfast.wal.segment;

import dev.holdfast.wal.format.Checksum;
import dev.holdfast.wal.format.Footer;
import dev.holdfast.wal.format.GroupBuffer;
import dev.holdfast.wal.format.GroupHeader;
import dev.holdfast.wal.format.GroupKind;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.storage.WritableFile;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Writes one segment, from the front to the back. It knows where the groups end and nothing of what others have been
 * told. After a failed write its place is undefined: nobody may write with it again. One thread at a time.
 */
public final class SegmentWriter implements AutoCloseable {
    private static final long PROVEN_AHEAD_BYTES = 1 << 20;

    private final Segment segment;
    private final WritableFile file;
    private final Checksum checksum = new Checksum();
    private final byte[] small = new byte[Layout.GROUP_HEADER_BYTES];
    private long position;
    private long nextId;
    private boolean closedOnDisk;
    private long provenTo = Long.MAX_VALUE;
    private boolean footerProven = true;
    private @Nullable InitialWrite birth;

    /** A writer at the beginning of a segment whose file has another name until it is {@link #born}. */
    static SegmentWriter of(Segment unborn, WritableFile file) {
        SegmentWriter writer = new SegmentWriter(unborn, file);
        writer.birth = new InitialWrite();
        return writer;
    }

    /** A writer for the footer of a segment. */
    SegmentWriter(Segment segment, WritableFile file) {
        this.segment = segment;
        this.file = file;
        this.position = Layout.HEADER_BYTES;
        this.nextId = segment.baseId();
    }

    /** A writer that goes on in a segment that was cleanly closed. */
    public SegmentWriter(TailScan closed, WritableFile file) {
        this.segment = closed.segment();
        this.file = file;
        this.position = closed.position();
        this.nextId = closed.lastId() + 1;
        this.closedOnDisk = true;
        this.provenTo = position;
        this.footerProven = false;
        segment.index().reserve(header().fileLength());
    }

    public Segment segment() {
        return segment;
    }

    private SegmentHeader header() {
        return segment.header();
    }

    /** Where the next group will stand. */
    public long position() {
        return position;
    }

    /** The id after the last record written. */
    public long nextId() {
        return nextId;
    }

    /** Whether so many bytes of records have room, with what must stay free behind them. */
    public boolean hasRoomFor(long groupBytes) {
        return position + groupBytes <= Layout.recordsEnd(header().fileLength());
    }

    /**
     * Writes zeros where the next group and the markers behind it will stand, if the file was there before this log was
     * opened: it may have holes there, as tools that copy files leave out zeros, and an append into a hole would fail
     * on a full disk after it was begun.
     *
     * @throws dev.holdfast.wal.storage.NoSpaceException if there is no room; nothing was changed
     */
    public void prove(long groupBytes) throws IOException {
        long groupsEnd = Layout.groupsEnd(header().fileLength());
        long needed = Math.min(position + groupBytes + 3L * Layout.GROUP_HEADER_BYTES, groupsEnd);
        proveFooter();
        while (provenTo < needed) {
            byte[] zeros = new byte[(int) Math.min(PROVEN_AHEAD_BYTES, groupsEnd - provenTo)];
            file.writeSynced(provenTo, zeros, 0, zeros.length);
            provenTo += zeros.length;
        }
    }

    /** As {@link #prove}, where the footer will stand: a segment can be sealed then whatever room there is. */
    public void proveFooter() throws IOException {
        if (!footerProven) {
            long footer = Layout.footerOffset(header().fileLength());
            byte[] zeros = new byte[(int) (header().fileLength() - footer)];
            file.writeSynced(footer, zeros, 0, zeros.length);
            footerProven = true;
        }
    }

    /** Whether a marker has room that is not the marker of a clean close. */
    public boolean hasRoomForMarker() {
        return hasRoomFor(Layout.GROUP_HEADER_BYTES);
    }

    /** How much of the room for records is used, from 0 to 1. */
    public double fullness() {
        long room = Layout.recordsEnd(header().fileLength()) - Layout.HEADER_BYTES;
        return (double) (position - Layout.HEADER_BYTES) / room;
    }

    /**
     * Writes a group of records.
     *
     * @param durableId the highest id whose sync has returned
     * @param alignment the group is padded to a multiple of this many bytes if the padding has room
     * @param synced whether to return only once it is synced
     */
    public void write(GroupBuffer group, long durableId, long trimPoint, int alignment, boolean synced)
            throws IOException {
        if (group.firstId() != nextId || !hasRoomFor(group.alignedLength())) {
            throw new AssertionError("group of record " + group.firstId() + " at " + position + " of " + segment
                    + ", expected record " + nextId);
        }
        group.seal(checksum, header().salt(), position, durableId, trimPoint);
        int length = group.alignedLength() + padding(group, durableId, trimPoint, alignment);
        put(position, group.bytes(), length, synced);
        segment.index().add(group, nextId - segment.baseId(), position, position);
        position += length;
        nextId += group.count();
    }

    /**
     * Writes records of another segment as one group, chunk by chunk, into a segment that has no name yet: the group's
     * header comes last, since it says how many they are.
     */
    void write(RecordCopy copy, long durableId, long trimPoint) throws IOException {
        GroupBuffer chunk = copy.chunk();
        if (copy.isAllRead()) {
            write(chunk, durableId, trimPoint, Layout.ALIGNMENT, false);
            return;
        }
        if (!hasRoomFor(copy.groupBytes())) {
            throw new AssertionError("copy of " + copy.groupBytes() + " bytes at " + position + " of " + segment);
        }
        long firstId = nextId;
        long end = position + Layout.GROUP_HEADER_BYTES;
        for (boolean last = false; !last; ) {
            last = copy.isAllRead();
            long place = end - Layout.GROUP_HEADER_BYTES;
            int length = chunk.length() - Layout.GROUP_HEADER_BYTES;
            chunk.seal(checksum, header().salt(), place, durableId, trimPoint);
            put(end, chunk.bytes(), Layout.GROUP_HEADER_BYTES, length);
            segment.index().add(chunk, nextId - segment.baseId(), position, place);
            end += length;
            nextId += chunk.count();
            if (!last) {
                copy.readOn();
            }
        }
        put(end, new byte[Layout.ALIGNMENT], 0, (int) (Layout.aligned(end) - end));
        int body = (int) (end - position - Layout.GROUP_HEADER_BYTES);
        int count = (int) (nextId - firstId);
        encode(GroupKind.RECORDS, body, count, firstId, durableId, trimPoint, position);
        put(position, small, 0, small.length);
        position = Layout.aligned(end);
    }

    /** Adds a group of padding to the bytes of a sealed group; returns how long it is. */
    private int padding(GroupBuffer group, long durableId, long trimPoint, int alignment) {
        if (alignment <= Layout.ALIGNMENT) {
            return 0;
        }
        long end = position + group.alignedLength();
        long padded = end;
        while (padded % alignment != 0 || (padded != end && padded - end < Layout.GROUP_HEADER_BYTES)) {
            padded = (padded / alignment + 1) * alignment;
        }
        if (padded == end || padded > Layout.recordsEnd(header().fileLength())) {
            return 0;
        }
        int length = (int) (padded - end);
        byte[] bytes = group.padded(length);
        GroupHeader.encode(
                bytes,
                group.alignedLength(),
                GroupKind.PADDING,
                length - Layout.GROUP_HEADER_BYTES,
                0,
                group.lastId() + 1,
                durableId,
                trimPoint,
                checksum,
                header().salt(),
                end);
        return length;
    }

    /** Writes a marker behind the groups: all before it has been synced. */
    public void mark(GroupKind kind, long durableId, long trimPoint, boolean synced) throws IOException {
        encodeMarker(kind, durableId, trimPoint, position);
        put(position, small, small.length, synced);
        position += small.length;
    }

    /** Writes a marker into the slot, where it shares no sector with any group. */
    void markSlot(GroupKind kind, long durableId, long trimPoint, boolean synced) throws IOException {
        long slot = Layout.slotOffset(header().fileLength());
        encodeMarker(kind, durableId, trimPoint, slot);
        put(slot, small, small.length, synced);
        closedOnDisk = kind == GroupKind.CLOSE;
    }

    /** Says twice that all before is synced, in sectors that are not neighbours. */
    public void markIdle(long durableId, long trimPoint) throws IOException {
        mark(GroupKind.IDLE, durableId, trimPoint, true);
        markSlot(GroupKind.IDLE, durableId, trimPoint, true);
    }

    /** Says twice that the log is closed, in sectors that are not neighbours. All before has been synced. */
    public void markClosed(long durableId, long trimPoint) throws IOException {
        mark(GroupKind.CLOSE, durableId, trimPoint, true);
        markSlot(GroupKind.CLOSE, durableId, trimPoint, true);
    }

    /**
     * Takes back that the log is closed, before anything else is written behind it. The first marker, which becomes one
     * group among others, is written again: who wrote it may have been killed before it was synced, and later groups
     * must not stand behind a hole.
     */
    public void reopen(long durableId, long trimPoint) throws IOException {
        long marker = position - Layout.GROUP_HEADER_BYTES;
        encodeMarker(GroupKind.CLOSE, durableId, trimPoint, marker);
        put(marker, small, small.length, false);
        markSlot(GroupKind.REOPEN, durableId, trimPoint, false);
        file.sync();
    }

    private void encodeMarker(GroupKind kind, long durableId, long trimPoint, long offset) {
        encode(kind, 0, 0, nextId, durableId, trimPoint, offset);
    }

    private void encode(
            GroupKind kind, int body, int count, long firstId, long durableId, long trimPoint, long offset) {
        GroupHeader.encode(
                small, 0, kind, body, count, firstId, durableId, trimPoint, checksum, header().salt(), offset);
    }

    /**
     * Whether the file says that the log is closed, so that this must be taken back before anything else is written to
     * it.
     */
    public boolean isClosedOnDisk() {
        return closedOnDisk;
    }

    /** Writes the header, and with it all that was written before; synced on return. The file may have its name now. */
    void born() throws IOException {
        InitialWrite all = birth;
        if (all == null) {
            throw new AssertionError(segment + " has been born");
        }
        birth = null;
        all.begin(header(), checksum);
        all.write(file);
    }

    /** Writes the footer of this segment, synced: {@code successorEpoch} has been published. */
    public void seal(long endOffset, long sealedNextId, long successorEpoch, long trimPoint) throws IOException {
        seal(endOffset, sealedNextId, successorEpoch, trimPoint, sealedNextId - 1);
    }

    /** As {@link #seal(long, long, long, long)}, of a segment of which the log keeps fewer records, or none. */
    void seal(long endOffset, long sealedNextId, long successorEpoch, long trimPoint, long keptId) throws IOException {
        byte[] footer = new Footer(
                        segment.baseId(),
                        sealedNextId,
                        endOffset,
                        successorEpoch,
                        trimPoint,
                        segment.index().numbers(),
                        keptId)
                .encode(header(), checksum, segment.index().entriesBelow(sealedNextId - segment.baseId()));
        put(Layout.footerOffset(header().fileLength()), footer, footer.length, true);
    }

    private void put(long offset, byte[] bytes, int length, boolean synced) throws IOException {
        if (synced && birth == null) {
            file.writeSynced(offset, bytes, 0, length);
        } else {
            put(offset, bytes, 0, length);
        }
    }

    private void put(long offset, byte[] bytes, int from, int length) throws IOException {
        if (birth != null) {
            birth.put(file, offset, bytes, from, length);
        } else {
            file.write(offset, bytes, from, length);
        }
    }

    /** Returns if the file still has its name; see {@link WritableFile#requireNamed}. */
    public void requireNamed() throws IOException {
        file.requireNamed();
    }

    /** Syncs all that was written. */
    public void sync() throws IOException {
        file.sync();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
