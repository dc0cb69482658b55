package dev.holdfast.fuzz;

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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Simulates a directory in memory that contains arbitrary files and loses nothing. It limits the number of operations,
 * so that endless reading is detected. It also counts the memory that it allocates itself, which does not count against
 * the code under test. Not thread-safe.
 */
final class FuzzedDirectory implements Storage {
    private static final int MAX_OPERATIONS = 200_000;

    private final Map<String, Content> files = new TreeMap<>();
    private int operations;
    private int changes;
    private long ownBytes;

    /** A file. It stays usable after its name is deleted, until every user has closed it. */
    private static final class Content {
        private byte[] bytes;
        private int links = 1;
        private boolean regular = true;

        private Content(byte[] bytes) {
            this.bytes = bytes;
        }
    }

    FuzzedDirectory() {}

    /** Creates a copy of another directory. */
    FuzzedDirectory(FuzzedDirectory other) {
        other.files.forEach((name, content) -> {
            Content copy = new Content(content.bytes.clone());
            copy.links = content.links;
            copy.regular = content.regular;
            files.put(name, copy);
        });
    }

    List<String> names() {
        return List.copyOf(files.keySet());
    }

    /** Returns the bytes of a file, not a copy. */
    byte[] bytes(String name) {
        return files.get(name).bytes;
    }

    void put(String name, byte[] bytes) {
        files.put(name, new Content(bytes));
    }

    void remove(String name) {
        files.remove(name);
    }

    void setLinks(String name, int links) {
        files.get(name).links = links;
    }

    void makeIrregular(String name) {
        files.get(name).regular = false;
    }

    /** Returns the size of all files in bytes. */
    long totalBytes() {
        return files.values().stream()
                .mapToLong(content -> content.bytes.length)
                .sum();
    }

    /** Returns the number of operations that changed something. */
    int changes() {
        return changes;
    }

    /** Returns the number of bytes that this directory has allocated itself. */
    long ownBytes() {
        return ownBytes;
    }

    private interface Work<T> {
        T run() throws IOException;
    }

    private <T> T work(Work<T> work) throws IOException {
        if (++operations > MAX_OPERATIONS) {
            throw new AssertionError(
                    "more than " + MAX_OPERATIONS + " operations; the code under test does not seem to end");
        }
        long before = Memory.heapBytes();
        try {
            return work.run();
        } finally {
            ownBytes += Memory.heapBytes() - before;
        }
    }

    private <T> T change(Work<T> work) throws IOException {
        changes++;
        return work(work);
    }

    private Content content(String name) throws IOException {
        Content content = files.get(name);
        if (content == null) {
            throw new NoSuchFileException(name);
        }
        if (!content.regular) {
            throw new IOException(name + " is not a regular file");
        }
        return content;
    }

    @Override
    public String name() {
        return "fuzzed";
    }

    @Override
    public void lock() {}

    @Override
    public Optional<String> holder() {
        return Optional.empty();
    }

    @Override
    public List<StoredFile> list() throws IOException {
        return work(() -> {
            List<StoredFile> list = new ArrayList<>();
            files.forEach((name, content) ->
                    list.add(new StoredFile(name, content.bytes.length, content.links, content.regular)));
            return list;
        });
    }

    @Override
    public WritableFile create(String name) throws IOException {
        return change(() -> {
            if (files.containsKey(name)) {
                throw new FileAlreadyExistsException(name);
            }
            files.put(name, new Content(new byte[0]));
            return new Writer(content(name));
        });
    }

    @Override
    public WritableFile openForWriting(String name) throws IOException {
        return change(() -> new Writer(content(name)));
    }

    @Override
    public ReadableFile openForReading(String name) throws IOException {
        return work(() -> new Reader(content(name)));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        change(() -> {
            if (files.containsKey(to)) {
                throw new FileAlreadyExistsException(from, to, null);
            }
            files.put(to, content(from));
            return files.remove(from);
        });
    }

    @Override
    public void delete(String name) throws IOException {
        change(() -> {
            content(name);
            return files.remove(name);
        });
    }

    @Override
    public void sync() throws IOException {
        change(() -> true);
    }

    @Override
    public void close() {}

    private final class Writer implements WritableFile {
        private final Content content;

        private Writer(Content content) {
            this.content = content;
        }

        @Override
        public void write(long offset, byte[] bytes, int from, int length) throws IOException {
            change(() -> {
                int end = Math.toIntExact(offset + length);
                content.bytes = Arrays.copyOf(content.bytes, Math.max(end, content.bytes.length));
                System.arraycopy(bytes, from, content.bytes, (int) offset, length);
                return end;
            });
        }

        @Override
        public void writeSynced(long offset, byte[] bytes, int from, int length) throws IOException {
            write(offset, bytes, from, length);
        }

        @Override
        public void sync() {}

        @Override
        public void close() {}
    }

    private final class Reader implements ReadableFile {
        private final Content content;

        private Reader(Content content) {
            this.content = content;
        }

        @Override
        public long length() {
            return content.bytes.length;
        }

        @Override
        public int read(long offset, ByteBuffer into) throws IOException {
            return work(() -> {
                if (offset < 0 || !into.isDirect()) {
                    throw new AssertionError("read at " + offset + " into " + into);
                }
                int length = (int) Math.max(0, Math.min(into.remaining(), content.bytes.length - offset));
                into.put(content.bytes, (int) Math.min(offset, content.bytes.length), length);
                return length;
            });
        }

        @Override
        public void close() {}
    }
}
