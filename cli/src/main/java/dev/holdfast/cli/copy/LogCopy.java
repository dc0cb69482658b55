package dev.holdfast.cli.copy;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.file.FileLog;
import dev.holdfast.wal.inspect.Inspector;
import dev.holdfast.wal.inspect.Snapshot;
import dev.holdfast.wal.storage.DiskStorage;
import dev.holdfast.wal.storage.Storage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/**
 * Copies a log as it is at one moment. What a {@link Snapshot} names does not change while it is copied, but it may go:
 * then the next snapshot is tried, and what has been copied already and is still part of it stays. The copy is put
 * together under another name, and gets its own when it is complete: what was interrupted is never taken for a log.
 *
 * <p>Segments whose footer is written are linked where that is possible. The log never changes a byte of them, and
 * never uses a file again that has a second name. The newest segment is always copied, as bytes.
 */
public final class LogCopy implements AutoCloseable {
    /** What the two logs may share. */
    public enum Sharing {
        /** No byte. */
        NOTHING,
        /** Files that nobody changes any more. */
        WHAT_IS_FINAL
    }

    /** How many bytes were copied, and how many are shared. */
    public record Copied(long copiedBytes, long linkedBytes) {}

    private static final String SUFFIX = ".partial";
    private static final int ATTEMPTS = 100;
    private static final int CHUNK_BYTES = 1 << 20;

    private final Path source;
    private final Path target;
    private final Path partial;
    private final Map<String, Long> linked = new HashMap<>();
    private final Map<String, Long> copied = new HashMap<>();
    private final ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
    private String tailName = "none";
    private boolean begun;
    private boolean published;

    public LogCopy(Path source, Path target) {
        this.source = source;
        this.target = target.toAbsolutePath().normalize();
        this.partial = this.target.resolveSibling(this.target.getFileName() + SUFFIX);
    }

    /**
     * Makes the directory in which the copy is put together.
     *
     * @return how much there is to copy or to link now, in bytes
     * @throws FileAlreadyExistsException if the copy's name is taken
     * @throws FileSystemException if it would be inside of the log's directory, into which a copy writes nothing
     */
    public long begin() throws IOException {
        long bytes = snapshot().bytes();
        requireOutside();
        requireFree(target, "a copy is made in a directory of its own, which must not exist");
        requireFree(
                partial,
                "another copy is being made there, or one that was killed has left it behind: then delete it and try again");
        Files.createDirectory(partial, ownersAlone("rwx------"));
        begun = true;
        return bytes;
    }

    /** By what the directories are, not by their names: symbolic links and mounts give them others. */
    private void requireOutside() throws IOException {
        Path parent = target.getParent();
        for (Path above = parent == null ? null : parent.toRealPath(); above != null; above = above.getParent()) {
            if (Files.isSameFile(above, source)) {
                throw new FileSystemException(
                        target.toString(),
                        null,
                        "is inside the log's directory, which a copy leaves as it is: name a place outside of it");
            }
        }
    }

    private static void requireFree(Path path, String otherwise) throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(path.toString(), null, otherwise);
        }
    }

    /** Where the copy is before it gets its name. */
    public Path unnamed() {
        return partial;
    }

    /** Copies; on return the copy is a closed log, and durable. */
    public Copied run(Sharing sharing, LongConsumer progress) throws IOException {
        Snapshot snapshot;
        for (int attempt = 1; ; attempt++) {
            try {
                snapshot = snapshot();
                boolean last = attempt == ATTEMPTS;
                if (copy(snapshot, sharing, last, progress)) {
                    removeAllBut(snapshot);
                    break;
                }
            } catch (NoSuchFileException e) {
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
        sync(partial);
        // Recovers what stands behind the last whole group, which is nothing, makes it a log that was closed, and shows
        // that it opens.
        try (FileLog copy = FileLog.open(partial)) {
            requireWhole(copy, snapshot);
        }
        return new Copied(total(copied), total(linked));
    }

    /**
     * Opening cuts off what stands behind the last whole batch, so damage that comes while the tail is copied would
     * make the copy shorter.
     */
    private void requireWhole(FileLog copy, Snapshot snapshot) throws IOException {
        if (copy.nextId() <= snapshot.provenId()) {
            throw new CorruptLogException(
                    source.resolve(snapshot.tail().name()) + ": record " + copy.nextId()
                            + " was damaged while it was copied, expected records up to " + snapshot.provenId()
                            + ". No copy was made. Run `holdfast verify <dir>` to see whether the log itself is damaged, and try again.",
                    snapshot.tail().name(),
                    0,
                    copy.nextId(),
                    snapshot.provenId());
        }
    }

    /** Of a log that is written, files may go while it is looked at: then it is looked at again. */
    private Snapshot snapshot() throws IOException {
        for (int attempt = 1; ; attempt++) {
            try (Storage storage = DiskStorage.openReadOnly(source)) {
                return new Inspector(storage).snapshot();
            } catch (NoSuchFileException e) {
                if (attempt == ATTEMPTS || !isWritten()) {
                    throw e;
                }
            }
        }
    }

    private boolean copy(Snapshot snapshot, Sharing sharing, boolean last, LongConsumer progress) throws IOException {
        // The newest first: what it says of the others is true as long as they are there.
        copyTail(snapshot.tail(), progress);
        for (Snapshot.Sealed segment : snapshot.sealed()) {
            if (!segment.complete() && !last && isWritten()) {
                return false; // its footer is just being written
            }
            if (!linked.containsKey(segment.name()) && !copied.containsKey(segment.name())) {
                boolean mayLink = segment.complete() && sharing == Sharing.WHAT_IS_FINAL;
                if (mayLink && link(segment.name())) {
                    linked.put(segment.name(), segment.lengthBytes());
                    progress.accept(segment.lengthBytes());
                } else {
                    copy(segment.name(), segment.lengthBytes(), segment.lengthBytes(), progress);
                    copied.put(segment.name(), segment.lengthBytes());
                }
            }
        }
        return true;
    }

    private boolean isWritten() throws IOException {
        try (Storage storage = DiskStorage.openReadOnly(source)) {
            return storage.holder().isPresent();
        }
    }

    /** A tail of an earlier snapshot is copied anew: it may have grown, or be sealed by now. */
    private void copyTail(Snapshot.Tail tail, LongConsumer progress) throws IOException {
        Files.deleteIfExists(partial.resolve(tailName));
        copied.remove(tailName);
        tailName = tail.name();
        copy(tailName, tail.endOffset(), tail.lengthBytes(), progress);
        copied.put(tailName, tail.endOffset());
    }

    /** False where the file system can not link, or not from there, or does not permit it. */
    private boolean link(String name) throws IOException {
        try {
            Files.createLink(partial.resolve(name), source.toRealPath().resolve(name));
            return true;
        } catch (NoSuchFileException | FileAlreadyExistsException e) {
            throw e;
        } catch (FileSystemException | UnsupportedOperationException e) {
            return false;
        }
    }

    /**
     * Copies the first bytes of a file, and writes zeros behind them, up to the file's length: a hole would take blocks
     * when the log goes on.
     */
    private void copy(String name, long bytes, long length, LongConsumer progress) throws IOException {
        try (FileChannel from =
                        FileChannel.open(source.resolve(name), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
                FileChannel to = FileChannel.open(
                        partial.resolve(name),
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        ownersAlone("rw-------"))) {
            for (long offset = 0; offset < bytes; ) {
                chunk.clear().limit((int) Math.min(CHUNK_BYTES, bytes - offset));
                int read = from.read(chunk, offset);
                if (read < 0) {
                    throw new IOException(source.resolve(name) + " became shorter while it was copied");
                }
                writeChunk(to);
                offset += read;
                progress.accept(read);
            }
            chunk.clear().put(new byte[CHUNK_BYTES]);
            for (long offset = bytes; offset < length; offset += chunk.limit()) {
                chunk.clear().limit((int) Math.min(CHUNK_BYTES, length - offset));
                chunk.position(chunk.limit());
                writeChunk(to);
            }
            to.force(true);
        }
    }

    private void writeChunk(FileChannel to) throws IOException {
        chunk.flip();
        while (chunk.hasRemaining()) {
            to.write(chunk);
        }
    }

    private void removeAllBut(Snapshot snapshot) throws IOException {
        Set<String> wanted = new HashSet<>();
        wanted.add(snapshot.tail().name());
        snapshot.sealed().forEach(segment -> wanted.add(segment.name()));
        for (Map<String, Long> all : List.of(linked, copied)) {
            for (String name : List.copyOf(all.keySet())) {
                if (!wanted.contains(name)) {
                    Files.deleteIfExists(partial.resolve(name));
                    all.remove(name);
                }
            }
        }
    }

    /** Gives the copy its name, durably. */
    public void publish() throws IOException {
        requireFree(target, "it has been made while the copy was put together");
        Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
        published = true;
        sync(Objects.requireNonNull(target.getParent()));
    }

    private static void sync(Path directory) throws IOException {
        try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
            names.force(true);
        }
    }

    private static long total(Map<String, Long> bytes) {
        return bytes.values().stream().mapToLong(Long::longValue).sum();
    }

    private static FileAttribute<?>[] ownersAlone(String permissions) {
        boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        return posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }

    /** Removes what there is of a copy that did not get its name. */
    @Override
    public void close() throws IOException {
        if (begun && !published) {
            try (Stream<Path> files = Files.list(partial)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(partial);
        }
    }
}
