package dev.holdfast.wal.format;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The file name of a spare, a file that waits to become a segment: {@code spare-NUMBER.tmp}, or
 * {@code spare-NUMBER.new.tmp} until all blocks are written.
 *
 * @param number positive, below 2^60; 8 to 15 lower-case hexadecimal digits
 */
public record SpareName(long number, boolean finished) {
    public static final long MAX_NUMBER = (1L << 60) - 1;

    private static final Pattern SHAPE = Pattern.compile("spare-([0-9a-f]{8,15})(\\.new)?\\.tmp");

    /** Parses a file name; returns empty if it does not have the form of a spare's name. */
    public static Optional<SpareName> parse(String fileName) {
        Matcher name = SHAPE.matcher(fileName);
        return name.matches()
                ? Optional.of(new SpareName(Long.parseLong(name.group(1), 16), name.group(2) == null))
                : Optional.empty();
    }

    public String fileName() {
        return String.format(Locale.ROOT, finished ? "spare-%08x.tmp" : "spare-%08x.new.tmp", number);
    }
}
