package dev.holdfast.wal.storage;

import dev.holdfast.wal.LogLockedException;
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
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A directory in memory, for tests. Nothing is ever lost. The storage can be full, and files can have holes.
 *
 * <p>Several threads may use it. Names change atomically. Bytes are read and written without locks or volatiles, so one
 * thread sees the bytes of another only if the log publishes them correctly. A real disk would hide a missing
 * publication behind its system calls. The steps, the counters and the free space are exact only if one thread at a
 * time uses the storage.
 */
public final class HeapStorage implements Storage {
    private static final int BLOCK_BYTES = 4096;
    private static final ByteBuffer NO_HINT = ByteBuffer.allocate(0);

    private final AtomicBoolean locked = new AtomicBoolean();
    private volatile Map<String, Content> files;
    private List<String> steps;
    private long freeBytes = Long.MAX_VALUE;
    private int openFiles;
    private Optional<String> otherHolder = Optional.empty();
    private volatile ByteBuffer hint = NO_HINT;
    private Optional<IOException> publishing = Optional.empty();
    private Runnable afterReadingHint = () -> {};
    private Runnable beforeListing = () -> {};
    private Runnable beforeReading = () -> {};
    private int namesChanged;
    private int opens;
    private boolean stamped;

    /** A file. It stays usable after its name is deleted, until every user has closed it. */
    private static final class Content {
        private byte[] bytes;
        /** The caller of a test has the array, too, so a write does not change it. */
        private boolean shared;

        private final BitSet holes = new BitSet();
        private int links = 1;
        private boolean regular = true;

        private Content(byte[] bytes, boolean shared) {
            this.bytes = bytes;
            this.shared = shared;
        }
    }

    public HeapStorage() {
        this(Map.of());
    }

    /** Creates a directory with files. Their arrays are not copied before the first write to a file. */
    public HeapStorage(Map<String, byte[]> shared) {
        Map<String, Content> contents = new TreeMap<>();
        shared.forEach((name, bytes) -> contents.put(name, new Content(bytes, true)));
        files = contents;
    }

    /** Returns the storage that a kill of all processes leaves: the same files, and no lock. */
    public HeapStorage copy() {
        HeapStorage copy = new HeapStorage();
        copy.steps = steps == null ? null : new ArrayList<>();
        files.forEach((name, content) -> {
            copy.put(name, content.bytes);
            copy.files.get(name).links = content.links;
            copy.files.get(name).regular = content.regular;
        });
        return copy;
    }

    /** Returns the bytes of all files. */
    public Map<String, byte[]> snapshot() {
        Map<String, byte[]> copy = new TreeMap<>();
        files.forEach((name, content) -> copy.put(name, content.bytes.clone()));
        return copy;
    }

    /** Creates or replaces a file. */
    public HeapStorage put(String name, byte[] bytes) {
        change(names -> names.put(name, new Content(bytes.clone(), false)));
        return this;
    }

    /** Removes a name of any kind, if it exists. */
    public void remove(String name) {
        change(names -> names.remove(name));
    }

    /** Returns the bytes of a file. Until the log writes to the file, changing them changes the file. */
    public byte[] bytes(String name) throws IOException {
        Content content = content(name);
        content.shared = true;
        return content.bytes;
    }

    /** Sets the number of hard links that a file has. */
    public void setLinks(String name, int links) throws IOException {
        content(name).links = links;
    }

    /** Turns a file into something else, for example a symbolic link. */
    public void makeIrregular(String name) throws IOException {
        content(name).regular = false;
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

    /** Limits the further growth of all files together to this many bytes. */
    public void leaveFree(long bytes) {
        freeBytes = bytes;
    }

    /** From now on records the changes and syncs, for {@link #takeSteps}. */
    public HeapStorage recordSteps() {
        steps = new ArrayList<>();
        return this;
    }

    /** Returns a description of the changes and syncs since the last call. */
    public List<String> takeSteps() {
        List<String> taken = List.copyOf(steps);
        steps.clear();
        return taken;
    }

    private void step(String step) {
        if (steps != null) {
            steps.add(step);
        }
    }

    /** Simulates that a process died and released the lock, and that a writer in another process took it, if any. */
    public void setHolder(Optional<String> name) {
        locked.set(false);
        otherHolder = name;
    }

    /** Replaces the hint that was published last. */
    public void setHint(ByteBuffer bytes) {
        hint = bytes.duplicate();
    }

    /** From now on the writer fails to publish a hint. */
    public HeapStorage failHints() {
        publishing = Optional.of(new IOException("a hint cannot be written"));
        hint = NO_HINT;
        return this;
    }

    /** Runs an action each time after the hint is read. */
    public void afterReadingHint(Runnable action) {
        afterReadingHint = action;
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

    private interface Change<E extends Exception> {
        void on(Map<String, Content> names) throws E;
    }

    /** Changes the names atomically: other threads see all of the change or nothing. */
    private synchronized <E extends Exception> void change(Change<E> change) throws E {
        Map<String, Content> changed = new TreeMap<>(files);
        change.on(changed);
        files = changed;
        namesChanged++;
    }

    private Content content(String name) throws NoSuchFileException {
        Content content = files.get(name);
        if (content == null) {
            throw new NoSuchFileException(name);
        }
        return content;
    }

    private Content regular(String name) throws IOException {
        Content content = content(name);
        if (!content.regular) {
            throw new IOException(name + " is not a regular file");
        }
        return content;
    }

    @Override
    public String name() {
        return "heap";
    }

    @Override
    public void lock() throws LogLockedException {
        if (otherHolder.isPresent() || !locked.compareAndSet(false, true)) {
            throw new LogLockedException(name() + " is locked by " + holder().orElse("nobody"));
        }
        hint = NO_HINT;
    }

    @Override
    public Optional<String> holder() {
        return otherHolder.or(() -> locked.get() ? Optional.of("this process") : Optional.empty());
    }

    @Override
    public void publish(byte[] bytes) throws IOException {
        if (publishing.isPresent()) throw publishing.get();
        hint = ByteBuffer.wrap(bytes.clone());
    }

    @Override
    public ByteBuffer hint() {
        ByteBuffer read = hint.duplicate();
        afterReadingHint.run();
        return read;
    }

    @Override
    public List<StoredFile> list() {
        beforeListing.run();
        return files.entrySet().stream()
                .map(file -> new StoredFile(
                        file.getKey(), file.getValue().bytes.length, file.getValue().links, file.getValue().regular))
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
        Content content = new Content(new byte[0], false);
        change(names -> {
            if (names.putIfAbsent(name, content) != null) {
                throw new FileAlreadyExistsException(name);
            }
            if (freeBytes == 0) {
                throw new NoSpaceException(name + ": full", null);
            }
        });
        step("create " + name);
        return new Writer(name, content);
    }

    @Override
    public WritableFile openForWriting(String name) throws IOException {
        return new Writer(name, regular(name));
    }

    @Override
    public ReadableFile openForReading(String name) throws IOException {
        opens++;
        return new Reader(name, regular(name));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        change(names -> {
            if (names.putIfAbsent(to, regular(from)) != null) {
                throw new FileAlreadyExistsException(from, to, null);
            }
            names.remove(from);
        });
        step("rename " + from + " " + to);
    }

    @Override
    public void delete(String name) throws IOException {
        change(names -> names.remove(name, regular(name)));
        step("delete " + name);
    }

    @Override
    public void sync() {
        step("sync names");
    }

    @Override
    public OptionalLong freeBytes() {
        return OptionalLong.of(freeBytes);
    }

    @Override
    public void close() {
        locked.set(false);
    }

    /** An open file. */
    private class Opened {
        final String openedAs;
        final Content content;
        private boolean closed;

        Opened(String openedAs, Content content) {
            this.openedAs = openedAs;
            this.content = content;
            openFiles++;
        }

        final void requireOpen() throws IOException {
            if (closed) {
                throw new IOException("the file was opened as " + openedAs + " and is closed");
            }
        }

        public final void close() {
            openFiles -= closed ? 0 : 1;
            closed = true;
        }
    }

    private final class Writer extends Opened implements WritableFile {
        private Writer(String openedAs, Content content) {
            super(openedAs, content);
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
            if (steps != null) {
                step("write " + name() + " " + offset);
            }
        }

        @Override
        public void writeSynced(long offset, byte[] bytes, int from, int length) throws IOException {
            put(offset, bytes, from, length);
            if (steps != null) {
                step("write synced " + name() + " " + offset);
            }
        }

        private void put(long offset, byte[] bytes, int from, int length) throws IOException {
            requireOpen();
            if (length == 0) {
                return;
            }
            int end = Math.toIntExact(offset + length);
            int before = content.bytes.length;
            if (end > before || content.shared) {
                content.bytes = Arrays.copyOf(content.bytes, Math.max(before, end));
                content.shared = false;
            }
            if (end > before) {
                // What the write skips is a hole, as are the blocks that it adds, until they are written.
                content.holes.set((before + BLOCK_BYTES - 1) / BLOCK_BYTES, (end + BLOCK_BYTES - 1) / BLOCK_BYTES);
            }
            long free = freeBytes;
            for (int at = (int) offset, block; at < end; at = (block + 1) * BLOCK_BYTES) {
                block = at / BLOCK_BYTES;
                if (content.holes.get(block)) {
                    if (free < BLOCK_BYTES) throw new NoSpaceException(name() + ": full", null);
                    free -= BLOCK_BYTES;
                }
                int part = Math.min(end, (block + 1) * BLOCK_BYTES) - at;
                System.arraycopy(bytes, from + at - (int) offset, content.bytes, at, part);
            }
            // A write that fails leaves bytes, but takes no space.
            freeBytes = free;
            content.holes.clear((int) offset / BLOCK_BYTES, (end + BLOCK_BYTES - 1) / BLOCK_BYTES);
        }

        @Override
        public void sync() throws IOException {
            requireOpen();
            if (steps != null) {
                step("sync " + name());
            }
        }
    }

    private final class Reader extends Opened implements ReadableFile {
        private Reader(String openedAs, Content content) {
            super(openedAs, content);
        }

        @Override
        public long length() {
            return content.bytes.length;
        }

        @Override
        public int read(long offset, ByteBuffer into) throws IOException {
            requireOpen();
            if (offset < 0 || !into.isDirect()) {
                throw new AssertionError("read at " + offset + " into " + into);
            }
            beforeReading.run();
            byte[] bytes = content.bytes;
            int length = (int) Math.max(0, Math.min(into.remaining(), bytes.length - offset));
            into.put(bytes, (int) Math.min(offset, bytes.length), length);
            return length;
        }
    }
}
