package dev.holdfast.wal.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class GroupBufferTest {
    private static final long SALT = 0x0102030405060708L;
    private static final long OFFSET = 4096;

    private final Checksum checksum = new Checksum();
    private final GroupBuffer group = new GroupBuffer();

    private void add(String data) {
        byte[] bytes = data.getBytes(StandardCharsets.US_ASCII);
        group.reserve(Frame.bytes(bytes.length));
        group.add(bytes, 0, bytes.length);
    }

    @Test
    void emptyGroupHasOnlyAHeader() {
        group.clear(5);
        assertThat(group.length()).isEqualTo(Layout.GROUP_HEADER_BYTES);
        assertThat(group.count()).isZero();
        assertThat(group.firstId()).isEqualTo(5);
        assertThat(group.lastId()).isEqualTo(4);
        assertThat(group.bytes()).containsOnly(0);
    }

    @Test
    void recordsAreNotPadded() {
        group.clear(5);
        add("a");
        group.continueBatch();
        add("");
        group.continueBatch();
        add("ccc");
        assertThat(group.length()).isEqualTo(Layout.GROUP_HEADER_BYTES + 3 * Layout.FRAME_HEADER_BYTES + 4);
        assertThat(group.alignedLength()).isEqualTo(72);
        assertThat(group.lastId()).isEqualTo(7);
        assertThat(group.frameAfter(40)).isEqualTo(49);
        assertThat(group.frameAfter(49)).isEqualTo(57);
        assertThat(group.frameAfter(57)).isEqualTo(group.length());
    }

    @Test
    void positionOfTheCallersBufferDoesNotChange() {
        ByteBuffer data = ByteBuffer.wrap("xxdataxx".getBytes(StandardCharsets.US_ASCII))
                .position(2)
                .limit(6);
        group.clear(1);
        group.reserve(Frame.bytes(4));
        group.add(data, data.position(), data.remaining());
        assertThat(data.position()).isEqualTo(2);
        assertThat(Arrays.copyOfRange(group.bytes(), 48, 52)).isEqualTo("data".getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void sealedGroupIsReadBack() {
        group.clear(5);
        add("first");
        group.continueBatch();
        add("");
        add("");
        group.continueBatch();
        add("third");
        group.seal(checksum, SALT, OFFSET, new Declaration(4, -1));

        ByteBuffer read = direct();
        GroupHeader header = new GroupHeader();
        assertThat(header.read(read, 0, checksum, SALT, OFFSET)).isTrue();
        assertThat(header.kind()).isEqualTo(GroupKind.RECORDS);
        assertThat(header.count()).isEqualTo(4);
        assertThat(header.firstId()).isEqualTo(5);
        assertThat(header.durableId()).isEqualTo(4);
        assertThat(header.trimPoint()).isEqualTo(-1);
        assertThat(header.bodyBytes()).isEqualTo(42);
        assertThat(group.alignedLength()).isEqualTo(40 + 48);
        assertFrame(read, 40, 5, false);
        assertFrame(read, 53, 0, true);
        assertFrame(read, 61, 0, false);
        assertFrame(read, 69, 5, true);
        assertThat(Frame.storedChecksum(read, 69))
                .isEqualTo(checksum.plain(group.bytes(), 73, 9) ^ Checksum.mask(SALT, OFFSET + 69));
    }

    private void assertFrame(ByteBuffer read, int at, int dataBytes, boolean endsBatch) {
        assertThat(Frame.dataBytes(read, at)).isEqualTo(dataBytes);
        assertThat(Frame.endsBatch(read, at)).isEqualTo(endsBatch);
        assertThat(Frame.storedChecksum(read, at))
                .isEqualTo(Frame.checksum(read, at, Frame.dataBytes(read, at), checksum, SALT, OFFSET + at));
    }

    private ByteBuffer direct() {
        return ByteBuffer.allocateDirect(group.alignedLength())
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(0, group.bytes(), 0, group.alignedLength());
    }

    @Test
    void everyFlippedBitOfAFrameIsNoticed() {
        group.clear(5);
        add("some data");
        group.seal(checksum, SALT, OFFSET, new Declaration(4, -1));
        ByteBuffer read = direct();
        int end = group.length();
        for (int bit = 40 * 8; bit < end * 8; bit++) {
            int at = bit / 8;
            read.put(at, (byte) (read.get(at) ^ 1 << bit % 8));
            boolean fits = Frame.dataBytes(read, 40) <= end - 48;
            if (fits) {
                assertThat(Frame.storedChecksum(read, 40))
                        .as("bit %d", bit)
                        .isNotEqualTo(Frame.checksum(read, 40, Frame.dataBytes(read, 40), checksum, SALT, OFFSET + 40));
            }
            read.put(at, (byte) (read.get(at) ^ 1 << bit % 8));
        }
    }

    @Test
    void groupCanBeSealedAgainForAnotherOffset() {
        group.clear(5);
        add("data");
        group.seal(checksum, 99, 8192, new Declaration(2, 3));
        group.seal(checksum, SALT, OFFSET, new Declaration(4, -1));
        byte[] again = Arrays.copyOf(group.bytes(), group.alignedLength());
        group.clear(5);
        add("data");
        group.seal(checksum, SALT, OFFSET, new Declaration(4, -1));
        assertThat(again).isEqualTo(Arrays.copyOf(group.bytes(), group.alignedLength()));
    }

    @Test
    void paddingHasNoBytesOfAnEarlierGroup() {
        group.clear(1);
        add("x".repeat(100));
        group.clear(2);
        add("y");
        group.seal(checksum, SALT, OFFSET, new Declaration(1, -1));
        assertThat(Arrays.copyOfRange(group.bytes(), group.length(), group.alignedLength()))
                .containsOnly(0);
        byte[] padded = group.padded(40).array();
        assertThat(Arrays.copyOfRange(padded, group.alignedLength(), group.alignedLength() + 40))
                .containsOnly(0);
    }

    @Test
    void batchWithAnUnreadableBufferLeavesNoTrace() {
        group.clear(1);
        add("kept");
        ByteBuffer[] batch = {ByteBuffer.wrap(new byte[] {1, 2, 3}), ByteBuffer.allocate(1 << 20)};
        assertThatThrownBy(() -> group.addBatch(batch)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThat(group.lastId()).isEqualTo(1);
        group.seal(checksum, SALT, OFFSET, new Declaration(0, -1));
        byte[] sealed = Arrays.copyOf(group.bytes(), group.alignedLength());
        group.clear(1);
        add("kept");
        group.seal(checksum, SALT, OFFSET, new Declaration(0, -1));
        assertThat(sealed).isEqualTo(Arrays.copyOf(group.bytes(), group.alignedLength()));
    }

    @Test
    void batchIsAddedAsOneByOne() {
        group.clear(1);
        group.addBatch(new ByteBuffer[] {ByteBuffer.wrap(new byte[] {1}), ByteBuffer.allocateDirect(3)});
        group.seal(checksum, SALT, OFFSET, new Declaration(0, -1));
        ByteBuffer read = direct();
        assertFrame(read, 40, 1, false);
        assertFrame(read, 49, 3, true);
        assertThat(group.lastId()).isEqualTo(2);
    }

    @Test
    void bufferGrowsAndReleasesALargeArray() {
        group.clear(1);
        byte[] data = new byte[1 << 20];
        for (int i = 0; i < 6; i++) {
            group.reserve(Frame.bytes(data.length));
            group.add(data, 0, data.length);
        }
        assertThat(group.count()).isEqualTo(6);
        assertThat(group.bytes()).hasSizeGreaterThanOrEqualTo(6 << 20);
        group.clear(7);
        assertThat(group.bytes()).hasSizeLessThanOrEqualTo(1 << 20);
    }

    @Test
    void groupLargerThanAnArrayIsRefusedAndChangesNothing() {
        group.clear(1);
        add("kept");
        int length = group.length();
        assertThatThrownBy(() -> group.reserve(Integer.MAX_VALUE)).isInstanceOf(ArithmeticException.class);
        assertThat(group.length()).isEqualTo(length);
    }

    @Test
    void growsByDoublingSoThatFewRecordsAreCopied() {
        group.clear(5);
        group.reserve(16 << 10);
        assertThat(group.bytes()).hasSize(64 << 10);
        group.reserve(32 << 10);
        assertThat(group.bytes()).hasSize(64 << 10);
    }

    @Test
    void paddingGrowsTheBuffer() {
        group.clear(5);
        add("x".repeat(20_000));
        int end = group.alignedLength();
        byte[] padded = group.padded(20_000).array();
        assertThat(padded).hasSizeBetween(end + 20_000, 2 * (end + 20_000)).isSameAs(group.bytes());
        assertThat(Arrays.copyOfRange(padded, end, end + 20_000)).containsOnly(0);
        assertThat(padded[48]).isEqualTo((byte) 'x');
    }
}
