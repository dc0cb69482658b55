package dev.holdfast.wal.recovery;

import dev.holdfast.wal.format.KeptName;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.segment.Segment;
import dev.holdfast.wal.segment.TailScan;
import dev.holdfast.wal.storage.ReadableFile;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.StoredFile;
import dev.holdfast.wal.storage.WritableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Copies bytes of a tail: unproven records onto themselves, and torn bytes to a separate file. */
final class TailBytes {
    private static final int MAX_KEPT_BYTES = 16 << 20;

    private TailBytes() {}

    /**
     * Rewrites, in place and synced, the groups that nothing proves to be synced, and so makes all whole batches
     * durable. A sync alone is not enough (docs/decisions, 2; Rebello et al.: Can Applications Recover from fsync
     * Failures?, USENIX ATC 2020). This needs no free space, so it serves groups that fit into no spare.
     */
    static void rewriteUnproven(Storage storage, TailScan tail) throws IOException {
        try (WritableFile file = storage.openForWriting(tail.segment().fileName())) {
            copy(tail.segment(), tail.unprovenOffset(), tail.tornOffset(), file, tail.unprovenOffset());
            file.sync(); // seam: rewrite-sync
        }
    }

    /**
     * Keeps the torn bytes that recovery cuts off in a separate file, for later inspection. Only the newest recovery's
     * bytes are kept. A failure to keep them does not prevent the log from opening.
     *
     * @return the name of the file, or empty if the bytes could not be copied
     */
    static Optional<String> keepTorn(Storage storage, TailScan tail, long tornBytes) {
        String name = KeptName.torn(tail.segment().fileName());
        try {
            for (StoredFile file : storage.list()) {
                if (KeptName.isTorn(file.name()) && file.regular()) storage.delete(file.name());
            }
            long end = tail.tornOffset() + Math.min(MAX_KEPT_BYTES, tornBytes);
            try (WritableFile file = storage.create(name)) {
                copy(tail.segment(), tail.tornOffset(), end, file, 0);
            } catch (Throwable e) {
                storage.delete(name);
                throw e;
            }
            return Optional.of(name);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static void copy(Segment tail, long from, long to, WritableFile file, long target) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocateDirect((int) Math.min(Layout.CHUNK_BYTES, to - from));
        byte[] bytes = new byte[chunk.capacity()];
        ReadableFile source = tail.acquire();
        try {
            for (long done = 0; from + done < to; ) {
                chunk.clear().limit((int) Math.min(bytes.length, to - from - done));
                int length = source.read(from + done, chunk);
                if (length == 0) throw new IOException(tail.fileName() + " became shorter while it was read");
                chunk.flip().get(bytes, 0, length);
                file.write(target + done, bytes, 0, length); // seam: rewrite-write
                done += length;
            }
        } finally {
            tail.release();
        }
    }
}
