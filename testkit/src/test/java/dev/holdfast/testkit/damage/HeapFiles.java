package dev.holdfast.testkit.damage;

import dev.holdfast.wal.storage.ReadableFile;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.StoredFile;
import dev.holdfast.wal.storage.WritableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Simulates a disk in memory that never loses anything. Files share their initial bytes and are copied on the first
 * write, so opening a million damaged logs costs little memory. Not thread-safe.
 */
final class HeapFiles implements Storage {
    private final Map<String, Content> files = new HashMap<>();
    private final Set<String> read = new HashSet<>();
    private final Map<String, String> renamed = new HashMap<>();
    private int open;

    private static final class Content {
        private byte[] bytes;
        private boolean shared = true;

        private Content(byte[] bytes) {
            this.bytes = bytes;
        }
    }

    HeapFiles(Map<String, byte[]> shared) {
        shared.forEach((name, bytes) -> files.put(name, new Content(bytes)));
    }

    /** Returns the original names of the files that were opened for reading. */
    Set<String> readFiles() {
        return read;
    }

    /** Returns the number of open files. */
    int openFiles() {
        return open;
    }

    private Content content(String name) throws NoSuchFileException {
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
        return Optional.empty();
    }

    @Override
    public List<StoredFile> list() {
        return files.entrySet().stream()
                .map(file -> new StoredFile(file.getKey(), file.getValue().bytes.length, 1, true))
                .toList();
    }

    @Override
    public WritableFile create(String name) throws IOException {
        Content content = new Content(new byte[0]);
        if (files.putIfAbsent(name, content) != null) {
            throw new FileAlreadyExistsException(name);
        }
        return new Writer(content);
    }

    @Override
    public WritableFile openForWriting(String name) throws IOException {
        return new Writer(content(name));
    }

    @Override
    public ReadableFile openForReading(String name) throws IOException {
        read.add(renamed.getOrDefault(name, name));
        return new Reader(content(name));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        // A read of the new name counts as a read of this file.
        renamed.put(to, renamed.getOrDefault(from, from));
        if (files.putIfAbsent(to, content(from)) != null) {
            throw new FileAlreadyExistsException(from, to, null);
        }
        files.remove(from);
    }

    @Override
    public void delete(String name) throws IOException {
        content(name);
        files.remove(name);
    }

    @Override
    public void sync() {}

    @Override
    public void close() {}

    private final class Writer implements WritableFile {
        private final Content content;

        private Writer(Content content) {
            this.content = content;
            open++;
        }

        @Override
        public void write(long offset, byte[] bytes, int from, int length) {
            int end = Math.toIntExact(offset + length);
            if (content.shared || end > content.bytes.length) {
                content.bytes = Arrays.copyOf(content.bytes, Math.max(end, content.bytes.length));
                content.shared = false;
            }
            System.arraycopy(bytes, from, content.bytes, (int) offset, length);
        }

        @Override
        public void writeSynced(long offset, byte[] bytes, int from, int length) {
            write(offset, bytes, from, length);
        }

        @Override
        public void sync() {}

        @Override
        public void close() {
            open--;
        }
    }

    private final class Reader implements ReadableFile {
        private final Content content;

        private Reader(Content content) {
            this.content = content;
            open++;
        }

        @Override
        public long length() {
            return content.bytes.length;
        }

        @Override
        public int read(long offset, ByteBuffer into) {
            int at = (int) Math.min(offset, content.bytes.length);
            int length = Math.min(into.remaining(), content.bytes.length - at);
            into.put(content.bytes, at, length);
            return length;
        }

        @Override
        public void close() {
            open--;
        }
    }
}
