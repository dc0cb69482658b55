package dev.holdfast.wal.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystems;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.util.List;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A file or directory that no interrupt closes, for positional reads and writes. Thread-safe.
 *
 * <p>A {@link java.nio.channels.FileChannel} is closed for all threads as soon as one interrupted thread uses it. If
 * the file was deleted meanwhile, it cannot be opened again. An {@link AsynchronousFileChannel} is not interruptible;
 * on Unix it makes plain {@code pread} and {@code pwrite} calls on its executor. The executor here runs them at once on
 * the calling thread. Nothing is asynchronous and no thread is needed. The cost is that of a {@code FileChannel} plus
 * about 100 bytes of garbage per call.
 *
 * <p>Results come from futures, not completion handlers: after calling a handler, the JDK clears the interrupt flag.
 */
final class UninterruptibleFile implements AutoCloseable {
    private static final CallerRuns CALLER_RUNS = new CallerRuns();

    private final AsynchronousFileChannel channel;

    /** Kept reachable: otherwise the JDK would no longer detect that this process has locked the file. */
    private @Nullable FileLock lock;

    private UninterruptibleFile(AsynchronousFileChannel channel) {
        this.channel = channel;
    }

    /** Opens a file or a directory for reading. A symbolic link is refused. */
    static UninterruptibleFile openForReading(Path path) throws IOException {
        return open(path, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
    }

    static UninterruptibleFile open(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        return new UninterruptibleFile(AsynchronousFileChannel.open(path, options, executor(), attributes));
    }

    /** Reads once. Returns the number of bytes read, or -1 at or beyond the end of the file. */
    int read(long offset, ByteBuffer into) throws IOException {
        return completed(channel.read(into, offset));
    }

    /** Writes all remaining bytes of the buffer. */
    void write(long offset, ByteBuffer from) throws IOException {
        for (long at = offset; from.hasRemaining(); ) {
            at += completed(channel.write(from, at));
        }
    }

    long length() throws IOException {
        return channel.size();
    }

    void truncate(long length) throws IOException {
        channel.truncate(length);
    }

    void sync() throws IOException {
        channel.force(true);
    }

    /** Locks the whole file until it is closed. Returns false if a lock on it exists. Not thread-safe. */
    boolean tryLock() throws IOException {
        try {
            lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false; // this process has locked it
        }
    }

    /** Closes the file after waiting for calls in progress. Idempotent. */
    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** Returns the result of a call. Waits for it only if the channel has threads of its own. */
    private static int completed(Future<Integer> call) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return call.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) throw failure;
            throw new IOException("the call could not be made", e.getCause());
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    // On Windows the channel would run its endless event loop on this executor. Null selects the JDK's own threads.
    private static @Nullable ExecutorService executor() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("unix") ? CALLER_RUNS : null;
    }

    /** Runs each task on the submitting thread. Never shut down. */
    private static final class CallerRuns extends AbstractExecutorService {
        @Override
        public void execute(Runnable task) {
            task.run();
        }

        @Override
        public void shutdown() {}

        @Override
        public List<Runnable> shutdownNow() {
            return List.of();
        }

        @Override
        public boolean isShutdown() {
            return false;
        }

        @Override
        public boolean isTerminated() {
            return false;
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) {
            return false;
        }
    }
}
