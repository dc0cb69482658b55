package dev.holdfast.wal.segment;

import dev.holdfast.wal.storage.NoSpaceException;
import dev.holdfast.wal.storage.ReadableFile;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.StoredFile;
import dev.holdfast.wal.storage.WritableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * Files in memory, for tests that inspect bytes and need no disk. Nothing is ever lost. The storage can be full. Not
 * thread-safe.
 */
public final class HeapStorage implements Storage {
    private static final int BLOCK_BYTES = 4096;

    private final Map<String, Content> files = new TreeMap<>();
    private final List<String> steps = new ArrayList<>();
    private long freeBytes = Long.MAX_VALUE;
    private int openFiles;
    private Optional<String> holder = Optional.empty();
    private Runnable beforeListing = () -> {};
    private Runnable beforeReading = () -> {};
    private int namesChanged;
    private int opens;
    private boolean stamped;

    /** The bytes of a file, which stay as long as the file is open, even if it is deleted. */
    private static final class Content {
        private byte[] bytes = new byte[0];
        private final BitSet holes = new BitSet();
    }

    /** Limits the further growth of all files together to this many bytes. */
    public void leaveFree(long bytes) {
        freeBytes = bytes;
    }

    /** Returns the bytes of a file. Changing them changes the file. */
    public byte[] bytes(String name) throws IOException {
        return content(name).bytes;
    }

    /**
     * Turns the blocks of a file that are zero into holes, as tools that copy files do. Writing to them needs free
     * space.
     */
    public void makeHoles(String name) throws IOException {
        Content content = content(name);
        for (int at = 0; at < content.bytes.length; at += BLOCK_BYTES) {
            byte[] block = Arrays.copyOfRange(content.bytes, at, Math.min(at + BLOCK_BYTES, content.bytes.length));
            content.holes.set(at / BLOCK_BYTES, Arrays.equals(block, new byte[block.length]));
        }
    }

    /** Returns a copy of all files. */
    public Map<String, byte[]> snapshot() {
        Map<String, byte[]> copy = new TreeMap<>();
        files.forEach((name, content) -> copy.put(name, content.bytes.clone()));
        return copy;
    }

    /** Creates or replaces a file. */
    public HeapStorage put(String name, byte[] bytes) {
        Content content = new Content();
        content.bytes = bytes.clone();
        files.put(name, content);
        namesChanged++;
        return this;
    }

    /** Returns a description of the changes and syncs since the last call. */
    public List<String> takeSteps() {
        List<String> taken = List.copyOf(steps);
        steps.clear();
        return taken;
    }

    /** Simulates a writer in another process; empty if there is none. */
    public void setHolder(Optional<String> name) {
        holder = name;
    }

    /** Runs an action each time before the files are listed. */
    public void beforeListing(Runnable action) {
        beforeListing = action;
    }

    /** Runs an action each time before bytes of a file are read. */
    public void beforeReading(Runnable action) {
        beforeReading = action;
    }

    /** From now on reports whether names have changed, as directories on a disk do. */
    public HeapStorage stamped() {
        stamped = true;
        return this;
    }

    /** Returns how often a file was opened for reading. */
    public int opens() {
        return opens;
    }

    /** Returns the number of open files. */
    public int openFiles() {
        return openFiles;
    }

    private Content content(String name) throws IOException {
        Content content = files.get(name);
        if (content == null) {
            throw new NoSuchFileException(name);
        }
        return content;
    }

    @Override
    public String name() {
        return "heap";
    }

    @Override
    public void lock() {}

    @Override
    public Optional<String> holder() {
        return holder;
    }

    @Override
    public List<StoredFile> list() {
        beforeListing.run();
        return files.entrySet().stream()
                .map(file -> new StoredFile(file.getKey(), file.getValue().bytes.length, 1, true))
                .toList();
    }

    @Override
    public Optional<Object> namesStamp() {
        return stamped ? Optional.of(namesChanged) : Optional.empty();
    }

    @Override
    public Optional<Object> identity(String name) {
        return Optional.ofNullable(files.get(name));
    }

    @Override
    public WritableFile create(String name) throws IOException {
        if (files.containsKey(name)) {
            throw new FileAlreadyExistsException(name);
        }
        if (freeBytes == 0) {
            throw new NoSpaceException(name + ": full", null);
        }
        files.put(name, new Content());
        namesChanged++;
        steps.add("create " + name);
        return new Writer(name, content(name));
    }

    @Override
    public WritableFile openForWriting(String name) throws IOException {
        return new Writer(name, content(name));
    }

    @Override
    public ReadableFile openForReading(String name) throws IOException {
        opens++;
        return new Reader(content(name));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        if (files.containsKey(to)) {
            throw new FileAlreadyExistsException(from, to, null);
        }
        files.put(to, content(from));
        files.remove(from);
        namesChanged++;
        steps.add("rename " + from + " " + to);
    }

    @Override
    public void delete(String name) throws IOException {
        content(name);
        files.remove(name);
        namesChanged++;
        steps.add("delete " + name);
    }

    @Override
    public void sync() {
        steps.add("sync names");
    }

    @Override
    public OptionalLong freeBytes() {
        return OptionalLong.of(freeBytes);
    }

    @Override
    public void close() {}

    private final class Writer implements WritableFile {
        private final String openedAs;
        private final Content content;

        private Writer(String openedAs, Content content) {
            this.openedAs = openedAs;
            this.content = content;
            openFiles++;
        }

        private String name() {
            return files.entrySet().stream()
                    .filter(file -> file.getValue() == content)
                    .map(Map.Entry::getKey)
                    .findFirst()
                    .orElse(openedAs);
        }

        @Override
        public void write(long offset, byte[] bytes, int from, int length) throws IOException {
            put(offset, bytes, from, length);
            steps.add("write " + name() + " " + offset);
        }

        @Override
        public void writeSynced(long offset, byte[] bytes, int from, int length) throws IOException {
            put(offset, bytes, from, length);
            steps.add("write synced " + name() + " " + offset);
        }

        private void put(long offset, byte[] bytes, int from, int length) throws IOException {
            int end = Math.toIntExact(offset + length);
            int more = Math.max(0, end - content.bytes.length);
            int behind = (end + BLOCK_BYTES - 1) / BLOCK_BYTES;
            long holes = content.holes.get((int) offset / BLOCK_BYTES, behind).cardinality();
            if (more + holes * BLOCK_BYTES > freeBytes) {
                throw new NoSpaceException(name() + ": full", null);
            }
            freeBytes -= more + holes * BLOCK_BYTES;
            content.holes.clear((int) offset / BLOCK_BYTES, behind);
            content.bytes = Arrays.copyOf(content.bytes, content.bytes.length + more);
            System.arraycopy(bytes, from, content.bytes, (int) offset, length);
        }

        @Override
        public void sync() {
            steps.add("sync " + name());
        }

        @Override
        public void close() {
            openFiles--;
        }
    }

    private final class Reader implements ReadableFile {
        private final Content content;

        private Reader(Content content) {
            this.content = content;
            openFiles++;
        }

        @Override
        public long length() {
            return content.bytes.length;
        }

        @Override
        public int read(long offset, ByteBuffer into) {
            beforeReading.run();
            int length = (int) Math.max(0, Math.min(into.remaining(), content.bytes.length - offset));
            into.put(content.bytes, (int) Math.min(offset, content.bytes.length), length);
            return length;
        }

        @Override
        public void close() {
            openFiles--;
        }
    }
}
