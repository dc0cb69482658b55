package dev.holdfast.wal.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;

/**
 * The header of a segment. Written once, before the file is renamed to its segment name.
 *
 * @param epoch epoch, as in the file's name
 * @param baseId id of the first record, as in the file's name
 * @param fileLength length of the file in bytes; if the file is shorter, something else has truncated it
 * @param recordLimit maximum length of a record's data in bytes
 * @param pinned whether the first record must have the base id, because the log was reset
 * @param logId id of the log, the same in all of its segments
 * @param salt random number that is part of every checksum after the header
 * @param trimPoint highest id that was trimmed when the header was written; -1 if none
 * @param predecessor how the previous segment ended
 */
public record SegmentHeader(
        long epoch,
        long baseId,
        long fileLength,
        int recordLimit,
        boolean pinned,
        UUID logId,
        long salt,
        long trimPoint,
        Predecessor predecessor) {
    /** Format version that this code writes, and the newest that it reads. */
    public static final int VERSION = 1;

    /** Maximum epoch, too high for any log to reach in use. */
    public static final long MAX_EPOCH = 1L << 62;

    static final byte[] MAGIC = "HOLDFAST".getBytes(StandardCharsets.US_ASCII);
    private static final int PINNED = 1;
    private static final int NONE = 0;
    private static final int SEALED = 1;
    private static final int CUT = 2;

    public sealed interface Parsed {
        record Valid(SegmentHeader header) implements Parsed {}

        /** A header with a matching checksum and a format that this code does not support; {@code what} names it. */
        record Unsupported(String what) implements Parsed {}

        /** Not a header; {@code why} is part of the error message. */
        record Broken(String why) implements Parsed {}
    }

    public SegmentName name() {
        return new SegmentName(epoch, baseId);
    }

    public SegmentHeader withPin() {
        return new SegmentHeader(epoch, baseId, fileLength, recordLimit, true, logId, salt, trimPoint, predecessor);
    }

    /** Returns the header as a block of {@link Layout#HEADER_BYTES} bytes. */
    public byte[] encode(Checksum checksum) {
        ByteBuffer block = ByteBuffer.allocate(Layout.HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        block.put(0, MAGIC);
        block.putInt(8, VERSION);
        block.putInt(20, pinned ? PINNED : 0);
        block.putLong(24, epoch);
        block.putLong(32, baseId);
        block.putLong(40, fileLength);
        block.putInt(48, recordLimit);
        block.putLong(56, logId.getMostSignificantBits());
        block.putLong(64, logId.getLeastSignificantBits());
        block.putLong(72, salt);
        block.putLong(80, trimPoint);
        if (predecessor instanceof Predecessor.Before before) {
            block.putInt(52, before instanceof Predecessor.Cut ? CUT : SEALED);
            block.putLong(88, before.epoch());
            block.putLong(96, before.endOffset());
            block.putInt(104, before instanceof Predecessor.Cut cut ? cut.lastRecordCrc() : 0);
        }
        // The checksum is computed with zeros in its own field. The field is still zero here.
        block.putInt(12, checksum.plain(block.array(), 0, Layout.HEADER_BYTES));
        return block.array();
    }

    /** Parses a block of {@link Layout#HEADER_BYTES} bytes and validates every field. */
    public static Parsed parse(byte[] bytes, Checksum checksum) {
        if (!Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            return new Parsed.Broken("it does not begin with the 8 bytes HOLDFAST");
        }
        ByteBuffer block = ByteBuffer.wrap(bytes.clone()).order(ByteOrder.LITTLE_ENDIAN);
        int stored = block.getInt(12);
        // CRC-32C with zeros in its own field. All versions share this and the layout of bytes 0 to 15.
        int computed = checksum.plain(block.putInt(12, 0).array(), 0, bytes.length);
        if (stored != computed) { // seam: segment-checksum
            return new Parsed.Broken(
                    String.format("its header has checksum 0x%08x, expected 0x%08x", stored, computed));
        }
        int version = block.getInt(8);
        if (version != VERSION) return new Parsed.Unsupported("format version " + Integer.toUnsignedString(version));
        int features = block.getInt(16);
        int flags = block.getInt(20);
        if (features != 0 || (flags & ~PINNED) != 0) {
            return new Parsed.Unsupported(String.format("feature bits 0x%08x, flags 0x%08x", features, flags));
        }
        int kind = block.getInt(52);
        if (kind < NONE || kind > CUT) {
            return new Parsed.Broken("its header names an unknown kind of predecessor, " + kind);
        }
        Predecessor predecessor = switch (kind) {
            case SEALED -> new Predecessor.Sealed(block.getLong(88), block.getLong(96));
            case CUT -> new Predecessor.Cut(block.getLong(88), block.getLong(96), block.getInt(104));
            default -> new Predecessor.None();
        };
        SegmentHeader header = new SegmentHeader(
                block.getLong(24),
                block.getLong(32),
                block.getLong(40),
                block.getInt(48),
                (flags & PINNED) != 0,
                new UUID(block.getLong(56), block.getLong(64)),
                block.getLong(72),
                block.getLong(80),
                predecessor);
        return header.isPossible()
                ? new Parsed.Valid(header)
                : new Parsed.Broken("its header has a matching checksum and impossible fields: " + header);
    }

    private boolean isPossible() {
        boolean follows = !(predecessor instanceof Predecessor.Before before)
                || (isIn(1, before.epoch(), epoch - 1) && before.endOffset() >= Layout.HEADER_BYTES);
        return follows
                && isIn(1, epoch, MAX_EPOCH)
                && baseId >= 0
                && isIn(Layout.MIN_SEGMENT_BYTES, fileLength, Layout.MAX_FILE_BYTES)
                && isIn(0, recordLimit, Layout.MAX_RECORD_BYTES)
                && isIn(-1, trimPoint, Long.MAX_VALUE - 1);
    }

    private static boolean isIn(long least, long value, long most) {
        return least <= value && value <= most;
    }
}
