package dev.holdfast.wal.segment;

import dev.holdfast.wal.format.Checksum;
import dev.holdfast.wal.format.Declaration;
import dev.holdfast.wal.format.Footer;
import dev.holdfast.wal.format.GroupBuffer;
import dev.holdfast.wal.format.GroupHeader;
import dev.holdfast.wal.format.GroupKind;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.storage.NoSpaceException;
import dev.holdfast.wal.storage.ReadableFile;
import dev.holdfast.wal.storage.WritableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Writes one segment from front to back. Knows where the groups end and what is synced, but not what has been
 * acknowledged. After a failed write its position is undefined, so it must not be used again. Not thread-safe.
 */
public final class SegmentWriter implements AutoCloseable {
    /** When written bytes are synced: before the call returns, or by a later sync of the file. */
    public enum Sync {
        NOW,
        LATER
    }

    /**
     * Bytes that are filled ahead of small groups. Below {@link WritableFile#BULK_BYTES}, so they stay in the cache.
     */
    private static final int PROOF_BYTES = 128 << 10;

    private static final byte[] ZEROS = new byte[WritableFile.BLOCK_BYTES];

    private final Segment segment;
    private final SegmentHeader header;
    private final WritableFile file;
    private final Declaration declared;
    private final Checksum checksum = new Checksum();
    private final ByteBuffer small =
            ByteBuffer.allocate(Layout.GROUP_HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private long position = Layout.HEADER_BYTES;
    private long nextId;
    private boolean closedOnDisk; // seam: writer-state
    private long provenTo = Long.MAX_VALUE;
    private boolean footerProven = true;
    /** Header and first groups of a new segment, collected so that they cost one synced write; empty afterwards. */
    private byte[] initial = {};

    private boolean wholeBlocks;
    private boolean noSpace;

    /** Whether groups of a new segment were written apart from {@link #initial}: the slot, or a long copy. */
    private boolean scattered;

    /** Creates a writer for a new segment, whose file is renamed to the segment's name after {@link #writeInitial}. */
    public static SegmentWriter create(Segment segment, WritableFile file) {
        SegmentWriter writer = new SegmentWriter(segment, file);
        writer.initial = writer.header.encode(writer.checksum);
        segment.index().reserve(writer.header.fileLength());
        return writer;
    }

    /** Creates a writer that continues a cleanly closed segment. */
    public static SegmentWriter resume(TailScan closed, WritableFile file) {
        SegmentWriter writer = new SegmentWriter(closed.segment(), file);
        writer.position = closed.position();
        writer.nextId = closed.lastId() + 1;
        writer.declared.synced(closed.lastId());
        writer.declared.trimmed(closed.trimPoint());
        writer.closedOnDisk = true;
        writer.provenTo = writer.position;
        writer.footerProven = false;
        writer.segment.index().reserve(writer.header.fileLength());
        return writer;
    }

    /** Writes the places of the header, of the first markers and of the footer in a file with holes, and syncs them. */
    public static void writeEnds(WritableFile file, long fileLength) throws IOException {
        long groupsEnd = Layout.groupsEnd(fileLength);
        byte[] zeros = new byte[(int) (fileLength - groupsEnd)];
        file.write(groupsEnd, zeros, 0, zeros.length);
        byte[] first = new byte[(int) Math.min(groupsEnd, provenAfter(Layout.HEADER_BYTES))];
        file.write(0, first, 0, first.length);
        file.sync();
    }

    /** Creates a writer for the footer of a segment. */
    public SegmentWriter(Segment segment, WritableFile file) {
        this.segment = segment;
        this.header = segment.header();
        this.file = file;
        this.nextId = segment.baseId();
        this.declared = new Declaration(nextId - 1, header.trimPoint());
    }

    public Segment segment() {
        return segment;
    }

    /** Returns the offset of the next group. */
    public long position() {
        return position;
    }

    public long nextId() {
        return nextId;
    }

    public long durableId() {
        return declared.durableId();
    }

    public long trimPoint() {
        return declared.trimPoint();
    }

    /** Returns whether a group of this many bytes fits, with the space that must stay free after the last group. */
    public boolean hasRoomFor(long groupBytes) {
        return position + groupBytes <= Layout.recordsEnd(header.fileLength()); // seam: group-room
    }

    /** Fills the holes of a new file in which only {@link #writeEnds} has written. */
    public void fillHoles() {
        provenTo = Math.min(provenAfter(position), Layout.groupsEnd(header.fileLength()));
    }

    /** Returns up to where blocks must be written before the next group ends: those of the group and its markers. */
    private long neededFor(long groupBytes) {
        return Math.min(provenAfter(position + groupBytes), Layout.groupsEnd(header.fileLength()));
    }

    /** Returns up to where blocks must be written if the groups end at an offset: those of the next markers. */
    private static long provenAfter(long groupEnd) {
        return groupEnd + 3L * Layout.GROUP_HEADER_BYTES + 2 * WritableFile.BLOCK_BYTES;
    }

    /**
     * Fills the place of the next group and its markers with zeros if the file may have holes. This is so if the file
     * existed before this log was opened, because tools that copy files leave out zeros, or if the log grows in bulk.
     * On a full disk, a write into a hole may fail halfway. A large group with a sync fills holes itself.
     *
     * @throws NoSpaceException if there is no space; nothing was changed
     */
    public void prove(long groupBytes, Sync sync) throws IOException {
        long groupsEnd = Layout.groupsEnd(header.fileLength());
        long needed = neededFor(fillsHoles(groupBytes, sync) ? 0 : groupBytes);
        proveFooter();
        while (provenTo < needed) {
            byte[] zeros = new byte[(int) Math.min(PROOF_BYTES, groupsEnd - provenTo)];
            file.writeSynced(provenTo, zeros, 0, zeros.length);
            provenTo += zeros.length;
        }
    }

    /** Returns whether a group is so large that writing zeros before it costs more than allocating its blocks. */
    public boolean fillsHoles(long groupBytes, Sync sync) {
        return !noSpace && sync == Sync.NOW && groupBytes >= Math.min(WritableFile.BULK_BYTES, header.fileLength() / 8);
    }

    /** Fills the place of the footer with zeros, as {@link #prove} does, so sealing needs no free space. */
    public void proveFooter() throws IOException {
        if (footerProven) return;
        long footer = Layout.footerOffset(header.fileLength());
        byte[] zeros = new byte[(int) (header.fileLength() - footer)];
        file.writeSynced(footer, zeros, 0, zeros.length);
        footerProven = true;
    }

    /** Returns whether another marker fits before the marker of a clean close. */
    public boolean hasRoomForMarker() {
        return hasRoomFor(Layout.GROUP_HEADER_BYTES);
    }

    /** Returns the used fraction of the room for records, from 0 to 1. */
    public double fullness() {
        long room = Layout.recordsEnd(header.fileLength()) - Layout.HEADER_BYTES;
        return (double) (position - Layout.HEADER_BYTES) / room;
    }

    /**
     * Pads every group to a block from now on: writing a part of a block that is not in the cache would read it first.
     */
    public void writeWholeBlocks() {
        wholeBlocks = true;
    }

    /**
     * Writes a group of records, padded to a multiple of {@code alignment}, 8 or a larger power of 2 from 32 on, if the
     * padding fits. The caller must have called {@link #prove}.
     *
     * @return false if the group is to fill holes, and the disk has no space for them; the group is not in the segment
     */
    public boolean write(GroupBuffer group, int alignment, Sync sync) throws IOException {
        if (group.firstId() != nextId || !hasRoomFor(group.alignedLength())) {
            throw new AssertionError("group of record " + group.firstId() + " at " + position + " of "
                    + segment.fileName() + ", expected record " + nextId);
        }
        boolean fillsHoles = fillsHoles(group.alignedLength(), sync);
        if (!fillsHoles && provenTo < neededFor(group.alignedLength())) {
            throw new AssertionError("group at " + position + " of " + segment.fileName() + " without its blocks");
        }
        group.seal(checksum, header.salt(), position, declared); // seam: group-seal
        boolean blocks = wholeBlocks || group.alignedLength() >= WritableFile.BULK_BYTES;
        int padding = padding(group, blocks ? Math.max(alignment, WritableFile.BLOCK_BYTES) : alignment);
        int length = group.alignedLength() + padding;
        if (fillsHoles && provenTo < neededFor(length)) {
            if (!putIntoHoles(group.bytes(), length)) return false;
        } else {
            put(position, group.bytes(), length, sync); // seam: group-write
        }
        segment.index().add(group, nextId - segment.baseId(), position, position);
        position += length;
        nextId += group.count(); // seam: group-counted
        if (sync == Sync.NOW && initial.length == 0) {
            declared.synced(nextId - 1);
        }
        return true;
    }

    /** Writes a synced group, and zeros to the blocks behind it. Returns false if the disk has no space for it. */
    private boolean putIntoHoles(byte[] bytes, int length) throws IOException {
        long blocksEnd = (provenAfter(position + length) + WritableFile.BLOCK_BYTES - 1) & -WritableFile.BLOCK_BYTES;
        long end = Math.min(blocksEnd, Layout.groupsEnd(header.fileLength()));
        int written = (int) (end - position); // seam: holes-behind
        Arrays.fill(bytes, length, written, (byte) 0);
        try {
            file.writeSynced(position, bytes, 0, written);
            provenTo = Math.max(provenTo, end); // seam: holes-filled
            return true;
        } catch (NoSpaceException e) {
            noSpace = true; // the next groups need zeros ahead of them, so no further one is written in part
            erase(end);
            return false;
        }
    }

    /**
     * Erases a refused group that was written in part. A padding group takes the place of its header, so a follower
     * notices that the group is gone. The rest becomes zeros, because old frames could be valid behind a later header.
     */
    private void erase(long end) throws IOException {
        encode(GroupKind.PADDING, 0, 0, nextId, position);
        file.write(position, small.array(), 0, small.capacity());
        position += small.capacity();
        ByteBuffer block = ByteBuffer.allocateDirect(ZEROS.length);
        ReadableFile found = segment.acquire();
        try {
            long next;
            for (long offset = position; offset < end; offset = next) { // seam: erased-part
                next = Math.min(end, (offset + ZEROS.length) & -ZEROS.length);
                block.clear().limit((int) (next - offset));
                found.read(offset, block);
                boolean blank = block.flip().mismatch(ByteBuffer.wrap(ZEROS, 0, block.limit())) < 0;
                if (!blank) file.write(offset, ZEROS, 0, block.limit());
            }
        } finally {
            segment.release();
        }
        file.sync(); // seam: erased-sync
    }

    /** Writes copied records in chunks as one group of an unnamed segment, its header last: it holds their number. */
    public void write(RecordCopy copy) throws IOException {
        GroupBuffer chunk = copy.chunk();
        if (copy.isAllRead()) {
            write(chunk, Layout.ALIGNMENT, Sync.LATER);
            return;
        }
        if (!hasRoomFor(copy.groupBytes())) {
            throw new AssertionError(
                    "copy of " + copy.groupBytes() + " bytes at " + position + " of " + segment.fileName());
        }
        long firstId = nextId;
        long end = position + Layout.GROUP_HEADER_BYTES;
        do {
            long place = end - Layout.GROUP_HEADER_BYTES;
            int length = chunk.length() - Layout.GROUP_HEADER_BYTES;
            chunk.seal(checksum, header.salt(), place, declared);
            file.write(end, chunk.bytes(), Layout.GROUP_HEADER_BYTES, length);
            segment.index().add(chunk, nextId - segment.baseId(), position, place);
            end += length;
            nextId += chunk.count();
        } while (copy.readOn());
        file.write(end, new byte[Layout.ALIGNMENT], 0, (int) (Layout.aligned(end) - end));
        int body = (int) (end - position - Layout.GROUP_HEADER_BYTES);
        int count = (int) (nextId - firstId);
        encode(GroupKind.RECORDS, body, count, firstId, position);
        put(position, small.array(), small.capacity(), Sync.LATER);
        scattered = true;
        position = Layout.aligned(end);
    }

    /** Appends a padding group to the bytes of a sealed group; returns the length of the padding. */
    private int padding(GroupBuffer group, int alignment) {
        long end = position + group.alignedLength();
        int rest = (int) (-end & (alignment - 1));
        int length = rest == 0 || rest >= Layout.GROUP_HEADER_BYTES ? rest : rest + alignment;
        if (length == 0 || end + length > Layout.recordsEnd(header.fileLength())) return 0;
        int at = group.alignedLength();
        int body = length - Layout.GROUP_HEADER_BYTES;
        long next = group.lastId() + 1;
        ByteBuffer bytes = group.padded(length);
        GroupHeader.encode(bytes, at, GroupKind.PADDING, body, 0, next, declared, checksum, header.salt(), end);
        return length;
    }

    /**
     * Writes a marker after the groups, synced. It declares all records before it durable: the caller must have synced
     * them, or they are durable in another segment.
     */
    public void mark(GroupKind kind) throws IOException {
        putMarker(kind, position, Sync.NOW); // seam: marker-sync
        position += small.capacity();
    }

    /** Writes a marker into the slot, which shares no sector with any group. */
    void markSlot(GroupKind kind, Sync sync) throws IOException {
        putMarker(kind, Layout.slotOffset(header.fileLength()), sync);
        closedOnDisk = kind == GroupKind.CLOSE;
    }

    /** Writes a marker twice, in sectors that are not neighbours: idle, or at the end of the log. */
    public void markTwice(GroupKind kind) throws IOException {
        mark(kind);
        markSlot(kind, Sync.NOW);
    }

    /** Writes a marker that records up to an id are trimmed. */
    public void trim(long discardUpTo) throws IOException {
        declared.trimmed(discardUpTo);
        mark(GroupKind.TRIM);
    }

    /**
     * Revokes the close markers before the next group is written. The marker after the groups stays as an ordinary
     * group. This marker is written again, because its writer may have been killed before the marker was synced, and no
     * group may follow a hole.
     */
    public void reopen() throws IOException {
        putMarker(GroupKind.CLOSE, position - Layout.GROUP_HEADER_BYTES, Sync.LATER);
        markSlot(GroupKind.REOPEN, Sync.LATER);
        file.sync();
    }

    private void putMarker(GroupKind kind, long offset, Sync sync) throws IOException {
        declared.synced(nextId - 1);
        encode(kind, 0, 0, nextId, offset);
        put(offset, small.array(), small.capacity(), sync);
    }

    /** Writes bytes. Before {@link #writeInitial}, nothing is synced, and bytes after those collected are collected. */
    private void put(long offset, byte[] bytes, int length, Sync sync) throws IOException {
        if (offset == initial.length) {
            initial = Arrays.copyOf(initial, initial.length + length);
            System.arraycopy(bytes, 0, initial, (int) offset, length);
        } else if (sync == Sync.NOW && initial.length == 0) {
            file.writeSynced(offset, bytes, 0, length);
        } else {
            file.write(offset, bytes, 0, length);
            scattered = true;
        }
    }

    private void encode(GroupKind kind, int body, int count, long firstId, long offset) {
        GroupHeader.encode(small, 0, kind, body, count, firstId, declared, checksum, header.salt(), offset);
    }

    /** Returns a marker that declares what is synced, for an offset that no file has. The next call changes it. */
    public byte[] hint() {
        encode(GroupKind.IDLE, 0, 0, nextId, -header.epoch()); // seam: hint-declares
        return small.array();
    }

    /** Returns whether the file declares the log closed. The next write must {@link #reopen} it first. */
    public boolean isClosedOnDisk() {
        return closedOnDisk;
    }

    /** Writes and syncs the header and everything written before. Afterwards the file may be renamed. */
    public void writeInitial() throws IOException {
        if (initial.length == 0)
            throw new AssertionError("the header of " + segment.fileName() + " was written before");
        if (scattered) {
            file.write(0, initial, 0, initial.length);
            file.sync(); // seam: scattered-header-sync
        } else {
            file.writeSynced(0, initial, 0, initial.length); // seam: header-sync
        }
        initial = new byte[0];
        declared.synced(nextId - 1);
    }

    /** Writes and syncs the footer, with the index of this segment. The caller must have published the successor. */
    public void seal(Footer footer) throws IOException {
        SegmentIndex index = segment.index();
        int entries = index.floor(footer.nextId() - 1 - segment.baseId()) + 1;
        byte[] bytes = footer.encode(header, checksum, index.numbers(), entries);
        file.writeSynced(Layout.footerOffset(header.fileLength()), bytes, 0, bytes.length);
    }

    /** Throws if the file no longer has its name: see {@link WritableFile#requireNamed}. */
    public void requireNamed() throws IOException {
        file.requireNamed();
    }

    public void sync() throws IOException {
        file.sync();
        declared.synced(nextId - 1);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
