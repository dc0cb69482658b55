package dev.holdfast.wal.recovery;

import dev.holdfast.wal.format.KeptName;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.segment.TailScan;
import dev.holdfast.wal.storage.ReadableFile;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.StoredFile;
import dev.holdfast.wal.storage.WritableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Keeps the torn bytes that recovery cuts off in a separate file, for later inspection. Only the newest recovery's
 * bytes are kept. A failure to keep them does not prevent the log from opening.
 */
final class TornBytes {
    private static final int MAX_KEPT_BYTES = 16 << 20;

    private final Storage storage;

    TornBytes(Storage storage) {
        this.storage = storage;
    }

    /** Copies the torn bytes. Returns the name of the file, or empty if they could not be copied. */
    Optional<String> keep(TailScan tail, long tornBytes) {
        String name = KeptName.torn(tail.segment().fileName());
        try {
            for (StoredFile file : storage.list()) {
                if (KeptName.isTorn(file.name()) && file.regular()) storage.delete(file.name());
            }
            return keep(tail, Math.min(MAX_KEPT_BYTES, tornBytes), name);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private Optional<String> keep(TailScan tail, long length, String name) throws IOException {
        try {
            copy(tail, length, name);
            return Optional.of(name);
        } catch (Throwable e) {
            storage.delete(name);
            throw e;
        }
    }

    private void copy(TailScan tail, long length, String name) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocateDirect((int) Math.min(Layout.CHUNK_BYTES, length));
        byte[] bytes = new byte[chunk.capacity()];
        try (ReadableFile from = storage.openForReading(tail.segment().fileName());
                WritableFile to = storage.create(name)) {
            for (long done = 0; done < length; ) {
                chunk.clear().limit((int) Math.min(bytes.length, length - done));
                int read = from.read(tail.tornOffset() + done, chunk);
                if (read == 0) return;
                chunk.flip().get(bytes, 0, read);
                to.write(done, bytes, 0, read);
                done += read;
            }
        }
    }
}
