package dev.holdfast.wal.storage;

import dev.holdfast.wal.LogFilesChangedException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A file open for writing, by {@link RandomAccessFile}: no interrupt closes it, and a write allocates nothing on the
 * heap.
 *
 * <p>It has up to two descriptors. The one opened first, with the file, is opened O_DSYNC: one system call writes and
 * syncs. It also holds the file, whatever becomes of its name. The other, for writes that shall not pay for a sync, is
 * opened when first needed. As a {@code RandomAccessFile} is opened by name, and makes the file where there is none,
 * the name is followed through renames, and checked to mean the same file before and after. Where it does not, the
 * first descriptor does for both: slower, never wrong.
 */
final class DiskWriter implements WritableFile {
    /** A synced write up to this size, in bytes, is one system call. */
    static final int LARGEST_SYNCED_CALL = 4 << 20;

    /**
     * Other writes are cut into calls of this size, in bytes: the JDK copies each to native memory. Larger calls were
     * not faster.
     */
    private static final int LARGEST_CALL = 1 << 20;

    private final Optional<Object> key;
    private final DiskStorage storage;
    private final Descriptor synced;
    private volatile Path path;
    private @Nullable Descriptor unsynced;
    private boolean unsyncedRefused;
    private boolean closed;

    private DiskWriter(Path path, Optional<Object> key, Descriptor synced, DiskStorage storage) {
        this.path = path;
        this.key = key;
        this.synced = synced;
        this.storage = storage;
    }

    /** Opens an existing regular file of a storage, which is told once when it is closed. */
    static DiskWriter open(Path path, DiskStorage storage) throws IOException {
        Optional<Object> key = Attributes.keyOfRegular(path);
        return new DiskWriter(path, key, Descriptor.open(path, "rwd", key), storage);
    }

    /** Learns that a file of the storage has another name now, perhaps this one. */
    void renamed(Path from, Path to) {
        if (path.equals(from)) path = to;
    }

    @Override
    public void requireNamed() throws IOException {
        storage.requireHeld();
        if (!isNamed()) {
            throw new LogFilesChangedException(path
                    + ": was deleted or replaced while it was open for writing. Nothing was changed here since this was noticed. Until this"
                    + " process ends, what it holds can be copied from "
                    + Path.of("/proc/" + ProcessHandle.current().pid() + "/fd") + ".");
        }
    }

    /** Whether this file has a name, or would have it if nobody else had changed that. */
    boolean isCalled(Path name) {
        return path.equals(name);
    }

    boolean isNamed() throws IOException {
        return Attributes.isNamed(path, key);
    }

    @Override
    public void write(long offset, byte[] bytes, int from, int length) throws IOException {
        check(offset, bytes, from, length);
        Descriptor descriptor = unsynced();
        try {
            int done = 0;
            while (done < length) {
                int part = Math.min(length - done, LARGEST_CALL);
                descriptor.write(offset + done, bytes, from + done, part);
                done += part;
            }
        } catch (IOException e) {
            throw failed(offset, length, e);
        }
    }

    @Override
    public void writeSynced(long offset, byte[] bytes, int from, int length) throws IOException {
        if (length > LARGEST_SYNCED_CALL) {
            // One sync for all of them, instead of one for each call.
            write(offset, bytes, from, length);
            sync();
            return;
        }
        check(offset, bytes, from, length);
        try {
            synced.write(offset, bytes, from, length);
        } catch (IOException e) {
            throw failed(offset, length, e);
        }
    }

    @Override
    public void sync() throws IOException {
        requireOpen();
        // A sync is of the file, whichever descriptor its bytes were written through.
        try {
            (unsynced == null ? synced : unsynced).file.getFD().sync();
        } catch (IOException e) {
            throw new IOException(
                    path + ": sync failed (" + e.getMessage() + "). Which of the written bytes are on disk is unknown.",
                    e);
        }
    }

    /** Closes both descriptors, the second even if closing the first fails. Idempotent. */
    @Override
    public void close() throws IOException {
        if (closed) return;
        closed = true;
        storage.closed(this);
        try {
            synced.file.close();
        } finally {
            if (unsynced != null) unsynced.file.close();
        }
    }

    private Descriptor unsynced() {
        if (unsynced != null) return unsynced;
        if (unsyncedRefused) return synced;
        try {
            unsynced = Descriptor.open(path, "rw", key);
            return unsynced;
        } catch (IOException e) {
            // Deleted, renamed by a stranger, or too many open files: nothing that would keep bytes from being written.
            unsyncedRefused = true;
            return synced;
        }
    }

    private void check(long offset, byte[] bytes, int from, int length) throws IOException {
        if (offset < 0) throw new IllegalArgumentException("offset must be >= 0, was " + offset);
        Objects.checkFromIndexSize(from, length, bytes.length);
        requireOpen();
    }

    private void requireOpen() throws IOException {
        if (closed) throw new IOException(path + ": was closed for writing");
    }

    private IOException failed(long offset, int length, IOException cause) {
        Path file = path;
        String where = file + " at byte " + offset + ": writing " + length + " bytes failed";
        Path directory = Objects.requireNonNull(file.getParent());
        if (FullDisk.caused(cause, directory, length)) {
            return new NoSpaceException(where + ", there is no room on the disk: " + cause.getMessage(), cause);
        }
        return new IOException(where + ": " + cause.getMessage(), cause);
    }

    /**
     * An open file and the place where its next bytes go: moving there is a system call, saved where writes follow each
     * other.
     */
    private static final class Descriptor {
        private static final long UNKNOWN = -1;

        private final RandomAccessFile file;
        private long place;

        private Descriptor(RandomAccessFile file) {
            this.file = file;
        }

        static Descriptor open(Path path, String mode, Optional<Object> key) throws IOException {
            requireSame(path, key);
            RandomAccessFile file = open(path, mode);
            try {
                requireSame(path, key);
            } catch (IOException e) {
                file.close();
                throw e;
            }
            return new Descriptor(file);
        }

        private static RandomAccessFile open(Path path, String mode) throws IOException {
            try {
                return new RandomAccessFile(path.toFile(), mode);
            } catch (FileNotFoundException e) {
                // It was there a moment ago; this is how the class reports everything.
                FileSystemException refused = Files.isWritable(path)
                        ? new FileSystemException(
                                path.toString(), null, "cannot be opened for writing: " + e.getMessage())
                        : new AccessDeniedException(path.toString(), null, "writing it is not permitted");
                refused.initCause(e);
                throw refused;
            }
        }

        void write(long offset, byte[] bytes, int from, int length) throws IOException {
            if (offset != place) {
                place = UNKNOWN;
                file.seek(offset);
            }
            place = UNKNOWN; // and it stays so if the write fails, as any part of it may have been done
            file.write(bytes, from, length);
            place = offset + length;
        }

        private static void requireSame(Path path, Optional<Object> key) throws IOException {
            if (Attributes.isNamed(path, key)) return;
            throw new FileSystemException(path.toString(), null, "was replaced by another file while it was opened");
        }
    }
}
