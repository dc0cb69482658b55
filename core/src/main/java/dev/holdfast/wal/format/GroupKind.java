package dev.holdfast.wal.format;

import java.nio.charset.StandardCharsets;

/** What a group is, as four ASCII characters in its header. */
public enum GroupKind {
    /** Records. */
    RECORDS("recs"),
    /** Nothing, up to an alignment; the body is skipped unread. */
    PADDING("fill"),
    /** A marker: all before it is synced. */
    IDLE("idle"),
    /** A marker: all before it is synced, and records were trimmed. */
    TRIM("trim"),
    /** A marker, at the end of the groups and in the slot: the log was closed here. */
    CLOSE("clos"),
    /** A marker, in the slot only: appends went on after the clean close. */
    REOPEN("open"),
    /** The footer of a sealed segment. */
    FOOTER("foot");

    private static final GroupKind[] ALL = values();

    /** Bits that are set in four lower-case letters. */
    private static final int LETTERS = 0x60606060;

    private final int code;

    GroupKind(String characters) {
        this.code = LittleEndian.getInt(characters.getBytes(StandardCharsets.US_ASCII), 0);
    }

    int code() {
        return code;
    }

    /** True for the kinds that have no body and claim that all before them is synced. */
    public boolean isMarker() {
        return this == IDLE || this == TRIM || this == CLOSE || this == REOPEN;
    }

    static boolean isCode(int code) {
        if ((code & LETTERS) != LETTERS) {
            return false; // nearly all that is looked at: random bytes and zeros
        }
        for (GroupKind kind : ALL) {
            if (kind.code == code) {
                return true;
            }
        }
        return false;
    }

    static GroupKind of(int code) {
        for (GroupKind kind : ALL) {
            if (kind.code == code) {
                return kind;
            }
        }
        throw new IllegalArgumentException("no kind of group has the code " + code);
    }
}
