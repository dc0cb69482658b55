package dev.holdfast.wal.segment;

import dev.holdfast.wal.format.Checksum;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.storage.WritableFile;
import java.io.IOException;
import java.util.Arrays;

/** The file of a new segment. Collects the header and the first groups, so they cost one synced write. */
final class InitialWrite implements WritableFile {
    private final WritableFile file;
    private byte[] bytes = new byte[Layout.HEADER_BYTES];
    private int length = Layout.HEADER_BYTES;
    private boolean scattered;

    InitialWrite(WritableFile file) {
        this.file = file;
    }

    /** Returns the file, for everything that follows the initial write. */
    WritableFile file() {
        return file;
    }

    /** Adds bytes that follow the collected bytes; writes other bytes (the slot, a long copy) to the file at once. */
    @Override
    public void write(long offset, byte[] from, int begin, int count) throws IOException {
        if (offset != length) {
            scattered = true;
            file.write(offset, from, begin, count);
            return;
        }
        if (bytes.length < length + count) {
            bytes = Arrays.copyOf(bytes, length + count + Layout.GROUP_HEADER_BYTES);
        }
        System.arraycopy(from, begin, bytes, length, count);
        length += count;
    }

    /** Adds bytes; {@link #finish} syncs them. */
    @Override
    public void writeSynced(long offset, byte[] from, int begin, int count) throws IOException {
        write(offset, from, begin, count);
    }

    /** Adds the header and writes everything, synced. Called once. */
    void finish(SegmentHeader header, Checksum checksum) throws IOException {
        System.arraycopy(header.encode(checksum), 0, bytes, 0, Layout.HEADER_BYTES);
        if (scattered) {
            file.write(0, bytes, 0, length);
            file.sync(); // seam: scattered-header-sync
        } else {
            file.writeSynced(0, bytes, 0, length); // seam: header-sync
        }
    }

    @Override
    public void sync() throws IOException {
        file.sync();
    }

    @Override
    public void requireNamed() throws IOException {
        file.requireNamed();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
