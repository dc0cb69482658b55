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
 * A file or directory that no interrupt closes, for positional reads and writes by any number of threads.
 *
 * <p>A {@link java.nio.channels.FileChannel} is closed for everyone as soon as one interrupted thread uses it, and can
 * then not be opened again if its file was deleted meanwhile. {@link AsynchronousFileChannel} is no interruptible
 * channel, and on Unix it does plain {@code pread} and {@code pwrite} calls on the executor it was given. Ours runs
 * them at once on the calling thread: nothing is asynchronous, no thread is needed, and it costs what a
 * {@code FileChannel} does, plus about 100 bytes of garbage per call.
 *
 * <p>Results are taken from futures only: the JDK clears the thread's interrupt flag after it has called a completion
 * handler.
 */
final class UninterruptibleFile implements AutoCloseable {
    private static final CallerRuns CALLER_RUNS = new CallerRuns();

    private final AsynchronousFileChannel channel;

    /** Kept, as the JDK remembers for whom the file is locked only while someone has this object. */
    private @Nullable FileLock lock;

    private UninterruptibleFile(AsynchronousFileChannel channel) {
        this.channel = channel;
    }

    /** Opens a file or a directory for reading. A symbolic link is refused. */
    static UninterruptibleFile openForReading(Path path) throws IOException {
        return open(path, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
    }

    /** Opens a file, or what {@code options} say. */
    static UninterruptibleFile open(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        return new UninterruptibleFile(AsynchronousFileChannel.open(path, options, executor(), attributes));
    }

    /**
     * Reads once, as much as there is at the offset and fits. Returns how many bytes, -1 at or beyond the end of the
     * file.
     */
    int read(long offset, ByteBuffer into) throws IOException {
        return completed(channel.read(into, offset));
    }

    /** Writes all that remains of the buffer. */
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

    /** Locks the whole file for this process until it is closed; false: someone has it locked. One thread at a time. */
    boolean tryLock() throws IOException {
        try {
            lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false; // by this very process
        }
    }

    /** Waits for the calls under way. Idempotent. */
    @Override
    public void close() throws IOException {
        channel.close();
    }

    /**
     * The result of a call, which is there already, except on a platform whose channels work on threads of their own.
     */
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

    // On Windows the channel would run its event loop, which never ends, on this executor: there the JDK's own threads
    // do it.
    private static @Nullable ExecutorService executor() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("unix") ? CALLER_RUNS : null;
    }

    /** Runs each task on the thread that gives it. Never shut down. */
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
