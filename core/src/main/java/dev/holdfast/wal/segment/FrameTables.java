package dev.holdfast.wal.segment;

import dev.holdfast.wal.format.Layout;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The frame tables of a segment that are there, each by its entry of the sparse index. Any thread reads, one at a time
 * changes.
 */
final class FrameTables {
    private static final int BYTES_FOR_EACH_ENTRY = 16; // with that of the index, which lives as long

    private final int mostEntries;
    private volatile @Nullable AtomicReferenceArray<FrameTable> tables;
    private long bytes;

    FrameTables(long fileLength) {
        mostEntries = Layout.mostIndexEntries(fileLength);
    }

    /** Null if there is none. */
    @Nullable
    FrameTable get(int entry) {
        AtomicReferenceArray<FrameTable> there = tables;
        return there == null ? null : there.get(entry);
    }

    /** Adds one; how many bytes of memory that took. */
    long put(int entry, FrameTable table) {
        long before = bytes;
        AtomicReferenceArray<FrameTable> there = tables;
        if (there == null) {
            there = new AtomicReferenceArray<>(mostEntries);
            tables = there;
            bytes = (long) mostEntries * BYTES_FOR_EACH_ENTRY;
        }
        if (there.getAndSet(entry, table) == null) {
            bytes += table.bytes();
        }
        return bytes - before;
    }

    /** Bytes of memory of what there is; 0 if there is nothing. */
    long bytes() {
        return bytes;
    }

    /** Gives all of them up; how many bytes of memory that were. */
    long forget() {
        long before = bytes;
        tables = null;
        bytes = 0;
        return before;
    }
}
