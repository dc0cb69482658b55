package dev.holdfast.wal.chain;

import dev.holdfast.wal.DiskFullException;
import dev.holdfast.wal.storage.NoSpaceException;
import dev.holdfast.wal.storage.Storage;
import java.io.IOException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Refuses to make a spare if that would fill the disk again and take its last space from other programs for a while. A
 * quota does not affect the number of free bytes, so one attempt a minute is allowed nevertheless.
 */
final class RoomCheck {
    private static final long RETRY_NANOS = 60_000_000_000L;

    /** The last attempt that filled the disk, the length of its spare, and the free bytes after it; 0 if unknown. */
    private record Full(NoSpaceException failure, long length, long freeBytes, long nanoTime) {}

    private final Storage storage;
    private volatile @Nullable Full full;

    RoomCheck(Storage storage) {
        this.storage = storage;
    }

    /** Throws {@link DiskFullException} if a file of this length would fill the disk again. */
    void require(long length, LongSupplier nanoTime) throws IOException {
        Full before = full;
        if (before != null
                && length >= before.length()
                && nanoTime.getAsLong() - before.nanoTime() < RETRY_NANOS
                && storage.freeBytes().orElse(Long.MAX_VALUE) - before.freeBytes() < length) {
            throw noRoom(length, before.failure());
        }
        full = null;
    }

    /** Notes that an attempt has filled the disk, and returns the exception to throw. */
    DiskFullException missing(long length, LongSupplier nanoTime, NoSpaceException cause) throws IOException {
        full = new Full(cause, length, storage.freeBytes().orElse(0), nanoTime.getAsLong());
        return noRoom(length, cause);
    }

    private DiskFullException noRoom(long length, NoSpaceException cause) {
        String why = storage.name() + ": no room for another segment of " + length + " bytes. The call was refused and "
                + "changed nothing. Free some space and try again; trimming a log that is open makes room, too.";
        return new DiskFullException(why, cause);
    }
}
