package dev.holdfast.wal.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.format.SegmentHeader.Parsed;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class SegmentHeaderTest {
    private static final UUID LOG = new UUID(0x0123456789abcdefL, 0xfedcba9876543210L);

    private final Checksum checksum = new Checksum();

    private static SegmentHeader header(Predecessor predecessor) {
        return new SegmentHeader(9, 1025, 1 << 20, 1 << 20, true, LOG, 0x1122334455667788L, 1000, predecessor);
    }

    @Test
    void headerIsReadBack() {
        for (Predecessor predecessor : List.of(
                new Predecessor.None(), new Predecessor.Sealed(8, 5000), new Predecessor.Cut(3, 4999, 0xcafebabe))) {
            SegmentHeader header = header(predecessor);
            byte[] block = header.encode(checksum);
            assertThat(block).hasSize(Layout.HEADER_BYTES);
            assertThat(SegmentHeader.parse(block, checksum)).isEqualTo(new Parsed.Valid(header));
        }
    }

    @Test
    void extremeFieldsAreReadBack() {
        SegmentHeader largest = new SegmentHeader(
                1L << 62,
                Long.MAX_VALUE,
                4L << 30,
                1 << 20,
                false,
                new UUID(-1, -1),
                -1,
                Long.MAX_VALUE - 1,
                new Predecessor.Cut((1L << 62) - 1, Long.MAX_VALUE, -1));
        SegmentHeader smallest = new SegmentHeader(
                1, 0, Layout.MIN_SEGMENT_BYTES, 0, false, new UUID(0, 0), 0, -1, new Predecessor.None());
        assertThat(SegmentHeader.parse(largest.encode(checksum), checksum)).isEqualTo(new Parsed.Valid(largest));
        assertThat(SegmentHeader.parse(smallest.encode(checksum), checksum)).isEqualTo(new Parsed.Valid(smallest));
    }

    @Test
    void nameHasEpochAndBaseIdOfTheHeader() {
        assertThat(header(new Predecessor.None()).name()).isEqualTo(new SegmentName(9, 1025));
    }

    @Test
    void everyFlippedBitIsNoticed() {
        byte[] block = header(new Predecessor.Cut(8, 5000, 77)).encode(checksum);
        for (int bit = 0; bit < block.length * 8; bit++) {
            block[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(SegmentHeader.parse(block, checksum)).as("bit %d", bit).isInstanceOf(Parsed.Broken.class);
            block[bit / 8] ^= (byte) (1 << bit % 8);
        }
        assertThat(SegmentHeader.parse(block, checksum)).isInstanceOf(Parsed.Valid.class);
    }

    @Test
    void messageNamesWhatIsBroken() {
        assertThat(SegmentHeader.parse(new byte[Layout.HEADER_BYTES], checksum))
                .isEqualTo(new Parsed.Broken("it does not begin with the 8 bytes HOLDFAST"));
        byte[] block = header(new Predecessor.None()).encode(checksum);
        int sum = LittleEndian.getInt(block, 12);
        LittleEndian.putInt(block, 12, sum ^ 1);
        assertThat(SegmentHeader.parse(block, checksum))
                .isEqualTo(new Parsed.Broken(
                        String.format("its header has checksum 0x%08x, expected 0x%08x", sum ^ 1, sum)));
    }

    @Test
    void newerVersionIsUnsupportedAndNotBroken() {
        assertThat(changed(block -> LittleEndian.putInt(block, 8, 2)))
                .isEqualTo(new Parsed.Unsupported("format version 2"));
        assertThat(changed(block -> LittleEndian.putInt(block, 8, -1)))
                .isEqualTo(new Parsed.Unsupported("format version 4294967295"));
    }

    @Test
    void newerVersionMayChangeEverythingAfterTheFirst16Bytes() {
        assertThat(changed(block -> {
                    LittleEndian.putInt(block, 8, 7);
                    for (int i = 16; i < block.length; i++) {
                        block[i] = (byte) (i * 31);
                    }
                }))
                .isEqualTo(new Parsed.Unsupported("format version 7"));
    }

    @Test
    void unknownFeaturesAndFlagsAreUnsupported() {
        for (int bit = 0; bit < 32; bit++) {
            int set = 1 << bit;
            assertThat(changed(block -> LittleEndian.putInt(block, 16, set)))
                    .as("feature bit %d", bit)
                    .isEqualTo(new Parsed.Unsupported(String.format("feature bits 0x%08x, flags 0x00000001", set)));
            if (bit > 0) {
                assertThat(changed(block -> LittleEndian.putInt(block, 20, set)))
                        .as("flag %d", bit)
                        .isEqualTo(new Parsed.Unsupported(String.format("feature bits 0x00000000, flags 0x%08x", set)));
            }
        }
    }

    @Test
    void unknownKindOfPredecessorIsBroken() {
        for (int kind : new int[] {3, -1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            assertThat(changed(block -> LittleEndian.putInt(block, 52, kind)))
                    .isEqualTo(new Parsed.Broken("its header names an unknown kind of predecessor, " + kind));
        }
    }

    @Test
    void impossibleFieldsAreBrokenEvenIfTheChecksumMatches() {
        assertImpossible(block -> LittleEndian.putLong(block, 24, 0));
        assertImpossible(block -> LittleEndian.putLong(block, 24, -1));
        assertImpossible(block -> LittleEndian.putLong(block, 24, (1L << 62) + 1));
        assertImpossible(block -> LittleEndian.putLong(block, 32, -1));
        assertImpossible(block -> LittleEndian.putLong(block, 40, Layout.MIN_SEGMENT_BYTES - 1));
        assertImpossible(block -> LittleEndian.putLong(block, 40, (4L << 30) + 1));
        assertImpossible(block -> LittleEndian.putLong(block, 40, Long.MIN_VALUE));
        assertImpossible(block -> LittleEndian.putInt(block, 48, (1 << 20) + 1));
        assertImpossible(block -> LittleEndian.putInt(block, 48, -1));
        assertImpossible(block -> LittleEndian.putLong(block, 80, -2));
        assertImpossible(block -> LittleEndian.putLong(block, 80, Long.MAX_VALUE));
        assertImpossible(block -> LittleEndian.putLong(block, 88, 0));
        assertImpossible(block -> LittleEndian.putLong(block, 88, 9)); // its own epoch
        assertImpossible(block -> LittleEndian.putLong(block, 88, 10));
        assertImpossible(block -> LittleEndian.putLong(block, 96, Layout.HEADER_BYTES - 1));
        assertImpossible(block -> LittleEndian.putLong(block, 96, Long.MIN_VALUE));
    }

    @Test
    void largestEpochIsPossible() {
        assertThat(changed(block -> LittleEndian.putLong(block, 24, 1L << 62))).isInstanceOf(Parsed.Valid.class);
    }

    @Test
    void predecessorMayEndAtItsHeader() {
        assertThat(changed(block -> LittleEndian.putLong(block, 96, Layout.HEADER_BYTES)))
                .isInstanceOf(Parsed.Valid.class);
    }

    private void assertImpossible(Consumer<byte[]> change) {
        Parsed parsed = changed(change);
        assertThat(parsed).isInstanceOf(Parsed.Broken.class);
        assertThat(((Parsed.Broken) parsed).why())
                .startsWith("its header has a matching checksum and impossible fields: ");
    }

    /** Parses a header that follows a sealed segment, after a change to its block that keeps the checksum valid. */
    private Parsed changed(Consumer<byte[]> change) {
        byte[] block = header(new Predecessor.Sealed(8, 5000)).encode(checksum);
        change.accept(block);
        LittleEndian.putInt(block, 12, 0);
        LittleEndian.putInt(block, 12, checksum.plain(block, 0, block.length));
        return SegmentHeader.parse(block, checksum);
    }
}
