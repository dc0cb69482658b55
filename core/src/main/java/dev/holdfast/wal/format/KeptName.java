package dev.holdfast.wal.format;

import java.util.regex.Pattern;

/** Names of files that are no longer part of the log, but are kept so that a person can inspect them. */
public final class KeptName {
    private static final Pattern SHAPE = Pattern.compile(".*\\.seg\\.(torn|damaged(-[0-9]+)?)");

    private KeptName() {}

    /** Returns whether a file name is a segment's name with an ending that {@link #torn} or {@link #damaged} adds. */
    public static boolean matches(String fileName) {
        return SHAPE.matcher(fileName).matches();
    }

    /** Returns whether a file name is a segment's name with the ending that {@link #torn} adds. */
    public static boolean isTorn(String fileName) {
        return fileName.endsWith(".seg.torn");
    }

    /** Returns the name of the file with the torn bytes that recovery removed from a segment. */
    public static String torn(String segmentFileName) {
        return segmentFileName + ".torn";
    }

    /** Returns the name under which repair keeps a file; {@code copy} is 1 unless that name is taken. */
    public static String damaged(String fileName, int copy) {
        return fileName + ".damaged" + (copy == 1 ? "" : "-" + copy);
    }
}
