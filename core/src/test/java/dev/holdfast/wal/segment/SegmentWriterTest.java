package dev.holdfast.wal.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.wal.format.Footer;
import dev.holdfast.wal.format.GroupKind;
import dev.holdfast.wal.format.Layout;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class SegmentWriterTest {
    /** Length of a group of one record without its data. */
    private static final int GROUP_BYTES = Layout.GROUP_HEADER_BYTES + Layout.FRAME_HEADER_BYTES;

    private static String data(long bytes) {
        return "x".repeat((int) bytes);
    }

    /** A padding group has at least a header. */
    @Test
    void paddingEndsAtTheNextMultipleWithRoomForItsHeader() throws IOException {
        for (int end = 4; end <= 1024; end += 4) {
            if (end > GROUP_BYTES) {
                TestSegment segment = new TestSegment(65536, 512);
                segment.write(data(end - GROUP_BYTES));
                long free = (512 - Layout.aligned(end) % 512) % 512;
                long gap = free != 0 && free < Layout.GROUP_HEADER_BYTES ? free + 512 : free;
                assertThat(segment.writer.position())
                        .as("end %d", end)
                        .isEqualTo(Layout.HEADER_BYTES + Layout.aligned(end) + gap);
                TailScan scan = segment.write("next").scan();
                assertThat(scan.lastId()).isEqualTo(101);
                assertThat(scan.position()).isEqualTo(segment.writer.position());
            }
        }
    }

    @Test
    void paddingThatDoesNotFitIsLeftOut() throws IOException {
        // Records end at a sector.
        long recordsEnd = 7168;
        assertThat(Layout.recordsEnd(8368)).isEqualTo(recordsEnd);
        TestSegment exact = new TestSegment(8368, 512);
        exact.write(data(recordsEnd - Layout.HEADER_BYTES - GROUP_BYTES - 100));
        assertThat(exact.writer.position()).isEqualTo(recordsEnd);
        TestSegment tight = new TestSegment(8368, 512);
        tight.write(data(recordsEnd - Layout.HEADER_BYTES - GROUP_BYTES - 24));
        assertThat(tight.writer.position()).isEqualTo(recordsEnd - 24);
    }

    @Test
    void fullSegmentHasRoomForTheCloseMarkerOnly() throws IOException {
        TestSegment segment = new TestSegment(8192);
        long room = Layout.recordsEnd(8192) - Layout.HEADER_BYTES;
        segment.write(data(room - GROUP_BYTES - Layout.GROUP_HEADER_BYTES));
        assertThat(segment.writer.hasRoomForMarker()).isTrue();
        segment.mark(GroupKind.IDLE);
        assertThat(segment.writer.hasRoomForMarker()).isFalse();
        assertThat(segment.writer.hasRoomFor(0)).isTrue();
        assertThat(segment.writer.hasRoomFor(1)).isFalse();
        assertThat(segment.writer.fullness()).isEqualTo(1);
        assertThatThrownBy(() -> segment.write("")).isInstanceOf(AssertionError.class);
        assertThat(segment.close().scan().isClosed()).isTrue();
    }

    @Test
    void fullnessIsTheUsedFractionOfTheRoom() throws IOException {
        TestSegment segment = new TestSegment(8192);
        assertThat(segment.writer.fullness()).isZero();
        long room = Layout.recordsEnd(8192) - Layout.HEADER_BYTES;
        segment.write(data(room / 4 - GROUP_BYTES));
        assertThat(segment.writer.fullness()).isBetween(0.24, 0.26);
    }

    @Test
    void footerOfACutSegmentIndexesOnlyKeptRecords() throws IOException {
        TestSegment segment = new TestSegment(1 << 20);
        for (int i = 0; i < 5; i++) {
            segment.write(data(100_000));
        }
        TestSegment.Written last = segment.records().get(1);
        segment.writer.seal(new Footer(last.id() + 1, last.end(), 9, 99, new int[0], last.id()));
        Footer footer = GroupReader.footer(segment.storage, segment.segment.header(), new ReadBuffer())
                .orElseThrow();
        assertThat(footer.nextId()).isEqualTo(102);
        assertThat(footer.endOffset()).isEqualTo(last.end());
        assertThat(footer.successorEpoch()).isEqualTo(9);
        assertThat(new SegmentIndex(footer.index()).entries()).isEqualTo(2);
    }

    /** Appends to a reopened log then create no garbage. */
    @Test
    void reopenedSegmentHasRoomInItsIndexForAllEntries() throws IOException {
        TestSegment segment = new TestSegment(1 << 20);
        segment.write("a").close();
        TailScan scan = segment.scan();
        try (SegmentWriter writer =
                SegmentWriter.resume(scan, segment.storage.openForWriting(segment.segment.fileName()))) {
            assertThat(writer.segment().index().numbers())
                    .hasSameSizeAs(segment.writer.segment().index().numbers())
                    .hasSize(3 * 17);
        }
    }

    @Test
    void syncSyncsTheFile() throws IOException {
        TestSegment segment = new TestSegment(8192);
        segment.storage.takeSteps();
        segment.writer.sync();
        assertThat(segment.storage.takeSteps()).containsExactly("sync " + segment.segment.fileName());
    }
}
