package dev.holdfast.wal.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class FooterTest {
    private static final SegmentHeader SEGMENT = segment(100, 1 << 20);
    private static final long OFFSET = Layout.footerOffset(SEGMENT.fileLength());
    private static final Footer FOOTER = footer(200, 70_000, 4, 99, new int[] {0, 4096, 4136, 60, 69_000, 69_040});

    private final Checksum checksum = new Checksum();

    @Test
    void footerIsReadBack() {
        Footer read = read(encoded(FOOTER)).orElseThrow();
        assertThat(read).usingRecursiveComparison().isEqualTo(FOOTER);
    }

    @Test
    void footerOfASegmentWithoutRecordsIsReadBack() {
        Footer empty = footer(100, 4096, 4, 99, new int[0]);
        assertThat(read(encoded(empty)).orElseThrow())
                .usingRecursiveComparison()
                .isEqualTo(empty);
    }

    @Test
    void unusedRoomOfTheIndexIsNotStored() {
        Footer exact = footer(200, 70_000, 4, 99, new int[] {0, 4096, 4136});
        Footer roomy = footer(200, 70_000, 4, 99, new int[] {0, 4096, 4136, 60, 69_000, 69_040});
        assertThat(roomy.encode(SEGMENT, checksum, roomy.index(), 1)).isEqualTo(encoded(exact));
    }

    @Test
    void footerWithTheDensestIndexFits() {
        int entries = (int) (SEGMENT.fileLength() / Layout.INDEX_INTERVAL_BYTES) + 2;
        int[] index = new int[entries * 3];
        Arrays.setAll(index, i -> i);
        Footer full = footer(200, 70_000, 4, 99, index);
        byte[] bytes = encoded(full);
        assertThat(OFFSET + bytes.length).isLessThanOrEqualTo(SEGMENT.fileLength());
        assertThat(read(bytes).orElseThrow().index()).isEqualTo(index);
    }

    @Test
    void everyFlippedBitIsNoticed() {
        byte[] bytes = encoded(FOOTER);
        for (int bit = 0; bit < bytes.length * 8; bit++) {
            bytes[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(read(bytes)).as("bit %d", bit).isEmpty();
            bytes[bit / 8] ^= (byte) (1 << bit % 8);
        }
        assertThat(read(bytes)).isPresent();
    }

    @Test
    void footerAtAnotherOffsetIsInvalid() {
        byte[] bytes = encoded(FOOTER);
        SegmentHeader longer = segment(100, (1 << 20) + 4096);
        assertThat(read(bytes, longer)).isEmpty();
    }

    @Test
    void footerThatContradictsItsSegmentIsInvalid() {
        byte[] other = FOOTER.encode(segment(101, 1 << 20), checksum, FOOTER.index(), 2);
        assertThat(read(other)).isEmpty();
        assertThat(read(other, segment(101, 1 << 20))).isPresent();
        assertThat(read(encoded(footer(99, 70_000, 4, 99, new int[0])))).isEmpty();
        assertThat(read(encoded(footer(200, 4095, 4, 99, new int[0])))).isEmpty();
        long end = Layout.groupsEnd(SEGMENT.fileLength());
        assertThat(read(encoded(footer(200, end, 4, 99, new int[0])))).isPresent();
        assertThat(read(encoded(footer(200, end + 1, 4, 99, new int[0])))).isEmpty();
    }

    @Test
    void bodyThatDoesNotMatchItsHeaderIsInvalid() {
        assertThat(withGroup(GroupKind.RECORDS, 56, 2)).isEmpty();
        assertThat(withGroup(GroupKind.FOOTER, 31, 0)).isEmpty();
        assertThat(withGroup(GroupKind.FOOTER, 56, 1)).isEmpty();
        assertThat(withGroup(GroupKind.FOOTER, 57, 2)).isEmpty();
        assertThat(withGroup(GroupKind.FOOTER, 20, -1)).isEmpty();
        assertThat(withGroup(GroupKind.FOOTER, 32 + 12 * 1000, 1000)).isEmpty();
        assertThat(withGroup(GroupKind.FOOTER, 32 + 12 * 3, 3)).isEmpty();
        assertThat(withGroup(GroupKind.FOOTER, -1, Integer.MAX_VALUE)).isEmpty();
        assertThat(withGroup(GroupKind.FOOTER, 56, 2)).isPresent();
    }

    private static SegmentHeader segment(long baseId, long fileLength) {
        return new SegmentHeader(
                3, baseId, fileLength, 1 << 20, false, new UUID(1, 2), 0x0123456789abcdefL, -1, new Predecessor.None());
    }

    private static Footer footer(long nextId, long endOffset, long successorEpoch, long trimPoint, int[] index) {
        return new Footer(nextId, endOffset, successorEpoch, trimPoint, index, nextId - 1);
    }

    private byte[] encoded(Footer footer) {
        return footer.encode(SEGMENT, checksum, footer.index(), footer.index().length / 3);
    }

    private Optional<Footer> withGroup(GroupKind kind, int bodyBytes, int count) {
        return changed(bytes -> GroupHeader.encode(
                LittleEndian.buffer(bytes),
                0,
                kind,
                bodyBytes,
                count,
                200,
                new Declaration(199, 99),
                checksum,
                SEGMENT.salt(),
                OFFSET));
    }

    private Optional<Footer> changed(Consumer<byte[]> change) {
        byte[] bytes = encoded(FOOTER);
        change.accept(bytes);
        return read(bytes);
    }

    private Optional<Footer> read(byte[] bytes) {
        return read(bytes, SEGMENT);
    }

    private Optional<Footer> read(byte[] bytes, SegmentHeader segment) {
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(0, bytes);
        GroupHeader group = new GroupHeader();
        return group.read(direct, 0, checksum, segment.salt(), Layout.footerOffset(segment.fileLength()))
                ? Footer.parse(direct, group, segment, checksum)
                : Optional.empty();
    }
}
