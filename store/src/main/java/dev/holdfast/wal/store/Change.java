package dev.holdfast.wal.store;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** What one record of the shared log, or a run of records, does to the state of a store. Immutable. */
sealed interface Change {
    /** A log is created; its number is the place of the record. */
    record Create(String name) implements Change {}

    /**
     * Records are appended to a log.
     *
     * @param anywhere whether the first id may be any id of an empty log that is not pinned
     * @param count number of records: consecutive ids at consecutive places
     * @param dataBytes bytes of data in these records
     */
    record Append(long number, long id, boolean anywhere, int count, long dataBytes) implements Change {}

    /** A live record was appended to the shared log again. */
    record Moved(long number, long id, long from) implements Change {}

    record Truncate(long number, long lastToKeep) implements Change {}

    record Trim(long number, long discardUpTo) implements Change {}

    record Reset(long number, long nextId) implements Change {}

    /** A small value is set, or removed if {@code value} is null. */
    record Put(long number, String key, @Nullable ByteBuffer value) implements Change {}

    record Delete(long number) implements Change {}
}
