package dev.holdfast.wal.segment;

import dev.holdfast.wal.format.Layout;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** The cached frame tables of a segment, by index entry. Any number of threads may read; one at a time may write. */
final class FrameTables {
    private static final int BYTES_FOR_EACH_ENTRY = 16; // bytes of memory, including the entry of the index

    private final int mostEntries;
    private volatile @Nullable AtomicReferenceArray<FrameTable> tables;
    private long bytes;

    FrameTables(long fileLength) {
        mostEntries = Layout.mostIndexEntries(fileLength);
    }

    /** Returns the table of an entry, or null if none is cached. */
    @Nullable
    FrameTable get(int entry) {
        AtomicReferenceArray<FrameTable> there = tables;
        return there == null ? null : there.get(entry);
    }

    /** Adds a table; returns the number of bytes of memory that it takes. */
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

    /** Returns the memory use in bytes; 0 if there is no table. */
    long bytes() {
        return bytes;
    }

    /** Removes all tables; returns the number of bytes of memory that they took. */
    long forget() {
        long before = bytes;
        tables = null;
        bytes = 0;
        return before;
    }
}
