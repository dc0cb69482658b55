package dev.holdfast.cli.copy;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.file.FileLog;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.inspect.Inspector;
import dev.holdfast.wal.inspect.Snapshot;
import dev.holdfast.wal.storage.DiskStorage;
import dev.holdfast.wal.storage.Storage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * Copies a log as of one moment.
 *
 * <p>A {@link Snapshot} names the files to copy. Their bytes do not change during the copy, but a file may be deleted.
 * The copy then continues with a new snapshot, and keeps the files already copied that are still part of the log.
 *
 * <p>Segments with a footer are hard-linked if possible. This is safe because the log never changes a byte of them, and
 * never reuses a file that has a second name. The newest segment is always copied as bytes.
 */
public final class LogCopy implements AutoCloseable {
    /** Defines which files the log and its copy may share. */
    public enum Sharing {
        /** No file: every byte is copied. */
        NOTHING,
        /** Files that never change again. */
        FINAL_FILES
    }

    /** Number of bytes that were copied, and of bytes in files that are shared. */
    public record Copied(long copiedBytes, long linkedBytes) {}

    private static final int ATTEMPTS = 100;

    private final Path source;
    private final CopyTarget target;
    private final Path partial;
    private final Map<String, Long> linked = new HashMap<>();
    private final Map<String, Long> copied = new HashMap<>();
    private final ByteBuffer chunk = ByteBuffer.allocateDirect(Layout.CHUNK_BYTES);
    private String tailName = "none";

    public LogCopy(Path source, Path target) {
        this.source = source;
        this.target = new CopyTarget(source, target);
        this.partial = this.target.unnamed();
    }

    /**
     * Creates the directory in which the copy is assembled.
     *
     * @return number of bytes to copy or to link, as of now
     * @throws FileAlreadyExistsException if the copy's name is taken
     * @throws FileSystemException if the copy would be inside the log's directory, where a copy must write nothing
     */
    public long begin() throws IOException {
        long bytes = snapshot().bytes();
        target.begin();
        return bytes;
    }

    /** Returns the directory of the copy until it gets its final name. */
    public Path unnamed() {
        return partial;
    }

    /** Copies the log. On return the copy is a durable, closed log. */
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
        CopyTarget.sync(partial);
        // Opening proves that the copy opens, and closing marks it as a closed log. Recovery discards nothing,
        // because nothing follows the last whole group.
        try (FileLog copy = FileLog.open(partial)) {
            requireWhole(copy, snapshot);
        }
        return new Copied(total(copied), total(linked));
    }

    /**
     * Checks that the copy holds every record of the snapshot. Opening discards everything after the last whole batch,
     * so damage that occurs while the tail is copied would silently shorten the copy.
     *
     * @throws CorruptLogException if records are missing
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

    /** Takes a snapshot. Retries if a file disappears while another process has the log open. */
    private Snapshot snapshot() throws IOException {
        for (int attempt = 1; ; attempt++) {
            try (Storage storage = DiskStorage.openReadOnly(source)) {
                return new Inspector(storage).snapshot();
            } catch (NoSuchFileException e) {
                if (attempt == ATTEMPTS || !hasWriter()) {
                    throw e;
                }
            }
        }
    }

    private boolean copy(Snapshot snapshot, Sharing sharing, boolean last, LongConsumer progress) throws IOException {
        // Copy the newest segment first: what its header says about the other segments holds only while they exist.
        copyTail(snapshot.tail(), progress);
        for (Snapshot.Sealed segment : snapshot.sealed()) {
            if (!segment.complete() && !last && hasWriter()) {
                return false; // another process is just writing the footer
            }
            if (!linked.containsKey(segment.name()) && !copied.containsKey(segment.name())) {
                boolean mayLink = segment.complete() && sharing == Sharing.FINAL_FILES;
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

    private boolean hasWriter() throws IOException {
        try (Storage storage = DiskStorage.openReadOnly(source)) {
            return storage.holder().isPresent();
        }
    }

    /**
     * Copies the newest segment. Replaces the copy of an earlier snapshot's newest segment, which may have grown or
     * been sealed since.
     */
    private void copyTail(Snapshot.Tail tail, LongConsumer progress) throws IOException {
        Files.deleteIfExists(partial.resolve(tailName));
        copied.remove(tailName);
        tailName = tail.name();
        copy(tailName, tail.endOffset(), tail.lengthBytes(), progress);
        copied.put(tailName, tail.endOffset());
    }

    /**
     * Creates a hard link to a segment. Returns false if the file system cannot link, cannot link across these
     * directories, or does not permit it.
     */
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
     * Copies the first bytes of a file and fills the rest, up to the file's length, with zeros. Zeros are written
     * because a hole would need disk blocks at the next appends.
     */
    private void copy(String name, long bytes, long length, LongConsumer progress) throws IOException {
        try (FileChannel from =
                        FileChannel.open(source.resolve(name), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
                FileChannel to = FileChannel.open(
                        partial.resolve(name),
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        CopyTarget.ownersAlone("rw-------"))) {
            for (long offset = 0; offset < bytes; ) {
                chunk.clear().limit((int) Math.min(Layout.CHUNK_BYTES, bytes - offset));
                int read = from.read(chunk, offset);
                if (read < 0) {
                    throw new IOException(source.resolve(name) + " became shorter while it was copied");
                }
                writeChunk(to);
                offset += read;
                progress.accept(read);
            }
            chunk.clear().put(new byte[Layout.CHUNK_BYTES]);
            for (long offset = bytes; offset < length; offset += chunk.limit()) {
                chunk.clear().limit((int) Math.min(Layout.CHUNK_BYTES, length - offset));
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

    /** Renames the copy to its final name, durably. */
    public void publish() throws IOException {
        target.publish();
    }

    private static long total(Map<String, Long> bytes) {
        return bytes.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Deletes the copy, unless {@link #publish} has given it its final name. */
    @Override
    public void close() throws IOException {
        target.close();
    }
}
