package dev.holdfast.races;

import dev.holdfast.wal.LogLockedException;
import dev.holdfast.wal.storage.ReadableFile;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.StoredFile;
import dev.holdfast.wal.storage.WritableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Simulates a disk in memory whose bytes are read and written without locks or volatiles. One thread sees the bytes of
 * another only if the log publishes them correctly. A real disk would hide a missing publication behind its system
 * calls.
 *
 * <p>Like a slow disk, some calls let other threads run first. Appends therefore form groups and reads overlap writes,
 * even if both threads share one processor.
 */
final class RamStorage implements Storage {
    private final Map<String, Content> files = new ConcurrentHashMap<>();
    private final AtomicBoolean locked = new AtomicBoolean();
    private volatile boolean broken;
    private int writesLeft = Integer.MAX_VALUE;

    private static final class Content {
        private byte[] bytes = new byte[0];
    }

    /** Makes every write and sync fail from now on. */
    void breakDown() {
        broken = true;
    }

    /** Makes writes fail after this number of writes. Must be called before the threads start. */
    void breakDownAfter(int writes) {
        writesLeft = writes;
    }

    /** Makes writes work again. */
    void repair() {
        broken = false;
        writesLeft = Integer.MAX_VALUE;
    }

    private void requireWorking() throws IOException {
        if (broken) {
            throw new IOException("simulated failure");
        }
    }

    static void pause() {
        if ((ThreadLocalRandom.current().nextInt() & 3) == 0) {
            Thread.yield();
        }
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
        return "memory";
    }

    @Override
    public void lock() throws LogLockedException {
        if (!locked.compareAndSet(false, true)) {
            throw new LogLockedException("memory is locked");
        }
    }

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
        requireWorking();
        files.put(name, new Content());
        return openForWriting(name);
    }

    @Override
    public WritableFile openForWriting(String name) throws IOException {
        return new Writer(content(name));
    }

    @Override
    public ReadableFile openForReading(String name) throws IOException {
        return new Reader(content(name));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        requireWorking();
        files.put(to, content(from));
        files.remove(from);
    }

    @Override
    public void delete(String name) throws IOException {
        requireWorking();
        files.remove(name);
    }

    @Override
    public void sync() throws IOException {
        requireWorking();
    }

    @Override
    public void close() {
        locked.set(false);
    }

    private final class Writer implements WritableFile {
        private final Content content;
        private boolean closed;

        private Writer(Content content) {
            this.content = content;
        }

        @Override
        public void write(long offset, byte[] bytes, int from, int length) throws IOException {
            broken |= writesLeft-- == 0;
            requireUsable();
            pause();
            int end = (int) offset + length;
            if (end > content.bytes.length) {
                content.bytes = Arrays.copyOf(content.bytes, end);
            }
            System.arraycopy(bytes, from, content.bytes, (int) offset, length);
        }

        @Override
        public void writeSynced(long offset, byte[] bytes, int from, int length) throws IOException {
            write(offset, bytes, from, length);
            pause();
        }

        @Override
        public void sync() throws IOException {
            requireUsable();
        }

        private void requireUsable() throws IOException {
            requireWorking();
            if (closed) {
                throw new IOException("the file was closed during a write");
            }
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private static final class Reader implements ReadableFile {
        private final Content content;
        private boolean closed;

        private Reader(Content content) {
            this.content = content;
        }

        @Override
        public long length() {
            return content.bytes.length;
        }

        @Override
        public int read(long offset, ByteBuffer into) throws IOException {
            if (closed) {
                throw new IOException("the file was closed during a read");
            }
            pause();
            byte[] bytes = content.bytes;
            int length = (int) Math.max(0, Math.min(into.remaining(), bytes.length - offset));
            into.put(bytes, (int) Math.min(offset, bytes.length), length);
            return length;
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
