package dev.holdfast.wal.format;

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

    /** Result of parsing the first block of a file. */
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

    /** Returns the header as a block of {@link Layout#HEADER_BYTES} bytes. */
    public byte[] encode(Checksum checksum) {
        byte[] block = new byte[Layout.HEADER_BYTES];
        System.arraycopy(MAGIC, 0, block, 0, MAGIC.length);
        LittleEndian.putInt(block, 8, VERSION);
        LittleEndian.putInt(block, 20, pinned ? PINNED : 0);
        LittleEndian.putLong(block, 24, epoch);
        LittleEndian.putLong(block, 32, baseId);
        LittleEndian.putLong(block, 40, fileLength);
        LittleEndian.putInt(block, 48, recordLimit);
        LittleEndian.putLong(block, 56, logId.getMostSignificantBits());
        LittleEndian.putLong(block, 64, logId.getLeastSignificantBits());
        LittleEndian.putLong(block, 72, salt);
        LittleEndian.putLong(block, 80, trimPoint);
        encodePredecessor(block);
        // The checksum is computed with zeros in its own field. The field is still zero here.
        LittleEndian.putInt(block, 12, checksum.plain(block, 0, Layout.HEADER_BYTES));
        return block;
    }

    private void encodePredecessor(byte[] block) {
        if (predecessor instanceof Predecessor.Before before) {
            LittleEndian.putInt(block, 52, before instanceof Predecessor.Cut ? CUT : SEALED);
            LittleEndian.putLong(block, 88, before.epoch());
            LittleEndian.putLong(block, 96, before.endOffset());
        }
        if (predecessor instanceof Predecessor.Cut cut) {
            LittleEndian.putInt(block, 104, cut.lastRecordCrc());
        }
    }

    /** Returns the CRC-32C with zeros in its own field. All versions share this and the layout of bytes 0 to 15. */
    private static int crc(byte[] block, Checksum checksum) {
        byte[] summed = block.clone();
        LittleEndian.putInt(summed, 12, 0);
        return checksum.plain(summed, 0, summed.length);
    }

    /** Parses a block of {@link Layout#HEADER_BYTES} bytes and validates every field. */
    public static Parsed parse(byte[] block, Checksum checksum) {
        if (!Arrays.equals(block, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            return new Parsed.Broken("it does not begin with the 8 bytes HOLDFAST");
        }
        int stored = LittleEndian.getInt(block, 12);
        int computed = crc(block, checksum);
        if (stored != computed) { // seam: segment-checksum
            return new Parsed.Broken(
                    String.format("its header has checksum 0x%08x, expected 0x%08x", stored, computed));
        }
        int version = LittleEndian.getInt(block, 8);
        if (version != VERSION) {
            return new Parsed.Unsupported("format version " + Integer.toUnsignedString(version));
        }
        int features = LittleEndian.getInt(block, 16);
        int flags = LittleEndian.getInt(block, 20);
        if (features != 0 || (flags & ~PINNED) != 0) {
            return new Parsed.Unsupported(String.format("feature bits 0x%08x, flags 0x%08x", features, flags));
        }
        return parseFields(block, (flags & PINNED) != 0);
    }

    private static Parsed parseFields(byte[] block, boolean pinned) {
        int kind = LittleEndian.getInt(block, 52);
        long predecessorEpoch = LittleEndian.getLong(block, 88);
        long predecessorEnd = LittleEndian.getLong(block, 96);
        if (kind < NONE || kind > CUT) {
            return new Parsed.Broken("its header names an unknown kind of predecessor, " + kind);
        }
        Predecessor predecessor = switch (kind) {
            case SEALED -> new Predecessor.Sealed(predecessorEpoch, predecessorEnd);
            case CUT -> new Predecessor.Cut(predecessorEpoch, predecessorEnd, LittleEndian.getInt(block, 104));
            default -> new Predecessor.None();
        };
        SegmentHeader header = new SegmentHeader(
                LittleEndian.getLong(block, 24),
                LittleEndian.getLong(block, 32),
                LittleEndian.getLong(block, 40),
                LittleEndian.getInt(block, 48),
                pinned,
                new UUID(LittleEndian.getLong(block, 56), LittleEndian.getLong(block, 64)),
                LittleEndian.getLong(block, 72),
                LittleEndian.getLong(block, 80),
                predecessor);
        return header.outOfBounds()
                ? new Parsed.Broken("its header has a matching checksum and impossible fields: " + header)
                : new Parsed.Valid(header);
    }

    private boolean outOfBounds() {
        return epoch <= 0
                || epoch > MAX_EPOCH
                || baseId < 0
                || fileLength < Layout.MIN_SEGMENT_BYTES
                || fileLength > Layout.MAX_FILE_BYTES
                || recordLimit < 0
                || recordLimit > Layout.MAX_RECORD_BYTES
                || trimPoint < -1
                || trimPoint == Long.MAX_VALUE
                || (predecessor instanceof Predecessor.Before before
                        && (before.epoch() <= 0
                                || before.epoch() >= epoch
                                || before.endOffset() < Layout.HEADER_BYTES));
    }
}
