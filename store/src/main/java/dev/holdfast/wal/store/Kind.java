package dev.holdfast.wal.store;

import org.jspecify.annotations.Nullable;

/** The kinds of records in a shared log; docs/store.md specifies the bytes of each. */
enum Kind {
    STORE(1),
    CREATE(2),
    APPEND(3),
    APPEND_AT(4),
    REST(5),
    TRUNCATE(6),
    TRIM(7),
    RESET(8),
    PUT(9),
    REMOVE(10),
    DELETE(11),
    MOVED(12),
    BOUNDARY(13),
    POSITIONS(14),
    INDEX(15),
    CHECKPOINT(16),
    SEAL(17);

    private static final Kind[] ALL = values();

    /** The code of the kind in a record. */
    final int code;

    Kind(int code) {
        this.code = code;
    }

    static @Nullable Kind of(int code) {
        return code < 1 || code > ALL.length ? null : ALL[code - 1];
    }

    /** Returns whether a record of this kind holds data of a log's record. */
    boolean hasData() {
        return this == APPEND || this == APPEND_AT || this == MOVED;
    }
}
