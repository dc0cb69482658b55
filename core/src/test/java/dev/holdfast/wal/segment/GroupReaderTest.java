package dev.holdfast.wal.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.format.Checksum;
import dev.holdfast.wal.format.Declaration;
import dev.holdfast.wal.format.Frame;
import dev.holdfast.wal.format.GroupHeader;
import dev.holdfast.wal.format.GroupKind;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.segment.TestSegment.Written;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Breaks each rule of a valid group by itself, with matching checksums wherever the rule is not about a checksum. */
class GroupReaderTest {
    private static final int LENGTH = Layout.MIN_SEGMENT_BYTES;
    private static final int OFFSET = Layout.HEADER_BYTES;
    private static final long LAST_ID = TestSegment.BASE_ID - 1;
    private static final String NO_GROUP = "no group begins here";
    private static final String DOES_NOT_FOLLOW = "a group that does not follow the one before begins here";

    /** Three records in two batches, with 21 bytes of data: a group of 45 bytes and 3 bytes of padding. */
    private final TestSegment test = new TestSegment(LENGTH).write("aaaaaaaa,bbbbbbbb", "ccccc");

    private final List<Written> records = test.records();
    private final ReadBuffer buffer = new ReadBuffer(64);
    private final GroupReader reader = new GroupReader(test.segment.header(), buffer);

    GroupReaderTest() throws IOException {}

    /** Returns the reader, which will see the changes to the file. */
    private GroupReader reader() throws IOException {
        buffer.look(test.storage.openForReading(test.segment.fileName()), LENGTH);
        return reader;
    }

    private void forge(GroupKind kind, long bodyBytes, int count, long firstId, long durableId) throws IOException {
        forge(kind, bodyBytes, count, firstId, durableId, OFFSET);
    }

    private void forge(GroupKind kind, long bodyBytes, int count, long firstId, long durableId, long home)
            throws IOException {
        GroupHeader.encode(
                test.buffer(),
                OFFSET,
                kind,
                (int) bodyBytes,
                count,
                firstId,
                new Declaration(durableId, 99),
                new Checksum(),
                TestSegment.SALT,
                home);
    }

    /** Changes the length of a frame, sets whether it ends its batch, and stores the checksum that matches. */
    private void forgeLength(Written record, int dataBytes, boolean endsBatch) throws IOException {
        Frame.putLength(test.buffer(), (int) record.offset(), dataBytes);
        if (!endsBatch) Frame.continueBatch(test.buffer(), (int) record.offset());
        sealFrame(test, record.offset());
    }

    private static void sealFrame(TestSegment segment, long offset) throws IOException {
        ByteBuffer bytes = segment.buffer();
        int at = (int) offset;
        bytes.putInt(
                at, Frame.checksum(bytes, at, Frame.dataBytes(bytes, at), new Checksum(), TestSegment.SALT, offset));
    }

    private void assertEntered() throws IOException {
        assertThat(reader().enter(OFFSET, LAST_ID)).isNull();
    }

    private void assertRefused(String why) throws IOException {
        assertThat(reader().enter(OFFSET, LAST_ID)).isEqualTo(why);
        assertThat(reader.id()).isEqualTo(LAST_ID);
        assertThat(reader.framesLeft()).isZero();
        assertThat(reader.next()).isFalse();
    }

    private void assertNext(Written record) throws IOException {
        assertThat(reader.next()).isTrue();
        assertThat(reader.id()).isEqualTo(record.id());
        assertThat(reader.frame()).isEqualTo(record.offset());
        assertThat(reader.frameEnd()).isEqualTo(record.end()).isEqualTo(reader.nextFrame());
        assertThat(reader.endsBatch()).isEqualTo(record.endsBatch());
        assertThat(StandardCharsets.US_ASCII.decode(reader.data()).toString()).isEqualTo(record.data());
    }

    /** Checks that the next frame is invalid and that the reader stays before it. */
    private void assertInvalid(Written record, String why) throws IOException {
        int left = reader.framesLeft();
        for (int time = 0; time < 2; time++) {
            assertThat(reader.next()).isFalse();
            assertThat(reader.fault()).contains(why).contains(" record " + record.id());
            assertThat(reader.nextFrame()).isEqualTo(record.offset());
            assertThat(reader.id()).isEqualTo(record.id() - 1);
            assertThat(reader.framesLeft()).isEqualTo(left);
        }
    }

    @Test
    void validGroupIsReadFrameByFrame() throws IOException {
        assertEntered();
        assertThat(reader.nextGroup()).isEqualTo(OFFSET + 40 + 48);
        assertThat(reader.group().kind()).isEqualTo(GroupKind.RECORDS);
        for (int i = 0; i < records.size(); i++) {
            assertThat(reader.framesLeft()).isEqualTo(records.size() - i);
            assertThat(reader.isComplete()).isFalse();
            assertNext(records.get(i));
            assertThat(reader.fits()).isTrue();
        }
        assertThat(reader.isComplete()).isTrue();
        assertThat(reader.next()).isFalse();
    }

    @Test
    void headerWithAFlippedBitIsInvalid() throws IOException {
        for (int bit = OFFSET * 8; bit < (OFFSET + Layout.GROUP_HEADER_BYTES) * 8; bit++) {
            test.bytes()[bit / 8] ^= (byte) (1 << bit % 8);
            assertRefused(NO_GROUP);
            test.bytes()[bit / 8] ^= (byte) (1 << bit % 8);
        }
        assertEntered();
    }

    @Test
    void headerThatEndsAfterTheFileIsInvalid() throws IOException {
        test.storage.put(test.segment.fileName(), Arrays.copyOf(test.bytes(), OFFSET + 39));
        assertRefused(NO_GROUP);
    }

    @Test
    void headerOfAnotherOffsetIsInvalidUnlessItIsAskedFor() throws IOException {
        long slot = Layout.slotOffset(LENGTH);
        forge(GroupKind.CLOSE, 0, 0, 100, 99, slot);
        assertRefused(NO_GROUP);
        assertThat(reader().read(OFFSET)).isFalse();
        assertThat(reader().read(OFFSET, slot)).isTrue();
        assertThat(reader.group().kind()).isEqualTo(GroupKind.CLOSE);
        assertThat(reader.nextGroup()).isEqualTo(OFFSET + 40);
    }

    @Test
    void firstIdMustBeTheIdAfterThePreviousRecord() throws IOException {
        for (long firstId : new long[] {99, 101}) {
            forge(GroupKind.RECORDS, 45, 3, firstId, 98);
            assertThat(reader().read(OFFSET)).isTrue();
            assertRefused("a group begins with record " + firstId + ", expected 100");
        }
    }

    @Test
    void durableIdMustBeLowerThanTheFirstId() throws IOException {
        forge(GroupKind.RECORDS, 45, 3, 100, 99);
        assertEntered();
        forge(GroupKind.RECORDS, 45, 3, 100, 100);
        assertThat(reader().read(OFFSET)).isTrue();
        assertRefused(DOES_NOT_FOLLOW);
    }

    @Test
    void groupMustEndBeforeTheSpaceThatIsKeptFree() throws IOException {
        long room = Layout.groupsEnd(LENGTH) - OFFSET - Layout.GROUP_HEADER_BYTES;
        for (GroupKind kind : new GroupKind[] {GroupKind.RECORDS, GroupKind.PADDING}) {
            forge(kind, room, 0, 100, 99);
            assertEntered();
            assertThat(reader.nextGroup()).isEqualTo(Layout.groupsEnd(LENGTH));
            for (long bodyBytes : new long[] {room + 1, 0xffffffffL}) {
                forge(kind, bodyBytes, 0, 100, 99);
                assertThat(reader().read(OFFSET)).isTrue();
                assertRefused(DOES_NOT_FOLLOW);
            }
        }
    }

    @Test
    void footerIsNoGroup() throws IOException {
        forge(GroupKind.FOOTER, 0, 0, 100, 99);
        assertThat(reader().read(OFFSET)).isTrue();
        assertRefused("there is a footer among the groups");
    }

    @Test
    void onlyGroupsOfRecordsHaveFrames() throws IOException {
        for (GroupKind kind : GroupKind.values()) {
            forge(kind, 45, 3, 100, 99);
            assertThat(reader().read(OFFSET)).isTrue();
            assertThat(reader.framesLeft()).isEqualTo(kind == GroupKind.RECORDS ? 3 : 0);
        }
    }

    @Test
    void frameWithAFlippedBitIsInvalid() throws IOException {
        for (int i = 0; i < records.size(); i++) {
            Written record = records.get(i);
            for (long bit = record.offset() * 8; bit < record.end() * 8; bit++) {
                test.bytes()[(int) (bit / 8)] ^= (byte) (1 << bit % 8);
                assertEntered();
                for (Written before : records.subList(0, i)) {
                    assertNext(before);
                }
                assertInvalid(record, "frame of record " + record.id());
                test.bytes()[(int) (bit / 8)] ^= (byte) (1 << bit % 8);
            }
        }
    }

    @Test
    void faultOfAFrameWithAWrongChecksumHasBothChecksums() throws IOException {
        test.bytes()[(int) records.get(0).offset() + 9] ^= 1;
        assertEntered();
        assertThat(reader.next()).isFalse();
        assertThat(reader.fault())
                .matches("frame of record 100 has checksum 0x[0-9a-f]{8}, expected 0x[0-9a-f]{8} \\(8 bytes\\)");
    }

    @Test
    void frameMustEndWithinItsGroup() throws IOException {
        Written last = records.get(2);
        forgeLength(last, 6, true);
        assertEntered();
        assertNext(records.get(0));
        assertNext(records.get(1));
        assertInvalid(last, "frame of record 102 is longer than its group");
        for (int bytes : new int[] {0, 7}) {
            forge(GroupKind.RECORDS, bytes, 3, 100, 99);
            assertEntered();
            assertInvalid(records.get(0), "frame of record 100 is longer than its group");
        }
    }

    @Test
    void frameMustNotExceedTheLimit() throws IOException {
        TestSegment large = new TestSegment(4 << 20).write("x".repeat(1 << 20), "y".repeat(100));
        buffer.look(large.segment.acquire(), 4 << 20);
        GroupReader strict = new GroupReader(large.segment.header(), buffer);
        assertThat(strict.enter(OFFSET, LAST_ID)).isNull();
        assertThat(strict.next()).as("a record at the limit").isTrue();
        int at = (int) large.records().get(0).offset();
        Frame.putLength(large.buffer(), at, (1 << 20) + 1);
        sealFrame(large, at);
        buffer.look(large.segment.acquire(), 4 << 20);
        assertThat(strict.enter(OFFSET, LAST_ID)).isNull();
        assertThat(strict.next()).isFalse();
        assertThat(strict.fault()).isEqualTo("frame of record 100 has a length of 1048577 bytes, the limit is 1048576");
    }

    @Test
    void frameThatEndsAfterTheFileIsInvalid() throws IOException {
        test.storage.put(
                test.segment.fileName(),
                Arrays.copyOf(test.bytes(), (int) records.get(2).end() - 1));
        assertEntered();
        assertNext(records.get(0));
        assertNext(records.get(1));
        assertInvalid(records.get(2), "the file ends within record 102");
    }

    @Test
    void groupHasNoMoreFramesThanItsHeaderStates() throws IOException {
        forge(GroupKind.RECORDS, 45, 2, 100, 99);
        assertEntered();
        assertNext(records.get(0));
        assertNext(records.get(1));
        assertThat(reader.next()).isFalse();
        assertThat(reader.isComplete()).isFalse();
        assertThat(reader.fits()).isFalse();
    }

    @Test
    void groupHasNoFewerFramesThanItsHeaderStates() throws IOException {
        forge(GroupKind.RECORDS, 45, 4, 100, 99);
        assertEntered();
        for (Written record : records) {
            assertNext(record);
        }
        assertThat(reader.isComplete()).isFalse();
        assertThat(reader.fits()).as("one frame is left").isTrue();
        assertThat(reader.next()).isFalse();
        assertThat(reader.fault()).isEqualTo("frame of record 103 is longer than its group");
    }

    @Test
    void framesMustFillTheGroup() throws IOException {
        forge(GroupKind.RECORDS, 46, 3, 100, 99);
        assertEntered();
        for (Written record : records) {
            assertNext(record);
        }
        assertThat(reader.isComplete()).isFalse();
        assertThat(reader.fits()).isFalse();
    }

    @Test
    void groupWithoutRecordsIsNotComplete() throws IOException {
        for (int count : new int[] {0, -1, Integer.MIN_VALUE}) {
            forge(GroupKind.RECORDS, 0, count, 100, 99);
            assertEntered();
            assertThat(reader.framesLeft()).isZero();
            assertThat(reader.isComplete()).isFalse();
            assertThat(reader.next()).isFalse();
        }
    }

    @Test
    void lastFrameMustEndItsBatch() throws IOException {
        forgeLength(records.get(2), 5, false);
        assertEntered();
        for (int i = 0; i < 3; i++) {
            assertThat(reader.next()).isTrue();
        }
        assertThat(reader.fits()).isTrue();
        assertThat(reader.isComplete()).isFalse();
    }

    @Test
    void invalidFrameIsSkippedByTheLengthThatItStates() throws IOException {
        test.bytes()[(int) records.get(0).offset() + 10] ^= 1;
        assertEntered();
        assertThat(reader.next()).isFalse();
        reader.skip();
        assertThat(reader.fits()).isTrue();
        assertNext(records.get(1));
        assertNext(records.get(2));
        test.bytes()[(int) records.get(0).offset() + 10] ^= 1;
        test.bytes()[(int) records.get(2).offset() + 6] = 1;
        assertEntered();
        assertNext(records.get(0));
        assertNext(records.get(1));
        assertThat(reader.next()).isFalse();
        reader.skip();
        assertThat(reader.id()).isEqualTo(102);
        assertThat(reader.framesLeft()).isZero();
        assertThat(reader.fits()).isFalse();
    }

    @Test
    void skipWithoutAFrameLeavesTheGroup() throws IOException {
        forge(GroupKind.RECORDS, 39, 4, 100, 99);
        assertEntered();
        assertNext(records.get(0));
        assertNext(records.get(1));
        assertThat(reader.next()).isFalse();
        assertThat(reader.fits()).isTrue();
        reader.skip();
        assertThat(reader.framesLeft()).isOne();
        assertThat(reader.fits()).isFalse();
    }

    @Test
    void lengthOfADamagedFrameIsRightIfIntactFramesFillTheRest() throws IOException {
        test.bytes()[(int) records.get(0).offset() + 10] ^= 1;
        assertEntered();
        assertThat(reader.next()).isFalse();
        assertThat(reader.isLengthRight()).isTrue();
        assertInvalid(records.get(0), "frame of record 100 has checksum");
        reader.skip();
        assertNext(records.get(1));
        test.bytes()[(int) records.get(2).offset() + 9] ^= 1;
        assertEntered();
        assertThat(reader.next()).isFalse();
        assertThat(reader.isLengthRight()).as("two frames are damaged").isFalse();
        assertInvalid(records.get(0), "frame of record 100 has checksum");
    }

    @Test
    void lengthOfTheLastDamagedFrameIsRightIfItFillsTheGroup() throws IOException {
        test.bytes()[(int) records.get(2).offset() + 9] ^= 1;
        assertEntered();
        assertNext(records.get(0));
        assertNext(records.get(1));
        assertThat(reader.next()).isFalse();
        assertThat(reader.isLengthRight()).isTrue();
        test.bytes()[(int) records.get(2).offset() + 4] ^= 1;
        assertEntered();
        assertNext(records.get(0));
        assertNext(records.get(1));
        assertThat(reader.next()).isFalse();
        assertThat(reader.isLengthRight()).isFalse();
    }

    @Test
    void lengthThatIncludesTheNextFrameIsWrong() throws IOException {
        test.bytes()[(int) records.get(0).offset() + 4] = 24;
        assertEntered();
        assertThat(reader.next()).isFalse();
        assertThat(reader.isLengthRight()).as("one frame is missing").isFalse();
    }

    @Test
    void indexEntryMustNameAFrameOfItsGroup() throws IOException {
        assertThat(reader().enterAt(OFFSET, 101, records.get(1).offset())).isNull();
        assertNext(records.get(1));
        assertNext(records.get(2));
        assertThat(reader.isComplete()).isTrue();
        long end = records.get(2).end();
        long frame = records.get(1).offset();
        assertNotThere(99, frame);
        assertNotThere(103, frame);
        assertNotThere(100 + (1L << 32), frame);
        assertNotThere(102, end);
        assertThat(reader().enterAt(OFFSET, 102, end - 1)).isNull();
        forge(GroupKind.IDLE, 45, 3, 100, 99);
        assertNotThere(101, frame);
        forge(GroupKind.RECORDS, 45, 3, 100, 100);
        assertThat(reader().enterAt(OFFSET, 101, frame)).isEqualTo(DOES_NOT_FOLLOW);
        test.bytes()[OFFSET] ^= 1;
        assertThat(reader().enterAt(OFFSET, 101, frame)).isEqualTo(NO_GROUP);
        assertThat(reader.framesLeft()).isZero();
        assertThat(reader.id()).isEqualTo(100);
    }

    private void assertNotThere(long id, long frame) throws IOException {
        assertThat(reader().enterAt(OFFSET, id, frame))
                .isEqualTo("the index of the segment names a record that is not there");
        assertThat(reader.framesLeft()).isZero();
        assertThat(reader.id()).isEqualTo(id - 1);
    }

    @Test
    void singleFrameIsReadWithoutItsGroup() throws IOException {
        Written record = records.get(1);
        assertThat(reader().nextAt(record.id(), record.offset(), record.end())).isTrue();
        assertThat(StandardCharsets.US_ASCII.decode(reader.data()).toString()).isEqualTo("bbbbbbbb");
        assertThat(reader().nextAt(record.id(), record.offset(), record.end() - 1))
                .isFalse();
        test.bytes()[(int) record.offset() + 12] ^= 1;
        assertThat(reader().nextAt(record.id(), record.offset(), record.end())).isFalse();
    }

    @Test
    void idOfASkippedGroupIsThatOfItsLastRecord() throws IOException {
        assertEntered();
        assertNext(records.get(0));
        reader.skipGroup();
        assertThat(reader.id()).isEqualTo(102);
        assertThat(reader.framesLeft()).isZero();
    }

    @Test
    void plainChecksumHasNoMask() throws IOException {
        assertEntered();
        assertNext(records.get(0));
        int length = (int) (records.get(0).end() - records.get(0).offset()) - 4;
        assertThat(reader.plainCrc())
                .isEqualTo(
                        new Checksum().plain(test.bytes(), (int) records.get(0).offset() + 4, length));
    }
}
