package dev.holdfast.wal.format;

import java.util.HexFormat;
import java.util.Optional;

/**
 * The name of a segment's file: {@code epoch-base.seg}, both in hexadecimal, lower case, of at least 8 and exactly 16
 * digits. A file with any other name is no segment.
 *
 * @param epoch rises with every segment made and is never used again
 * @param baseId the id of the segment's first record
 */
public record SegmentName(long epoch, long baseId) {
    private static final HexFormat HEX = HexFormat.of();
    static final String SUFFIX = ".seg";
    private static final int EPOCH_DIGITS = 8;
    private static final int BASE_DIGITS = 16;

    /** Reads a file name; empty if it is not exactly what {@link #fileName()} writes. */
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

    /** The number that at most 16 lower-case digits give; negative if one of the characters is none. */
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

    /** The name as the directory has it. */
    public String fileName() {
        int epochDigits = Math.max(EPOCH_DIGITS, 16 - Long.numberOfLeadingZeros(epoch) / 4);
        return HEX.toHexDigits(epoch, epochDigits) + "-" + HEX.toHexDigits(baseId) + SUFFIX;
    }
}
