package dev.holdfast.wal.format;

import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The file name of a segment: {@code epoch-base.seg}. Both numbers are lower-case hexadecimal; the epoch has at least 8
 * digits, the base id exactly 16. A file with any other name is not a segment.
 *
 * @param epoch epoch; higher than that of every segment created before, and never reused
 * @param baseId id of the segment's first record
 */
public record SegmentName(long epoch, long baseId) {
    private static final HexFormat HEX = HexFormat.of();
    private static final Pattern SHAPE = Pattern.compile("([0-9a-f]{8}|[1-9a-f][0-9a-f]{8,15})-([0-9a-f]{16})\\.seg");

    /** Parses a file name; returns empty if it is not exactly what {@link #fileName()} returns. */
    public static Optional<SegmentName> parse(String fileName) {
        Matcher name = SHAPE.matcher(fileName);
        if (!name.matches()) return Optional.empty();
        long epoch = Long.parseUnsignedLong(name.group(1), 16);
        long baseId = Long.parseUnsignedLong(name.group(2), 16);
        return epoch > 0 && baseId >= 0 ? Optional.of(new SegmentName(epoch, baseId)) : Optional.empty();
    }

    public String fileName() {
        int digits = (Long.SIZE - Long.numberOfLeadingZeros(epoch) + 3) / 4;
        return HEX.toHexDigits(epoch, Math.max(8, digits)) + "-" + HEX.toHexDigits(baseId) + ".seg";
    }
}
