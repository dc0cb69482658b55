package dev.holdfast.wal.inspect;

import dev.holdfast.wal.segment.GroupReader;
import dev.holdfast.wal.segment.ReadBuffer;
import dev.holdfast.wal.segment.Segment;
import java.io.IOException;

/** Finds the part of a tail that can be copied while another process writes the tail. */
final class ProvenEnd {
    private ProvenEnd() {}

    /**
     * Returns the end offset of the leading groups of a tail without a record above {@code provenId}, the last record
     * proven to be synced. Markers count, because everything before a marker is synced. The bytes before this offset
     * never change, so they can be copied while another process writes the tail.
     */
    static long of(Segment tail, long provenId) throws IOException {
        ReadBuffer buffer = new ReadBuffer();
        GroupReader reader = new GroupReader(tail.header(), buffer);
        buffer.look(tail.acquire(), tail.header().fileLength());
        try {
            long end = reader.nextGroup();
            while (reader.enter(end, reader.id()) == null && reader.id() + reader.framesLeft() <= provenId) {
                reader.skipGroup();
                end = reader.nextGroup();
            }
            return end;
        } finally {
            tail.release();
        }
    }
}
