package dev.holdfast.wal.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class GroupHeaderTest {
    private static final long SALT = 0x5eed_0000_0000_0007L;
    private static final long OFFSET = 4136;
    private static final int INDEX = 16;

    private final Checksum checksum = new Checksum();
    private final GroupHeader header = new GroupHeader();
    private final ByteBuffer bytes = ByteBuffer.allocateDirect(100).order(ByteOrder.LITTLE_ENDIAN);

    private void encode(GroupKind kind) {
        ByteBuffer encoded = LittleEndian.buffer(new byte[Layout.GROUP_HEADER_BYTES]);
        GroupHeader.encode(encoded, 0, kind, 1234, 17, 1025, new Declaration(1024, 99), checksum, SALT, OFFSET);
        bytes.clear();
        bytes.put(INDEX, encoded.array());
    }

    private boolean read(long salt, long offset) {
        return header.read(bytes, INDEX, checksum, salt, offset);
    }

    @ParameterizedTest
    @EnumSource
    void headerIsReadBack(GroupKind kind) {
        encode(kind);
        assertThat(GroupHeader.mayBegin(bytes, INDEX)).isTrue();
        assertThat(read(SALT, OFFSET)).isTrue();
        assertThat(header.kind()).isEqualTo(kind);
        assertThat(header.bodyBytes()).isEqualTo(1234);
        assertThat(header.count()).isEqualTo(17);
        assertThat(header.firstId()).isEqualTo(1025);
        assertThat(header.durableId()).isEqualTo(1024);
        assertThat(header.trimPoint()).isEqualTo(99);
    }

    @Test
    void readLeavesTheBufferCleared() {
        encode(GroupKind.RECORDS);
        read(SALT, OFFSET);
        assertThat(bytes.position()).isZero();
        assertThat(bytes.limit()).isEqualTo(bytes.capacity());
    }

    @Test
    void kindIsFourCharacters() {
        encode(GroupKind.RECORDS);
        byte[] four = new byte[4];
        bytes.get(INDEX + 4, four);
        assertThat(new String(four, StandardCharsets.US_ASCII)).isEqualTo("recs");
    }

    @Test
    void everyFlippedBitIsNoticed() {
        encode(GroupKind.RECORDS);
        for (int bit = 0; bit < Layout.GROUP_HEADER_BYTES * 8; bit++) {
            int at = INDEX + bit / 8;
            bytes.put(at, (byte) (bytes.get(at) ^ 1 << bit % 8));
            assertThat(read(SALT, OFFSET)).as("bit %d", bit).isFalse();
            bytes.put(at, (byte) (bytes.get(at) ^ 1 << bit % 8));
        }
        assertThat(read(SALT, OFFSET)).isTrue();
    }

    @Test
    void headerOfAnotherFileOrOffsetIsInvalid() {
        encode(GroupKind.RECORDS);
        assertThat(read(SALT + 1, OFFSET)).isFalse();
        assertThat(read(SALT, OFFSET + 8)).isFalse();
        assertThat(read(SALT, OFFSET + (1L << 32))).isFalse();
    }

    @Test
    void invalidHeaderLeavesTheViewUnchanged() {
        encode(GroupKind.TRIM);
        assertThat(read(SALT, OFFSET)).isTrue();
        encode(GroupKind.RECORDS);
        assertThat(read(SALT, OFFSET + 8)).isFalse();
        assertThat(header.kind()).isEqualTo(GroupKind.TRIM);
    }

    @Test
    void zerosAreNotAHeader() {
        bytes.clear();
        assertThat(GroupHeader.mayBegin(bytes, 0)).isFalse();
        assertThat(read(0, 0)).isFalse();
    }

    @Test
    void headerOfUnknownKindIsInvalidEvenIfTheChecksumMatches() {
        ByteBuffer encoded = LittleEndian.buffer(new byte[Layout.GROUP_HEADER_BYTES]);
        GroupHeader.encode(encoded, 0, GroupKind.RECORDS, 0, 0, 0, new Declaration(0, 0), checksum, SALT, OFFSET);
        encoded.put(4, (byte) 'R');
        encoded.putInt(0, checksum.of(encoded, 4, encoded.capacity() - 4, SALT, OFFSET));
        bytes.clear();
        bytes.put(INDEX, encoded.array());
        assertThat(read(SALT, OFFSET)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MIN_VALUE, -2, Long.MAX_VALUE})
    void headerWithImpossibleTrimPointIsInvalidEvenIfTheChecksumMatches(long trimPoint) {
        ByteBuffer encoded = LittleEndian.buffer(new byte[Layout.GROUP_HEADER_BYTES]);
        GroupHeader.encode(
                encoded, 0, GroupKind.TRIM, 0, 0, 1025, new Declaration(1024, trimPoint), checksum, SALT, OFFSET);
        bytes.put(INDEX, encoded.array());
        assertThat(read(SALT, OFFSET)).isFalse();
    }

    @Test
    void bodyLengthIsUnsigned() {
        ByteBuffer encoded = LittleEndian.buffer(new byte[Layout.GROUP_HEADER_BYTES]);
        GroupHeader.encode(encoded, 0, GroupKind.PADDING, -1, 0, 0, new Declaration(-1, -1), checksum, SALT, OFFSET);
        bytes.put(INDEX, encoded.array());
        assertThat(read(SALT, OFFSET)).isTrue();
        assertThat(header.bodyBytes()).isEqualTo(0xffffffffL);
    }
}
