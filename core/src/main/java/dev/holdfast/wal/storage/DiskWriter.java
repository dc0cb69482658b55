package dev.holdfast.wal.storage;

import dev.holdfast.wal.LogFilesChangedException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A file open for writing through {@link RandomAccessFile}: no interrupt closes it, and a write allocates no objects.
 *
 * <p>It has up to two descriptors. The first is opened with O_DSYNC, so one system call writes and syncs. The first
 * descriptor keeps the file open even if its name is deleted. The second is opened for the first unsynced write.
 *
 * <p>{@code RandomAccessFile} opens by name and would create a missing file. This class therefore follows renames, and
 * checks before and after opening that the name belongs to the same file. If the check fails, the first descriptor
 * serves all writes: slower, but correct.
 */
final class DiskWriter implements WritableFile {
    /** Synced writes up to this size, in bytes, are one system call. */
    static final int LARGEST_SYNCED_CALL = 4 << 20;

    /** Bytes of one unsynced write call. The JDK copies them to native memory; larger calls were not faster. */
    private static final int LARGEST_CALL = 1 << 20;

    private final Optional<Object> key;
    private final DiskStorage storage;
    private final Descriptor synced;
    private volatile Path path;
    private @Nullable Descriptor unsynced;
    private Optional<DirectFile> direct = Optional.empty(); // if supported, from the first large write on
    private boolean directTried;
    private boolean closed;

    /** Opens an existing regular file. When the writer is closed, it notifies the storage once. */
    DiskWriter(Path path, DiskStorage storage) throws IOException {
        this.path = path;
        this.key = Attributes.keyOfRegular(path);
        this.synced = new Descriptor("rwd");
        this.storage = storage;
    }

    void renamed(Path to) {
        path = to;
    }

    @Override
    public void requireNamed() throws IOException {
        storage.requireHeld();
        if (!isNamed()) {
            throw new LogFilesChangedException(path
                    + ": was deleted or replaced while it was open for writing. The log has changed nothing since it noticed. Until"
                    + " this process ends, the lost file can be copied from "
                    + Path.of("/proc/" + ProcessHandle.current().pid() + "/fd") + ".");
        }
    }

    /** Returns whether this file was opened or renamed to a path. Another program may have moved it since. */
    boolean isCalled(Path name) {
        return path.equals(name);
    }

    boolean isNamed() throws IOException {
        return (Attributes.UNIX || Files.exists(path))
                && Attributes.keyIfExists(path).equals(key);
    }

    @Override
    public void write(long offset, byte[] bytes, int from, int length) throws IOException {
        check(offset, bytes, from, length);
        unsynced().write(LARGEST_CALL, offset, bytes, from, length);
    }

    @Override
    public void writeSynced(long offset, byte[] bytes, int from, int length) throws IOException {
        check(offset, bytes, from, length);
        boolean blocks = offset % BLOCK_BYTES == 0 && length % BLOCK_BYTES == 0;
        if (blocks && length >= BULK_BYTES && writeDirectly(offset, bytes, from, length)) return;
        if (length > LARGEST_SYNCED_CALL) {
            // One sync for all calls, instead of one per call.
            write(offset, bytes, from, length);
            sync();
        } else {
            synced.write(LARGEST_SYNCED_CALL, offset, bytes, from, length);
        }
    }

    @Override
    public void sync() throws IOException {
        requireOpen();
        // A sync applies to the whole file, including bytes written through the other descriptor.
        try {
            (unsynced == null ? synced : unsynced).file.getFD().sync();
        } catch (IOException e) {
            throw new IOException(
                    path + ": sync failed (" + e.getMessage() + "). It is unknown which written bytes are on disk.", e);
        }
    }

    /** Closes both descriptors, the second even if closing the first fails. Idempotent. */
    @Override
    public void close() throws IOException {
        if (closed) return;
        closed = true;
        storage.closed(this);
        DirectFile bypass = direct.orElse(null);
        try (bypass) {
            synced.file.close();
        } finally {
            if (unsynced != null) unsynced.file.close();
        }
    }

    /** Writes past the page cache. Returns false if that is not possible. */
    private boolean writeDirectly(long offset, byte[] bytes, int from, int length) throws IOException {
        if (!directTried) {
            direct = openDirectly();
            directTried = true;
        }
        try {
            return direct.isPresent() && direct.get().write(offset, bytes, from, length);
        } catch (IOException e) {
            throw failed(offset, length, e);
        }
    }

    private Optional<DirectFile> openDirectly() throws IOException {
        try {
            Optional<DirectFile> opened = isNamed() ? DirectFile.open(path) : Optional.empty();
            if (opened.isEmpty() || isNamed()) return opened;
            opened.get().close(); // another program has replaced the file between the check and the opening
        } catch (LinkageError e) {
            return Optional.empty(); // there was no memory to initialize the class
        }
        return Optional.empty();
    }

    private Descriptor unsynced() {
        if (unsynced != null) return unsynced;
        try {
            unsynced = new Descriptor("rw");
        } catch (IOException e) {
            // Deleted or renamed by another program, or too many open files: the first descriptor can still write.
            unsynced = synced;
        }
        return unsynced;
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
        String where = path + " at byte " + offset + ": writing " + length + " bytes failed";
        if (FullDisk.caused(cause, Objects.requireNonNull(path.getParent()), length)) {
            return new NoSpaceException(where + " because the disk is full: " + cause.getMessage(), cause);
        }
        return new IOException(where + ": " + cause.getMessage(), cause);
    }

    /** An open file and its current position. Setting the position is a system call, which consecutive writes save. */
    private final class Descriptor {
        private static final long UNKNOWN = -1;

        private final RandomAccessFile file;
        private long position;

        Descriptor(String mode) throws IOException {
            requireSame();
            file = open(mode);
            try {
                requireSame();
            } catch (IOException e) {
                file.close();
                throw e;
            }
        }

        private RandomAccessFile open(String mode) throws IOException {
            try {
                return new RandomAccessFile(path.toFile(), mode);
            } catch (FileNotFoundException e) {
                // The file existed a moment ago. This class reports every failure to open with this exception.
                if (!Files.isWritable(path)) throw Directories.denied(path, "writing it is not permitted", e);
                throw new IOException(path + ": cannot be opened for writing: " + e.getMessage(), e);
            }
        }

        void write(int largestCall, long offset, byte[] bytes, int from, int length) throws IOException {
            boolean seek = offset != position;
            position = UNKNOWN; // stays unknown if the write fails, because it may have written a part
            try {
                if (seek) {
                    file.seek(offset);
                }
                for (int part, done = 0; done < length; done += part) {
                    part = Math.min(length - done, largestCall);
                    file.write(bytes, from + done, part);
                }
            } catch (IOException e) {
                throw failed(offset, length, e);
            }
            position = offset + length;
        }

        private void requireSame() throws IOException {
            if (isNamed()) return;
            throw new FileSystemException(path.toString(), null, "was replaced by another file while it was opened");
        }
    }
}
