package dev.holdfast.wal.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A file or directory that no interrupt closes, for positional reads and writes. It stays readable after its name is
 * deleted. Thread-safe.
 *
 * <p>An {@link AsynchronousFileChannel} makes plain system calls on its executor, here the calling thread, so nothing
 * is asynchronous (docs/decisions, 6). The price is about 100 bytes of garbage per call.
 *
 * <p>Results come from futures, not completion handlers: after calling a handler, the JDK clears the interrupt flag.
 */
final class UninterruptibleFile implements ReadableFile {
    /**
     * Runs each task on the submitting thread, and never starts a thread. On Windows the channel would run its endless
     * event loop on it; there null selects the JDK's own threads.
     */
    private static final @Nullable ExecutorService EXECUTOR = !Attributes.UNIX
            ? null
            // The default thread factory would keep the thread group of the thread that loads this class.
            : new ThreadPoolExecutor(
                    0, 1, 0, TimeUnit.NANOSECONDS, new SynchronousQueue<>(), task -> new Thread(task)) {
                @Override
                public void execute(Runnable task) {
                    task.run();
                }
            };

    private static final Set<OpenOption> FOR_READING = Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);

    private final Path path;
    private final AsynchronousFileChannel channel;

    /** Kept reachable: otherwise the JDK would no longer detect that this process has locked the file. */
    private @Nullable FileLock lock;

    UninterruptibleFile(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        this.path = path;
        this.channel = AsynchronousFileChannel.open(path, options, EXECUTOR, attributes);
    }

    /** Opens a regular file for reading. A symbolic link is refused. */
    static UninterruptibleFile openForReading(Path path) throws IOException {
        // Without this check, opening a pipe would wait for its writer, and opening a directory would succeed.
        Attributes.keyOfRegular(path);
        return openRegular(path);
    }

    /** Opens a file for reading that is known to be regular. A symbolic link is refused. */
    static UninterruptibleFile openRegular(Path path) throws IOException {
        return new UninterruptibleFile(path, FOR_READING);
    }

    static UninterruptibleFile openDirectory(Path path) throws IOException {
        return new UninterruptibleFile(path, Set.of(StandardOpenOption.READ));
    }

    @Override
    public int read(long offset, ByteBuffer into) throws IOException {
        if (offset < 0) throw new IllegalArgumentException("offset must be >= 0, was " + offset);
        // For a heap buffer, the JDK would cache a direct buffer of the same size per thread, forever.
        if (!into.isDirect()) throw new IllegalArgumentException("the buffer must be direct");
        int start = into.position();
        try {
            while (into.hasRemaining()) {
                if (completed(channel.read(into, offset + (into.position() - start))) < 0) break;
            }
        } catch (IOException e) {
            throw failed("reading " + into.remaining() + " bytes at byte " + (offset + (into.position() - start)), e);
        }
        return into.position() - start;
    }

    void write(long offset, ByteBuffer from) throws IOException {
        for (long at = offset; from.hasRemaining(); ) {
            at += completed(channel.write(from, at));
        }
    }

    @Override
    public long length() throws IOException {
        try {
            return channel.size();
        } catch (IOException e) {
            throw failed("reading its length", e);
        }
    }

    void truncate(long length) throws IOException {
        channel.truncate(length);
    }

    void syncNames() throws IOException {
        try {
            channel.force(true); // seam: directory-sync
        } catch (IOException e) {
            String why = path + ": the directory could not be synced (" + e.getMessage() + "). New names in it may not"
                    + " survive a power failure, and deleted ones may come back. If its file system cannot sync"
                    + " directories at all, POWER_LOSS durability cannot be promised on it: keep the log on another"
                    + " one.";
            throw new IOException(why, e);
        }
    }

    /** Locks the whole file until it is closed. Returns false if a lock on it exists. Not thread-safe. */
    boolean tryLock() throws IOException {
        try {
            lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false; // this process has locked it
        } catch (IOException e) {
            String why = "could not be locked, perhaps because its file system does not support locks";
            throw new IOException(path + ": " + why + ": " + e.getMessage(), e);
        }
    }

    /** Closes the file after waiting for calls in progress; later calls fail. Idempotent. */
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

    private IOException failed(String what, IOException cause) {
        if (cause instanceof ClosedChannelException)
            return new IOException(path + ": was closed before " + what, cause);
        return new IOException(path + ": " + what + " failed: " + cause.getMessage(), cause);
    }
}
