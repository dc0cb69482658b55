package dev.holdfast.wal.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.format.Checksum;
import dev.holdfast.wal.format.Declaration;
import dev.holdfast.wal.format.GroupHeader;
import dev.holdfast.wal.format.GroupKind;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.segment.TestSegment;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class ProvenEndTest {
    private static TestSegment written() throws IOException {
        return new TestSegment(8192)
                .write("a", "b")
                .write("c")
                .mark(GroupKind.IDLE)
                .write("d,e", "f")
                .trim(101);
    }

    private static long end(TestSegment segment, int group) {
        return Layout.aligned(segment.groups.get(group).end());
    }

    @Test
    void groupsOfProvenRecordsAndMarkersAfterThemCount() throws IOException {
        TestSegment segment = written();
        assertThat(ProvenEnd.of(segment.segment, 99)).isEqualTo(Layout.HEADER_BYTES);
        assertThat(ProvenEnd.of(segment.segment, 100)).isEqualTo(Layout.HEADER_BYTES);
        assertThat(ProvenEnd.of(segment.segment, 101)).isEqualTo(end(segment, 0));
        assertThat(ProvenEnd.of(segment.segment, 102)).isEqualTo(end(segment, 2));
        assertThat(ProvenEnd.of(segment.segment, 104)).isEqualTo(end(segment, 2));
        assertThat(ProvenEnd.of(segment.segment, 105)).isEqualTo(end(segment, 4));
        assertThat(ProvenEnd.of(segment.segment, 999)).isEqualTo(end(segment, 4));
    }

    @Test
    void nothingAfterABrokenGroupCounts() throws IOException {
        TestSegment segment = written();
        segment.bytes()[(int) segment.groups.get(1).offset() + 20] ^= 1;
        assertThat(ProvenEnd.of(segment.segment, 999)).isEqualTo(end(segment, 0));
    }

    @Test
    void groupBeyondTheEndOfTheGroupsDoesNotCount() throws IOException {
        for (int behind = -8; behind <= 8; behind += 8) {
            TestSegment segment = new TestSegment(8192);
            long groupsEnd = Layout.groupsEnd(8192);
            long bodyBytes = groupsEnd - Layout.HEADER_BYTES - Layout.GROUP_HEADER_BYTES + behind;
            GroupHeader.encode(
                    segment.buffer(),
                    Layout.HEADER_BYTES,
                    GroupKind.RECORDS,
                    (int) bodyBytes,
                    1,
                    100,
                    new Declaration(99, 99),
                    new Checksum(),
                    TestSegment.SALT,
                    Layout.HEADER_BYTES);
            assertThat(ProvenEnd.of(segment.segment, 100))
                    .isEqualTo(behind > 0 ? Layout.HEADER_BYTES : groupsEnd + behind);
        }
    }

    @Test
    void lastMarkerOfAFullSegmentCounts() throws IOException {
        TestSegment segment = new TestSegment(8192);
        long room = Layout.recordsEnd(8192) - Layout.HEADER_BYTES - Layout.GROUP_HEADER_BYTES;
        segment.write("x".repeat((int) room - Layout.FRAME_HEADER_BYTES)).mark(GroupKind.CLOSE);
        assertThat(segment.writer.position()).isEqualTo(Layout.groupsEnd(8192));
        assertThat(ProvenEnd.of(segment.segment, 100)).isEqualTo(Layout.groupsEnd(8192));
    }

    @Test
    void fileIsGivenBack() throws IOException {
        TestSegment segment = written();
        int open = segment.storage.openFiles();
        ProvenEnd.of(segment.segment, 105);
        assertThat(segment.storage.openFiles()).isEqualTo(open);
    }
}
