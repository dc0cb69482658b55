package dev.holdfast.wal.storage;

import static dev.holdfast.wal.storage.WritableFile.BLOCK_BYTES;
import static java.nio.file.StandardOpenOption.DSYNC;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.stream.Stream;

/**
 * A file opened with O_DIRECT and O_DSYNC: a write is not copied to the page cache, which is faster from
 * {@link WritableFile#BULK_BYTES} on. Decision 20 has the measurements. Without memory or stack for such a write, the
 * caller uses the page cache. Not thread-safe.
 */
final class DirectFile implements AutoCloseable {
    /** The JDK's option for O_DIRECT; empty without the module jdk.unsupported. */
    private static final Optional<OpenOption> DIRECT = direct();

    /** Bytes of one write and its sync: a group of 1 MiB with its headers, its padding and the blocks behind it. */
    private static final int PIECE_BYTES = (1 << 20) + (64 << 10);

    /** Aligned memory of finished writes, up to 16 pieces for all logs of the process. */
    private static final ArrayBlockingQueue<ByteBuffer> IDLE = new ArrayBlockingQueue<>(16);

    private final UninterruptibleFile file;

    private DirectFile(UninterruptibleFile file) {
        this.file = file;
    }

    // By name, because the compiler reports a use of the class, which is not part of the platform's specification.
    private static Optional<OpenOption> direct() {
        try {
            return Stream.of(
                            Class.forName("com.sun.nio.file.ExtendedOpenOption").getEnumConstants())
                    .filter(option -> option.toString().equals("DIRECT"))
                    .map(OpenOption.class::cast)
                    .findFirst();
        } catch (ClassNotFoundException | LinkageError e) {
            return Optional.empty();
        }
    }

    /** Opens an existing file. Empty if the platform, the file system or the disk does not support such writes. */
    static Optional<DirectFile> open(Path path) {
        if (!Attributes.UNIX || DIRECT.isEmpty()) return Optional.empty();
        try {
            ByteBuffer block = take().limit(BLOCK_BYTES);
            UninterruptibleFile file =
                    new UninterruptibleFile(path, Set.of(READ, WRITE, DSYNC, DIRECT.get(), LinkOption.NOFOLLOW_LINKS));
            try {
                // Shows whether the disk accepts blocks of this length. A write that fails would not be repeated.
                file.read(0, block);
                return Optional.of(new DirectFile(file));
            } catch (IOException e) {
                file.close();
            } finally {
                IDLE.offer(block);
            }
        } catch (IOException | UnsupportedOperationException | OutOfMemoryError | StackOverflowError e) {
            return Optional.empty();
        }
        return Optional.empty();
    }

    private static ByteBuffer take() {
        ByteBuffer idle = IDLE.poll();
        if (idle != null) return idle.clear();
        ByteBuffer memory = ByteBuffer.allocateDirect(PIECE_BYTES + BLOCK_BYTES);
        return memory.alignedSlice(BLOCK_BYTES).limit(PIECE_BYTES).slice();
    }

    /**
     * Writes whole blocks at whole blocks, and returns when they are synced. Returns false if there is no memory or
     * stack: then any part may have been written.
     */
    boolean write(long offset, byte[] bytes, int from, int length) throws IOException {
        try {
            ByteBuffer piece = take();
            for (int done = 0; done < length; done += piece.limit()) {
                piece.clear().limit(Math.min(PIECE_BYTES, length - done));
                piece.put(bytes, from + done, piece.limit()).flip();
                file.write(offset + done, piece);
            }
            IDLE.offer(piece);
            return true;
        } catch (OutOfMemoryError | StackOverflowError e) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
