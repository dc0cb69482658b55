package dev.holdfast.wal.segment;

import dev.holdfast.wal.format.Checksum;
import dev.holdfast.wal.format.GroupHeader;
import dev.holdfast.wal.format.GroupKind;
import dev.holdfast.wal.format.Layout;
import java.io.IOException;

/** How far a tail may be copied while somebody writes it: what stands before that place never changes any more. */
public final class ProvenEnd {
    private ProvenEnd() {}

    /**
     * Where the groups end whose records are all synced. A marker is written when all before it is, so it counts.
     *
     * @param provenId up to here records are known to be synced
     */
    public static long of(Segment tail, long provenId) throws IOException {
        ReadBuffer window = new ReadBuffer();
        GroupHeader group = new GroupHeader();
        Checksum checksum = new Checksum();
        long groupsEnd = Layout.groupsEnd(tail.header().fileLength());
        window.look(tail.acquire());
        try {
            long end = Layout.HEADER_BYTES;
            while (end + Layout.GROUP_HEADER_BYTES <= groupsEnd) {
                int at = window.at(end, Layout.GROUP_HEADER_BYTES, groupsEnd);
                boolean valid = at >= 0
                        && group.read(
                                window.buffer(), at, checksum, tail.header().salt(), end);
                boolean unproven = group.kind() == GroupKind.RECORDS && group.firstId() + group.count() - 1 > provenId;
                if (!valid || unproven || group.next(end) > groupsEnd) {
                    break;
                }
                end = group.next(end);
            }
            return end;
        } finally {
            tail.release();
        }
    }
}
