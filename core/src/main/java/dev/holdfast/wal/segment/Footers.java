package dev.holdfast.wal.segment;

import dev.holdfast.wal.format.Checksum;
import dev.holdfast.wal.format.Footer;
import dev.holdfast.wal.format.GroupHeader;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.storage.ReadableFile;
import dev.holdfast.wal.storage.Storage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

public final class Footers {
    private Footers() {}

    /** Reads the footer of a segment; returns empty if there is no valid one. */
    public static Optional<Footer> read(Storage storage, SegmentHeader header) throws IOException {
        long offset = Layout.footerOffset(header.fileLength());
        ByteBuffer bytes =
                ByteBuffer.allocateDirect((int) (header.fileLength() - offset)).order(ByteOrder.LITTLE_ENDIAN);
        try (ReadableFile file = storage.openForReading(header.name().fileName())) {
            file.read(offset, bytes);
        }
        if (bytes.hasRemaining()) {
            return Optional.empty();
        }
        GroupHeader group = new GroupHeader();
        Checksum checksum = new Checksum();
        return group.read(bytes, 0, checksum, header.salt(), offset)
                ? Footer.parse(bytes, group, header, checksum)
                : Optional.empty();
    }
}
