package dev.holdfast.wal.recovery;

import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.segment.Segment;
import dev.holdfast.wal.segment.TailScan;
import dev.holdfast.wal.storage.ReadableFile;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.WritableFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Rewrites, in place and synced, the groups of a tail that nothing proves to be synced. A sync alone is not enough:
 * after a failed sync, the kernel may hold the bytes as clean although they never reached the disk, and the next sync
 * succeeds (Rebello et al.: Can Applications Recover from fsync Failures?, USENIX ATC 2020). Writing the same bytes to
 * the same place makes the kernel write them. This needs no free space, so it serves groups that fit into no spare.
 */
final class Rewrite {
    private final Storage storage;

    Rewrite(Storage storage) {
        this.storage = storage;
    }

    /** Makes all whole batches of the tail durable. */
    void run(TailScan tail) throws IOException {
        Segment segment = tail.segment();
        try (WritableFile file = storage.openForWriting(segment.fileName())) {
            ByteBuffer chunk = ByteBuffer.allocateDirect(Layout.CHUNK_BYTES);
            byte[] bytes = new byte[Layout.CHUNK_BYTES];
            long offset = tail.unprovenOffset();
            while (offset < tail.tornOffset()) {
                chunk.clear().limit((int) Math.min(Layout.CHUNK_BYTES, tail.tornOffset() - offset));
                int length = read(segment, offset, chunk);
                chunk.flip().get(bytes, 0, length);
                file.write(offset, bytes, 0, length); // seam: rewrite-write
                offset += length;
            }
            file.sync(); // seam: rewrite-sync
        }
    }

    private static int read(Segment segment, long offset, ByteBuffer into) throws IOException {
        ReadableFile file = segment.acquire();
        try {
            int length = file.read(offset, into);
            if (length == 0) {
                throw new IOException(
                        segment.fileName() + " became shorter than " + offset + " bytes while it was read");
            }
            return length;
        } finally {
            segment.release();
        }
    }
}
