package dev.holdfast.wal.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Kind of a group, stored as four ASCII characters in its header. */
public enum GroupKind {
    RECORDS("recs"),
    /** Padding up to an alignment. The body is skipped, not read. */
    PADDING("fill"),
    /** Marker: everything before it is synced. */
    IDLE("idle"),
    /** Marker: everything before it is synced, and records were trimmed. */
    TRIM("trim"),
    /** Marker at the end of the groups and in the slot before the footer: the log was closed here. */
    CLOSE("clos"),
    /** Marker only in the slot before the footer: appends continued after the clean close. */
    REOPEN("open"),
    FOOTER("foot");

    private static final GroupKind[] ALL = values();

    final int code;

    GroupKind(String characters) {
        code = ByteBuffer.wrap(characters.getBytes(StandardCharsets.US_ASCII))
                .order(ByteOrder.LITTLE_ENDIAN)
                .getInt();
    }

    static @Nullable GroupKind of(int code) {
        for (GroupKind kind : ALL) {
            if (kind.code == code) return kind;
        }
        return null;
    }
}
