package dev.holdfast.wal.storage;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A directory of the real disk.
 *
 * <p>Durability: a synced write is one O_DSYNC write, a file's sync is {@code fsync}, {@link #sync} is {@code fsync} of
 * the directory; what they are worth is what the disk makes of them. None is ever repeated after it failed.
 *
 * <p>No file is opened through an interruptible channel, so an interrupt has nothing to close. It works without threads
 * of its own. All methods may be called by any thread at any time; after {@link #close} they throw
 * {@link IllegalStateException}, as do those that change something where it was opened for reading only.
 */
public final class DiskStorage implements Storage {
    private enum Access {
        READ_ONLY,
        READ_WRITE
    }

    private final Path directory;
    private final Access access;
    private final Set<DiskWriter> writers = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lockAndClose = new ReentrantLock();
    private volatile @Nullable DirectoryLock lock;
    private @Nullable UninterruptibleFile names;
    private volatile boolean closed;

    private DiskStorage(Path directory, Access access) {
        this.directory = directory;
        this.access = access;
    }

    /**
     * Opens a directory for reading and writing; does not lock it yet. Where it or directories above it are missing,
     * they are made, for their owner alone, and survive a power failure when this returns.
     *
     * @throws java.nio.file.NotDirectoryException if it is something else
     * @throws java.nio.file.AccessDeniedException if it may not be made or read
     * @throws IOException if it could not be made, or could not be made to survive a power failure
     */
    public static DiskStorage open(Path directory) throws IOException {
        requireLocal(directory);
        return new DiskStorage(Directories.existing(Directories.make(directory)), Access.READ_WRITE);
    }

    /**
     * Opens a directory for reading. Nothing is made, written or locked in it, now or later.
     *
     * @throws NoSuchFileException if there is none
     * @throws java.nio.file.NotDirectoryException if it is something else
     * @throws java.nio.file.AccessDeniedException if it may not be read
     */
    public static DiskStorage openReadOnly(Path directory) throws IOException {
        requireLocal(directory);
        return new DiskStorage(Directories.existing(directory), Access.READ_ONLY);
    }

    @Override
    public String name() {
        return directory.toString();
    }

    /**
     * {@inheritDoc}
     *
     * <p>Who has it is told by a list of this process, a lock of the kernel on the file LOCK, and the holder's name in
     * that file. A holder on another machine is seen only where the file system passes such locks on.
     */
    @Override
    public void lock() throws IOException {
        requireWritable();
        lockAndClose.lock();
        try {
            requireOpen();
            lock = DirectoryLock.take(directory);
        } finally {
            lockAndClose.unlock();
        }
    }

    @Override
    public Optional<String> holder() throws IOException {
        requireOpen();
        return DirectoryLock.holder(directory);
    }

    @Override
    public List<StoredFile> list() throws IOException {
        requireOpen();
        List<StoredFile> files = new ArrayList<>();
        try (DirectoryStream<Path> names = Files.newDirectoryStream(directory)) {
            for (Path file : names) {
                if (file.endsWith(LOCK_NAME)) continue;
                try {
                    files.add(Attributes.read(file));
                } catch (NoSuchFileException e) {
                    // Deleted or renamed since the name was read: as if that had been before.
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return files;
    }

    @Override
    public Optional<Object> namesStamp() throws IOException {
        requireOpen();
        return Attributes.stampOfNames(directory);
    }

    @Override
    public Optional<Object> identity(String name) throws IOException {
        requireOpen();
        try {
            return Attributes.keyOfRegular(resolve(name));
        } catch (FileSystemException missingOrNoFile) {
            return Optional.empty();
        }
    }

    @Override
    public Optional<StoredFile> find(String name) throws IOException {
        requireOpen();
        try {
            return name.equals(LOCK_NAME) ? Optional.empty() : Optional.of(Attributes.read(resolve(name)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    @Override
    public WritableFile create(String name) throws IOException {
        requireWritable();
        Path file = resolve(name);
        try {
            Files.createFile(file, Attributes.ofNewFile());
        } catch (IOException e) {
            if (e instanceof FileAlreadyExistsException || !FullDisk.caused(e, directory, 0)) throw e;
            throw new NoSpaceException(file + ": there is no room on the disk for another file: " + e.getMessage(), e);
        }
        try {
            return writer(file);
        } catch (IOException e) {
            delete(file, e);
            throw e;
        }
    }

    @Override
    public WritableFile openForWriting(String name) throws IOException {
        requireWritable();
        return writer(resolve(name));
    }

    @Override
    public ReadableFile openForReading(String name) throws IOException {
        requireOpen();
        DirectoryLock held = lock;
        // Of a log in use: another log's file of this name would be taken for a damaged one.
        if (held != null && !writers.isEmpty()) held.requireNotReplaced();
        return DiskReader.open(resolve(name));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        requireWritable();
        Path source = resolve(from);
        Path target = resolve(to);
        // The move itself would replace the target and say nothing. Nobody makes it in between: there is one writer.
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(source.toString(), target.toString(), "a rename replaces no file");
        }
        for (DiskWriter writer : writers) {
            if (writer.isCalled(source) && !writer.isNamed()) {
                throw new NoSuchFileException(
                        source.toString(),
                        target.toString(),
                        "it was deleted or replaced while it was open for writing");
            }
        }
        Files.move(source, target, StandardCopyOption.ATOMIC_MOVE);
        for (DiskWriter writer : writers) {
            writer.renamed(source, target);
        }
    }

    @Override
    public void delete(String name) throws IOException {
        requireWritable();
        Files.delete(resolve(name));
    }

    @Override
    public void sync() throws IOException {
        requireWritable();
        UninterruptibleFile opened = names();
        try {
            opened.sync();
        } catch (IOException e) {
            throw Directories.notSynced(directory, e);
        }
    }

    /**
     * {@inheritDoc} Blocks that are kept for root count, so that the figure changes with each byte that anybody frees.
     */
    @Override
    public OptionalLong freeBytes() {
        return OptionalLong.of(directory.toFile().getFreeSpace());
    }

    /**
     * The directory, opened once: a sync tells of what failed since then, and to open it for each costs as much as some
     * syncs do.
     */
    private UninterruptibleFile names() throws IOException {
        lockAndClose.lock();
        try {
            requireOpen();
            UninterruptibleFile opened = names == null ? Directories.names(directory) : names;
            names = opened;
            return opened;
        } finally {
            lockAndClose.unlock();
        }
    }

    @Override
    public void close() throws IOException {
        lockAndClose.lock();
        try {
            closed = true;
            UninterruptibleFile opened = names;
            DirectoryLock held = lock;
            names = null;
            lock = null;
            try {
                if (opened != null) {
                    opened.close();
                }
            } finally {
                if (held != null) {
                    held.close();
                }
            }
        } finally {
            lockAndClose.unlock();
        }
    }

    private DiskWriter writer(Path file) throws IOException {
        DiskWriter writer = DiskWriter.open(file, this);
        writers.add(writer);
        return writer;
    }

    private static void delete(Path file, IOException cause) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    private Path resolve(String name) {
        Path file = directory.resolve(name);
        if (!directory.equals(file.getParent())
                || !file.getFileName().toString().equals(name)
                || name.equals(".")
                || name.equals("..")
                || name.equals(LOCK_NAME)) {
            throw new IllegalArgumentException("not the name of a file in " + directory + ": '" + name + "'");
        }
        return file;
    }

    void closed(DiskWriter writer) {
        writers.remove(writer);
    }

    /**
     * Before each change by name: whoever moves the directory and puts another in its place must not lose that one's
     * files.
     */
    private void requireWritable() throws IOException {
        requireOpen();
        if (access == Access.READ_ONLY) throw new IllegalStateException(directory + " was opened for reading only");
        requireHeld();
    }

    /** Returns if this is still the directory that was locked, or if none was. */
    void requireHeld() throws IOException {
        DirectoryLock held = lock;
        if (held != null) held.requireHeld();
    }

    private void requireOpen() {
        if (closed) throw new IllegalStateException(directory + " was closed");
    }

    private static void requireLocal(Path directory) {
        if (directory.getFileSystem() != FileSystems.getDefault()) {
            throw new IllegalArgumentException("a directory of the default file system is needed, was " + directory
                    + " of " + directory.getFileSystem());
        }
    }
}
