package dev.holdfast.wal.segment;

import dev.holdfast.wal.format.Checksum;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.storage.WritableFile;
import java.io.IOException;
import java.util.Arrays;

/**
 * What a segment begins with: its header, and what is written to it before its file gets its name. It is gathered, so
 * that it costs one synced write, and not one of each part and a sync of the file.
 */
final class InitialWrite {
    private byte[] bytes = new byte[Layout.HEADER_BYTES];
    private int length = Layout.HEADER_BYTES;
    private boolean scattered;

    /** Adds what follows; anything else, as the slot and a long copy are, is written to the file. */
    void put(WritableFile file, long offset, byte[] from, int begin, int count) throws IOException {
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

    /** Puts the header in front of it all, once. */
    void begin(SegmentHeader header, Checksum checksum) {
        header.encodeInto(bytes, checksum);
    }

    /** Writes everything, synced. */
    void write(WritableFile file) throws IOException {
        if (scattered) {
            file.write(0, bytes, 0, length);
            file.sync();
        } else {
            file.writeSynced(0, bytes, 0, length);
        }
    }
}
