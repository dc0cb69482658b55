package dev.holdfast.wal.format;

import java.util.HexFormat;
import java.util.Optional;

/**
 * The file name of a segment: {@code epoch-base.seg}. Both numbers are lower-case hexadecimal; the epoch has at least 8
 * digits, the base id exactly 16. A file with any other name is not a segment.
 *
 * @param epoch epoch; higher than that of every segment created before, and never reused
 * @param baseId id of the segment's first record
 */
public record SegmentName(long epoch, long baseId) {
    private static final HexFormat HEX = HexFormat.of();
    static final String SUFFIX = ".seg";
    private static final int EPOCH_DIGITS = 8;
    private static final int BASE_DIGITS = 16;

    /** Parses a file name; returns empty if it is not exactly what {@link #fileName()} returns. */
    public static Optional<SegmentName> parse(String fileName) {
        int dash = fileName.indexOf('-');
        boolean shaped = dash >= EPOCH_DIGITS
                && dash <= BASE_DIGITS
                && fileName.length() == dash + 1 + BASE_DIGITS + SUFFIX.length()
                && fileName.endsWith(SUFFIX);
        if (!shaped) {
            return Optional.empty();
        }
        long epoch = hexadecimal(fileName, 0, dash);
        long baseId = hexadecimal(fileName, dash + 1, BASE_DIGITS);
        boolean exact = epoch > 0 && baseId >= 0 && (dash == EPOCH_DIGITS || fileName.charAt(0) != '0');
        return exact ? Optional.of(new SegmentName(epoch, baseId)) : Optional.empty();
    }

    /**
     * Returns the number that at most 16 lower-case digits denote, or a negative number if a character is not a digit.
     */
    private static long hexadecimal(String text, int from, int digits) {
        long number = 0;
        for (int i = from; i < from + digits; i++) {
            char c = text.charAt(i);
            int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
            if (digit < 0) {
                return -1;
            }
            number = number << 4 | digit;
        }
        return number;
    }

    public String fileName() {
        int epochDigits = Math.max(EPOCH_DIGITS, 16 - Long.numberOfLeadingZeros(epoch) / 4);
        return HEX.toHexDigits(epoch, epochDigits) + "-" + HEX.toHexDigits(baseId) + SUFFIX;
    }
}
