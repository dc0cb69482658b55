package dev.holdfast.wal.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
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
import org.jspecify.annotations.Nullable;

/**
 * A directory of the real disk. A synced write is one O_DSYNC write, {@link WritableFile#sync} is {@code fsync} of the
 * file, and {@link #sync} is {@code fsync} of the directory. No failed write or sync is repeated. After {@link #close},
 * every method throws {@link IllegalStateException}; so does every method that changes something, if the storage was
 * opened for reading only.
 */
public final class DiskStorage implements Storage {
    private enum Access {
        READ_ONLY,
        READ_WRITE
    }

    private final Path directory;
    private final Access access;
    private final Set<DiskWriter> writers = ConcurrentHashMap.newKeySet();
    private volatile @Nullable DirectoryLock lock;
    private volatile boolean closed;

    /** The directory, opened when it is locked: a sync reports failures since then, and opening costs up to a sync. */
    private volatile @Nullable UninterruptibleFile names;

    private DiskStorage(Path directory, Access access) {
        this.directory = directory;
        this.access = access;
    }

    /**
     * Opens a directory for reading and writing, without locking it. Creates the directory and missing directories
     * above it, accessible to their owner alone; they survive a power failure once this method returns.
     *
     * @throws java.nio.file.NotDirectoryException if the path names something else
     * @throws java.nio.file.AccessDeniedException if the directory may not be created or read
     * @throws IOException if the directory could not be created or synced
     */
    public static DiskStorage open(Path directory) throws IOException {
        requireLocal(directory);
        return new DiskStorage(Directories.existing(Directories.make(directory)), Access.READ_WRITE);
    }

    /**
     * Opens a directory for reading. Never creates, writes or locks a file in it. Throws the exceptions of
     * {@link #open}.
     *
     * @throws NoSuchFileException if there is no such directory
     */
    public static DiskStorage openReadOnly(Path directory) throws IOException {
        requireLocal(directory);
        return new DiskStorage(Directories.existing(directory), Access.READ_ONLY);
    }

    @Override
    public String name() {
        return directory.toString();
    }

    @Override
    public void lock() throws IOException {
        requireWritable();
        if (names == null) names = UninterruptibleFile.openDirectory(directory);
        lock = DirectoryLock.take(directory); // seam: storage-lock
        if (closed) close(); // another thread closed this storage, perhaps too early to release the lock
    }

    @Override
    public Optional<String> holder() throws IOException {
        requireOpen();
        return KeptOpen.open(() -> DirectoryLock.holder(directory));
    }

    @Override
    public void publish(byte[] hint) throws IOException {
        requireOpen();
        DirectoryLock held = lock;
        if (held != null) held.publish(hint);
    }

    @Override
    public ByteBuffer hint() {
        return DirectoryLock.hint(directory);
    }

    @Override
    public List<StoredFile> list() throws IOException {
        requireOpen();
        return KeptOpen.open(this::listed);
    }

    private List<StoredFile> listed() throws IOException {
        List<StoredFile> files = new ArrayList<>();
        Path lockFile = directory.resolve(LOCK_NAME);
        try (DirectoryStream<Path> all = Files.newDirectoryStream(directory, file -> !file.equals(lockFile))) {
            for (Path file : all) {
                Attributes.read(file).ifPresent(files::add); // absent if deleted or renamed after its name was read
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
        } catch (FileSystemException missingOrNotRegular) {
            return Optional.empty();
        }
    }

    @Override
    public Optional<StoredFile> find(String name) throws IOException {
        requireOpen();
        return name.equals(LOCK_NAME) ? Optional.empty() : Attributes.read(resolve(name));
    }

    @Override
    public WritableFile create(String name) throws IOException {
        requireWritable();
        Path file = resolve(name);
        return KeptOpen.open(() -> created(file));
    }

    private WritableFile created(Path file) throws IOException {
        try {
            Files.createFile(file, Attributes.OF_NEW_FILE);
        } catch (IOException e) {
            if (e instanceof FileAlreadyExistsException || !FullDisk.caused(e, directory, 0)) throw e;
            throw new NoSpaceException(file + ": the disk has no space for another file: " + e.getMessage(), e);
        }
        try {
            return writer(file);
        } catch (IOException e) {
            try {
                Files.delete(file);
            } catch (IOException failed) {
                e.addSuppressed(failed);
            }
            throw e;
        }
    }

    @Override
    public WritableFile openForWriting(String name) throws IOException {
        requireWritable();
        Path file = resolve(name);
        return KeptOpen.open(() -> writer(file));
    }

    @Override
    public ReadableFile openForReading(String name) throws IOException {
        requireReadable();
        Path file = resolve(name);
        return KeptOpen.open(() -> UninterruptibleFile.openForReading(file));
    }

    @Override
    public ReadableFile openForReading(StoredFile listed) throws IOException {
        if (!listed.regular()) return openForReading(listed.name());
        requireReadable();
        Path file = resolve(listed.name());
        return KeptOpen.open(() -> UninterruptibleFile.openRegular(file));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        requireWritable();
        Path source = resolve(from);
        Path target = resolve(to);
        // Files.move would silently replace the target. No other writer can create it after this check.
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(
                    source.toString(), target.toString(), "a rename must not replace a file");
        }
        List<DiskWriter> renamed =
                writers.stream().filter(writer -> writer.isCalled(source)).toList();
        for (DiskWriter writer : renamed) {
            if (!writer.isNamed()) {
                String why = "it was deleted or replaced while it was open for writing";
                throw new NoSuchFileException(source.toString(), target.toString(), why);
            }
        }
        Files.move(source, target, StandardCopyOption.ATOMIC_MOVE);
        renamed.forEach(writer -> writer.renamed(target));
    }

    @Override
    public void delete(String name) throws IOException {
        requireWritable();
        Files.delete(resolve(name));
    }

    @Override
    public void sync() throws IOException {
        requireWritable();
        UninterruptibleFile opened = names;
        if (opened == null) {
            Directories.sync(directory);
        } else {
            opened.syncNames();
        }
    }

    /** {@inheritDoc} Includes blocks reserved for root, so the number changes with every byte that any user frees. */
    @Override
    public OptionalLong freeBytes() {
        return OptionalLong.of(directory.toFile().getFreeSpace());
    }

    @Override
    public boolean leavesHoles() {
        return Attributes.UNIX; // Windows fills them with zeros at once
    }

    @Override
    public void close() throws IOException {
        closed = true;
        DirectoryLock held = lock;
        UninterruptibleFile opened = names;
        try {
            if (opened != null) opened.close();
        } finally {
            if (held != null) held.close();
        }
    }

    private DiskWriter writer(Path file) throws IOException {
        DiskWriter writer = new DiskWriter(file, this);
        writers.add(writer);
        return writer;
    }

    private Path resolve(String name) {
        Path file = directory.resolve(name);
        if (!directory.equals(file.getParent())
                || !file.getFileName().toString().equals(name)
                || List.of(".", "..", LOCK_NAME).contains(name)) {
            throw new IllegalArgumentException("not a valid file name in " + directory + ": '" + name + "'");
        }
        return file;
    }

    void closed(DiskWriter writer) {
        writers.remove(writer);
    }

    /** Checks that this object may change files, and that this is still the locked directory, not a replacement. */
    private void requireWritable() throws IOException {
        requireOpen();
        if (access == Access.READ_ONLY) throw new IllegalStateException(directory + " was opened for reading only");
        requireHeld();
    }

    /** Checks that this is still the directory that was locked, if any was. */
    void requireHeld() throws IOException {
        DirectoryLock held = lock;
        if (held != null) held.requireHeld();
    }

    private void requireReadable() throws IOException {
        requireOpen();
        DirectoryLock held = lock;
        // If the directory was replaced, another log's file of this name would be reported as damaged.
        if (held != null && !writers.isEmpty()) held.requireNotReplaced();
    }

    private void requireOpen() {
        if (closed) throw new IllegalStateException(directory + " was closed");
    }

    private static void requireLocal(Path directory) {
        if (directory.getFileSystem() != FileSystems.getDefault()) {
            throw new IllegalArgumentException("expected a directory of the default file system, was " + directory
                    + " of " + directory.getFileSystem());
        }
    }
}
