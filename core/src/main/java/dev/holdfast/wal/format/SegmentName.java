package dev.holdfast.wal.format;

import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a segment's file: {@code epoch-base.seg}, both in hexadecimal, lower case, of at least 8 and exactly 16
 * digits. A file with any other name is no segment.
 *
 * @param epoch rises with every segment made and is never used again
 * @param baseId the id of the segment's first record
 */
public record SegmentName(long epoch, long baseId) {
    private static final HexFormat HEX = HexFormat.of();
    private static final Pattern PATTERN = Pattern.compile("([0-9a-f]{8,16})-([0-9a-f]{16})\\.seg");

    /** Reads a file name; empty if it is not exactly what {@link #fileName()} writes. */
    public static Optional<SegmentName> parse(String fileName) {
        Matcher matcher = PATTERN.matcher(fileName);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        SegmentName name = new SegmentName(
                Long.parseUnsignedLong(matcher.group(1), 16), Long.parseUnsignedLong(matcher.group(2), 16));
        boolean exact = name.epoch > 0 && name.baseId >= 0 && name.fileName().equals(fileName);
        return exact ? Optional.of(name) : Optional.empty();
    }

    /** The name as the directory has it. */
    public String fileName() {
        int epochDigits = Math.max(8, 16 - Long.numberOfLeadingZeros(epoch) / 4);
        return HEX.toHexDigits(epoch, epochDigits) + "-" + HEX.toHexDigits(baseId) + ".seg";
    }
}
