package dev.holdfast.wal.segment;

import dev.holdfast.wal.format.Checksum;
import dev.holdfast.wal.format.Footer;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.storage.ReadableFile;
import dev.holdfast.wal.storage.Storage;
import java.io.IOException;
import java.util.Optional;

public final class Footers {
    private Footers() {}

    /** Reads the footer of a segment; returns empty if there is no valid one. */
    public static Optional<Footer> read(Storage storage, SegmentHeader header) throws IOException {
        long offset = Layout.footerOffset(header.fileLength());
        int length = (int) (header.fileLength() - offset);
        ReadBuffer buffer = new ReadBuffer(length);
        GroupReader reader = new GroupReader(header, buffer);
        try (ReadableFile file = storage.openForReading(header.name().fileName())) {
            buffer.look(file, header.fileLength());
            return buffer.at(offset, length) >= 0 && reader.read(offset)
                    ? Footer.parse(buffer.bytes(), reader.group(), header, new Checksum())
                    : Optional.empty();
        }
    }
}
