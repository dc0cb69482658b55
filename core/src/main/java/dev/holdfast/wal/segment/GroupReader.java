package dev.holdfast.wal.segment;

import dev.holdfast.wal.format.Checksum;
import dev.holdfast.wal.format.Footer;
import dev.holdfast.wal.format.Frame;
import dev.holdfast.wal.format.GroupHeader;
import dev.holdfast.wal.format.GroupKind;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.storage.ReadableFile;
import dev.holdfast.wal.storage.Storage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads a group and then its frames, one after the other, and decides which of them are valid. No other class has these
 * rules:
 *
 * <ol>
 *   <li>the group's header has a matching checksum: the header is valid by itself ({@link #read});
 *   <li>the group is no footer and ends before the space that is kept free; its first id is the id after the previous
 *       record, and its durable id is lower than that ({@link #enter});
 *   <li>each frame ends within its group, is not larger than the limit and has a matching checksum ({@link #next});
 *   <li>a group of records has as many frames as its header states, at least one, they fill the group exactly, and the
 *       last frame ends its batch ({@link #isComplete}).
 * </ol>
 *
 * <p>The reader does not decide what an invalid group means. {@link TailScan} ends there, and {@link RecordWalk}
 * reports damage. {@link #frame}, {@link #nextFrame} and {@link #nextGroup} are offsets in the file; the other
 * accessors describe the group and the frame that were read last. Moving allocates nothing. Not thread-safe.
 */
public final class GroupReader {
    private static final String NO_GROUP = "no group begins here";

    private final SegmentHeader header;
    private final ReadBuffer buffer;
    private final Checksum checksum = new Checksum();
    private final GroupHeader group = new GroupHeader();
    private long end = Layout.HEADER_BYTES;
    private int framesLeft;
    private long id;
    private long nextFrame;
    private long frame;
    private int dataBytes;
    private int index;

    /** Creates a reader of the file that {@code buffer} looks at. */
    public GroupReader(SegmentHeader header, ReadBuffer buffer) {
        this.header = header;
        this.buffer = buffer;
        this.id = header.baseId() - 1;
    }

    /**
     * Reads the footer of a segment; returns empty if there is no valid one. Nothing else may use the buffer meanwhile.
     */
    public static Optional<Footer> footer(Storage storage, SegmentHeader header, ReadBuffer buffer) throws IOException {
        try (ReadableFile file = storage.openForReading(header.name().fileName())) {
            return footer(file, header, buffer);
        }
    }

    /** Reads a footer, as {@link #footer(Storage, SegmentHeader, ReadBuffer)} does, from the segment's open file. */
    public static Optional<Footer> footer(ReadableFile file, SegmentHeader header, ReadBuffer buffer)
            throws IOException {
        long offset = Layout.footerOffset(header.fileLength());
        int length = (int) (header.fileLength() - offset);
        GroupReader reader = new GroupReader(header, buffer);
        buffer.look(file, header.fileLength());
        return buffer.at(offset, length) >= 0 && reader.read(offset)
                ? Footer.parse(buffer.bytes(), reader.group, header, reader.checksum)
                : Optional.empty();
    }

    /** Reads a group header. Returns whether it is valid by itself; if not, the reader stays in its group. */
    public boolean read(long offset) throws IOException {
        return read(offset, offset);
    }

    /** Reads a group header that was written for offset {@code home}. */
    boolean read(long offset, long home) throws IOException {
        int at = buffer.at(offset, Layout.GROUP_HEADER_BYTES);
        if (at < 0 || !group.read(buffer.bytes(), at, checksum, header.salt(), home)) return false;
        nextFrame = offset + Layout.GROUP_HEADER_BYTES;
        end = nextFrame + group.bodyBytes();
        framesLeft = group.kind() == GroupKind.RECORDS ? Math.max(0, group.count()) : 0;
        id = group.firstId() - 1;
        return true;
    }

    /** Reads a hint for this segment, see {@code docs/format.md}. Returns whether it is valid. */
    boolean readHint(ByteBuffer hint) {
        return hint.remaining() == Layout.GROUP_HEADER_BYTES
                && group.read(hint, 0, checksum, header.salt(), -header.epoch()); // seam: hint-valid
    }

    /** Enters the group that must follow record {@code lastId}. Returns why it is invalid, or null if it is valid. */
    public @Nullable String enter(long offset, long lastId) throws IOException {
        String why = read(offset) ? whyNotAfter(lastId) : NO_GROUP;
        if (why != null) {
            id = lastId;
            framesLeft = 0;
        }
        return why;
    }

    /**
     * Enters the group of an index entry, so that {@link #next} reads the entry's frame. Returns why that is
     * impossible, or null if the group is valid and can have this frame.
     */
    @Nullable
    String enterAt(long offset, long recordId, long frameOffset) throws IOException {
        String why = read(offset) ? whyNotAfter(group.firstId() - 1) : NO_GROUP;
        long skipped = recordId - group.firstId();
        if (why == null && (skipped < 0 || skipped >= framesLeft || frameOffset >= end)) {
            why = "the index of the segment names a record that is not there";
        }
        framesLeft = why == null ? framesLeft - (int) skipped : 0;
        id = recordId - 1;
        nextFrame = frameOffset;
        return why;
    }

    private @Nullable String whyNotAfter(long lastId) {
        if (group.kind() == GroupKind.FOOTER) return "there is a footer among the groups";
        if (group.firstId() != lastId + 1) {
            return "a group begins with record " + group.firstId() + ", expected " + (lastId + 1);
        }
        boolean follows = group.durableId() <= lastId && nextGroup() <= Layout.groupsEnd(header.fileLength());
        return follows ? null : "a group that does not follow the one before begins here";
    }

    public void skipGroup() {
        id += framesLeft;
        framesLeft = 0;
    }

    /** Reads the next frame. Returns whether it is valid; if not, the reader stays before the frame. */
    public boolean next() throws IOException {
        frame = nextFrame;
        dataBytes = statedBytes();
        index = -1;
        if (dataBytes < 0 || frameEnd() > end || dataBytes > header.recordLimit()) return false;
        index = buffer.at(frame, Frame.bytes(dataBytes));
        if (index < 0 || Frame.storedChecksum(buffer.bytes(), index) != computedChecksum()) { // seam: frame-checksum
            return false;
        }
        nextFrame = frameEnd();
        framesLeft--;
        id++;
        return true;
    }

    /** Reads a frame between two offsets, without its group. Returns whether it is valid. */
    boolean nextAt(long recordId, long offset, long frameEnd) throws IOException {
        id = recordId - 1;
        framesLeft = 1;
        nextFrame = offset;
        end = frameEnd;
        return next();
    }

    /** Returns the length of data that the next frame states, which may be wrong; -1 if no frame can be there. */
    private int statedBytes() throws IOException {
        boolean possible = framesLeft > 0 && nextFrame + Layout.FRAME_HEADER_BYTES <= end;
        int at = possible ? buffer.at(nextFrame, Layout.FRAME_HEADER_BYTES) : -1;
        return at < 0 ? -1 : Frame.dataBytes(buffer.bytes(), at);
    }

    private int computedChecksum() {
        return Frame.checksum(buffer.bytes(), index, dataBytes, checksum, header.salt(), frame);
    }

    /** Returns why the frame for which {@link #next} just returned false is invalid, for messages. */
    public String fault() {
        String name = "frame of record " + (id + 1);
        if (dataBytes < 0 || frameEnd() > end) return name + " is longer than its group";
        if (dataBytes > header.recordLimit()) {
            return name + " has a length of " + dataBytes + " bytes, the limit is " + header.recordLimit();
        }
        if (index < 0) return "the file ends within record " + (id + 1);
        return String.format(
                "%s has checksum 0x%08x, expected 0x%08x (%d bytes)",
                name, Frame.storedChecksum(buffer.bytes(), index), computedChecksum(), dataBytes);
    }

    /** Skips an invalid frame by the length that it states, which may be wrong. */
    public void skip() throws IOException {
        int bytes = statedBytes();
        nextFrame = bytes < 0 ? end + 1 : nextFrame + Layout.FRAME_HEADER_BYTES + bytes;
        framesLeft--;
        id++;
    }

    /**
     * Returns whether the next frame, which is invalid, states its length correctly. It does if the remaining frames of
     * the group follow intact and end where the group ends. The reader stays before the frame.
     */
    boolean isLengthRight() throws IOException {
        long start = nextFrame;
        long before = id;
        int left = framesLeft;
        skip();
        boolean intact = true;
        while (intact && framesLeft > 0) {
            intact = next();
        }
        boolean right = isFilled(); // seam: damaged-length
        nextFrame = start;
        id = before;
        framesLeft = left;
        return right;
    }

    /** Returns whether the frames, by the lengths that they state, do not exceed their group, or fill it at its end. */
    public boolean fits() {
        return framesLeft > 0 ? nextFrame <= end : isFilled();
    }

    private boolean isFilled() {
        return framesLeft == 0 && nextFrame == end;
    }

    /** Returns whether the group is complete after {@link #next} has read its last frame. */
    public boolean isComplete() {
        return group.count() > 0 && isFilled() && endsBatch();
    }

    public GroupHeader group() {
        return group;
    }

    public long nextGroup() {
        return Layout.aligned(end);
    }

    public int framesLeft() {
        return framesLeft;
    }

    /** Returns the id of the record that was read or skipped last. */
    public long id() {
        return id;
    }

    public long nextFrame() {
        return nextFrame;
    }

    public long frame() {
        return frame;
    }

    public long frameEnd() {
        return frame + Layout.FRAME_HEADER_BYTES + dataBytes;
    }

    public boolean endsBatch() {
        return Frame.endsBatch(buffer.bytes(), index);
    }

    /** Returns the frame's CRC-32C without the mask. */
    public int plainCrc() {
        return Frame.storedChecksum(buffer.bytes(), index) ^ Checksum.mask(header.salt(), frame);
    }

    /** Returns the frame's data: a read-only buffer from position to limit, valid until the next step. */
    public ByteBuffer data() {
        return buffer.readOnly(index + Layout.FRAME_HEADER_BYTES, dataBytes);
    }
}
