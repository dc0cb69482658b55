package dev.holdfast.wal.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.format.Checksum;
import dev.holdfast.wal.format.Declaration;
import dev.holdfast.wal.format.GroupBuffer;
import dev.holdfast.wal.format.GroupHeader;
import dev.holdfast.wal.format.GroupKind;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.segment.TestSegment.Written;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TailScanTest {
    private static final int LENGTH = Layout.MIN_SEGMENT_BYTES;
    private static final String NO_GROUP = "no group begins here";
    private static final String DOES_NOT_FOLLOW = "a group that does not follow the one before begins here";
    private final Checksum checksum = new Checksum();

    static TestSegment written() throws IOException {
        return new TestSegment(LENGTH)
                .write("a")
                .write("", "bb,ccc,d")
                .write("x".repeat(600), "y,z")
                .mark(GroupKind.IDLE)
                .write("after the marker");
    }

    @Test
    void newSegmentHasNoGroups() throws IOException {
        TailScan scan = new TestSegment(LENGTH).scan();
        assertThat(scan.lastId()).isEqualTo(TestSegment.BASE_ID - 1);
        assertThat(scan.durableId()).isEqualTo(TestSegment.BASE_ID - 1);
        assertThat(scan.position()).isEqualTo(Layout.HEADER_BYTES);
        assertThat(scan.endOffset()).isEqualTo(Layout.HEADER_BYTES);
        assertThat(scan.broken()).isEqualTo(new TailScan.Broken(4096, 100, NO_GROUP));
        assertThat(scan.isClosed()).isFalse();
        assertThat(scan.behind()).isEqualTo(new TailScan.Behind(-1, -1, -1, 0));
    }

    @Test
    void validGroupsArePassed() throws IOException {
        TestSegment test = written();
        TailScan scan = test.scan();
        Written last = test.records().get(8);
        assertThat(scan.lastId()).isEqualTo(108).isEqualTo(last.id());
        assertThat(scan.endOffset()).isEqualTo(last.end());
        assertThat(scan.position()).isEqualTo(test.writer.position());
        assertThat(scan.durableId()).isEqualTo(107);
        assertThat(scan.groupsSeen()).isEqualTo(5);
        assertThat(scan.behind()).isEqualTo(new TailScan.Behind(-1, -1, -1, 0));
        assertThat(scan.isClosed()).isFalse();
    }

    @Test
    void scanContinuesWhereItStopped() throws IOException {
        TestSegment test = new TestSegment(LENGTH).write("a");
        TailScan scan = test.scan();
        assertThat(scan.lastId()).isEqualTo(100);
        test.write("b", "c");
        scan.proceed();
        assertThat(scan.lastId()).isEqualTo(102);
        scan.proceed();
        assertThat(scan.lastId()).isEqualTo(102);
        assertThat(scan.groupsSeen()).isEqualTo(2);
    }

    @Test
    void paddingGroupsArePassed() throws IOException {
        TestSegment test = new TestSegment(64 << 10, 4096).write("a").write("b");
        assertThat(test.writer.position()).isEqualTo(3 * 4096);
        TailScan scan = test.scan();
        assertThat(scan.lastId()).isEqualTo(101);
        assertThat(scan.position()).isEqualTo(3 * 4096);
        assertThat(scan.groupsSeen()).isEqualTo(4);
    }

    @Test
    void segmentIsFilledToItsEnd() throws IOException {
        TestSegment test = new TestSegment(LENGTH);
        while (test.writer.hasRoomForMarker()) {
            test.mark(GroupKind.IDLE);
        }
        assertThat(test.writer.position()).isGreaterThan(Layout.recordsEnd(LENGTH) - 40);
        test.close();
        assertThat(test.writer.position()).isLessThanOrEqualTo(Layout.groupsEnd(LENGTH));
        assertThat(test.scan().isClosed()).isTrue();
        assertThat(test.scan().position()).isEqualTo(test.writer.position());
    }

    @Test
    void writeInterruptedAnywhereIsATornTailAfterCompleteBatches() throws IOException {
        TestSegment test = written();
        byte[] whole = test.bytes().clone();
        List<Written> records = test.records();
        for (int cut = Layout.HEADER_BYTES; cut <= test.writer.position(); cut++) {
            Arrays.fill(test.bytes(), cut, LENGTH, (byte) 0);
            assertWholeBatchesUpTo(test, records, cut);
            System.arraycopy(whole, 0, test.bytes(), 0, LENGTH);
        }
    }

    private static void assertWholeBatchesUpTo(TestSegment test, List<Written> records, int cut) throws IOException {
        TailScan scan = test.scan();
        long expected = TestSegment.BASE_ID - 1;
        for (Written record : records) {
            // If the last byte is zero and was lost, the record is still whole.
            boolean whole = record.end() <= cut;
            if (!whole) {
                break;
            }
            expected = record.endsBatch() ? record.id() : expected;
        }
        assertThat(scan.lastId()).as("cut at byte %d", cut).isEqualTo(expected);
        assertThat(scan.durableId()).isLessThanOrEqualTo(scan.lastId());
        TailScan.Behind behind = scan.behind();
        assertThat(behind.durableId()).as("cut at byte %d", cut).isLessThanOrEqualTo(scan.lastId());
        assertThat(scan.tornOffset() + behind.tornBytes()).isLessThanOrEqualTo(Layout.aligned(cut));
    }

    @Test
    void anyMissingSectorsOfTheLastGroupAreATornTail() throws IOException {
        TestSegment test = new TestSegment(LENGTH).write("a", "b");
        byte[] before = test.bytes().clone();
        test.write("c".repeat(700), "d".repeat(700) + ",e", "f".repeat(400));
        byte[] after = test.bytes().clone();
        int sectors = 5;
        for (int survivors = 0; survivors < 1 << sectors; survivors++) {
            for (int sector = 0; sector < sectors; sector++) {
                byte[] from = (survivors & 1 << sector) == 0 ? before : after;
                System.arraycopy(from, 4096 + sector * 512, test.bytes(), 4096 + sector * 512, 512);
            }
            TailScan scan = test.scan();
            assertThat(scan.lastId()).isIn(101L, 102L, 104L, 105L);
            assertThat(scan.behind().durableId()).isLessThanOrEqualTo(101);
        }
        assertThat(test.scan().lastId()).isEqualTo(105);
    }

    @Test
    void flippedBitBeforeTheLastGroupIsProvenToBeDamage() throws IOException {
        TestSegment test = written().close();
        for (TestSegment.Group group : test.groups) {
            List<Written> records = group.records();
            long end = records.isEmpty()
                    ? group.end()
                    : records.get(records.size() - 1).end();
            for (long bit = group.offset() * 8; bit < end * 8; bit++) {
                flip(test, bit);
                TailScan scan = test.scan();
                assertThat(scan.isClosed()).as("bit %d", bit).isFalse();
                if (records.isEmpty()) {
                    assertThat(scan.lastId()).as("bit %d", bit).isBetween(107L, 108L);
                } else {
                    assertThat(scan.lastId())
                            .as("bit %d", bit)
                            .isBetween(
                                    records.get(0).id() - 1,
                                    records.get(records.size() - 1).id() - 1);
                    assertThat(scan.behind().durableId()).as("bit %d", bit).isGreaterThan(scan.lastId());
                }
                flip(test, bit);
            }
        }
        assertThat(test.scan().isClosed()).isTrue();
    }

    @Test
    void flippedBitInTheLastGroupIsATornTail() throws IOException {
        TestSegment test = new TestSegment(LENGTH).write("a").write("b", "c");
        for (long bit = test.groups.get(1).offset() * 8;
                bit < test.records().get(2).end() * 8;
                bit++) {
            flip(test, bit);
            TailScan scan = test.scan();
            assertThat(scan.lastId()).as("bit %d", bit).isBetween(100L, 101L);
            assertThat(scan.behind().durableId()).as("bit %d", bit).isEqualTo(-1);
            flip(test, bit);
        }
    }

    @Test
    void flippedBitBetweenGroupsLosesNoRecord() throws IOException {
        TestSegment test = new TestSegment(LENGTH).write("a").write("b");
        long padding = test.records().get(0).end();
        assertThat(padding).isLessThan(test.groups.get(1).offset());
        for (long bit = padding * 8; bit < test.groups.get(1).offset() * 8; bit++) {
            flip(test, bit);
            assertThat(test.scan().lastId()).isEqualTo(101);
            flip(test, bit);
        }
    }

    private static void flip(TestSegment test, long bit) throws IOException {
        test.bytes()[(int) (bit / 8)] ^= (byte) (1 << bit % 8);
    }

    @Test
    void randomBytesAfterTheGroupsAreNotGroups() throws IOException {
        long seed = Long.getLong("holdfast.seed", new Random().nextLong());
        System.out.println("TailScanTest: rerun with -Dholdfast.seed=" + seed);
        Random random = new Random(seed);
        TestSegment test = written();
        for (int i = 0; i < 50; i++) {
            byte[] noise = new byte[LENGTH - (int) test.writer.position()];
            random.nextBytes(noise);
            System.arraycopy(noise, 0, test.bytes(), (int) test.writer.position(), noise.length);
            assertThat(test.scan().lastId()).isEqualTo(108);
            assertThat(test.scan().behind().durableId()).isEqualTo(-1);
        }
    }

    @Test
    void groupsOfAnEarlierSegmentInTheFileAreInvalid() throws IOException {
        TestSegment test = new TestSegment(LENGTH).write("a");
        int position = (int) test.writer.position();
        GroupBuffer stale = new GroupBuffer();
        for (int at = position; at + 56 < Layout.groupsEnd(LENGTH); at += stale.alignedLength()) {
            stale.clear(101);
            stale.add("stale".getBytes(StandardCharsets.US_ASCII), 0, 5);
            stale.seal(checksum, TestSegment.SALT + 1, at, new Declaration(100, -1));
            System.arraycopy(stale.bytes(), 0, test.bytes(), at, stale.alignedLength());
        }
        TailScan scan = test.scan();
        assertThat(scan.lastId()).isEqualTo(100);
        assertThat(scan.behind().durableId()).isEqualTo(-1);
        assertThat(scan.behind().tornBytes()).isPositive();
    }

    @Test
    void groupAtAnotherOffsetIsInvalid() throws IOException {
        TestSegment test = new TestSegment(LENGTH).write("a").write("b").write("c");
        int from = (int) test.groups.get(2).offset();
        int to = (int) test.writer.position();
        System.arraycopy(test.bytes(), from, test.bytes(), to, to - from);
        assertThat(test.scan().lastId()).isEqualTo(102);
        assertThat(test.scan().behind().durableId()).isEqualTo(-1);
    }

    @Test
    void groupOutOfOrderEndsTheGroups() throws IOException {
        assertBroken(put(102, 100, 1, "x"), "a group begins with record 102, expected 101");
        assertBroken(put(100, 99, 1, "x"), "a group begins with record 100, expected 101");
        assertBroken(put(101, 101, 1, "x"), DOES_NOT_FOLLOW);
        assertThat(put(101, 100, 1, "x").scan().lastId()).isEqualTo(101);
    }

    @Test
    void groupThatItsFramesDoNotFillEndsTheGroups() throws IOException {
        assertBroken(put(101, 100, 2, "x"), "frame of record 102 is not whole");
        TestSegment fewer = put(101, 100, 0, "x");
        assertThat(fewer.scan().lastId()).isEqualTo(100);
        TestSegment negative = put(101, 100, -1, "x");
        assertThat(negative.scan().lastId()).isEqualTo(100);
        assertThat(negative.scan().broken().why()).isEqualTo("a group ends within a batch");
    }

    @Test
    void footerAmongTheGroupsEndsThem() throws IOException {
        TestSegment test = new TestSegment(LENGTH).write("a");
        int at = (int) test.writer.position();
        GroupHeader.encode(
                test.buffer(),
                at,
                GroupKind.FOOTER,
                32,
                0,
                101,
                new Declaration(100, -1),
                checksum,
                TestSegment.SALT,
                at);
        assertBroken(test, "there is a footer among the groups");
    }

    @Test
    void groupBeyondTheRoomForGroupsEndsTheGroups() throws IOException {
        TestSegment test = new TestSegment(LENGTH).write("a");
        int at = (int) test.writer.position();
        int room = (int) Layout.groupsEnd(LENGTH) - at - Layout.GROUP_HEADER_BYTES;
        GroupHeader.encode(
                test.buffer(),
                at,
                GroupKind.PADDING,
                room,
                0,
                101,
                new Declaration(100, -1),
                checksum,
                TestSegment.SALT,
                at);
        assertThat(test.scan().position()).isEqualTo(Layout.groupsEnd(LENGTH));
        GroupHeader.encode(
                test.buffer(),
                at,
                GroupKind.PADDING,
                room + 1,
                0,
                101,
                new Declaration(100, -1),
                checksum,
                TestSegment.SALT,
                at);
        assertBroken(test, DOES_NOT_FOLLOW);
        GroupHeader.encode(
                test.buffer(),
                at,
                GroupKind.PADDING,
                -1,
                0,
                101,
                new Declaration(100, -1),
                checksum,
                TestSegment.SALT,
                at);
        assertBroken(test, DOES_NOT_FOLLOW);
    }

    /** Returns a segment with one record and a second group with a matching checksum and these fields. */
    private TestSegment put(long firstId, long durableId, int count, String data) throws IOException {
        TestSegment test = new TestSegment(LENGTH).write("a");
        int at = (int) test.writer.position();
        GroupBuffer group = new GroupBuffer();
        group.clear(firstId);
        group.add(data.getBytes(StandardCharsets.US_ASCII), 0, data.length());
        group.seal(checksum, TestSegment.SALT, at, new Declaration(durableId, -1));
        System.arraycopy(group.bytes(), 0, test.bytes(), at, group.alignedLength());
        GroupHeader.encode(
                test.buffer(),
                at,
                GroupKind.RECORDS,
                group.length() - 40,
                count,
                firstId,
                new Declaration(durableId, -1),
                checksum,
                TestSegment.SALT,
                at);
        return test;
    }

    private static void assertBroken(TestSegment test, String why) throws IOException {
        TailScan scan = test.scan();
        assertThat(scan.broken().why()).isEqualTo(why);
        assertThat(scan.position()).isEqualTo(test.writer.position());
    }

    @Test
    void recordAboveTheLimitOfItsSegmentIsInvalid() throws IOException {
        TestSegment test = new TestSegment(LENGTH).write("a").write("bcdef");
        TailScan strict = new TailScan(
                new Segment(test.storage, withRecordLimit(test, 4), new SegmentIndex()),
                test.storage.openForReading(test.segment.fileName()),
                new ReadBuffer());
        strict.proceed();
        assertThat(strict.lastId()).isEqualTo(100);
        assertThat(strict.broken().why()).isEqualTo("frame of record 101 is not whole");
    }

    @Test
    void recordAtTheLimitIsValid() throws IOException {
        TestSegment test = new TestSegment(LENGTH).write("a").write("bcdef");
        TailScan scan = new TailScan(
                new Segment(test.storage, withRecordLimit(test, 5), new SegmentIndex()),
                test.storage.openForReading(test.segment.fileName()),
                new ReadBuffer());
        scan.proceed();
        assertThat(scan.lastId()).isEqualTo(101);
    }

    @Test
    void groupWithoutRecordsEndsTheGroups() throws IOException {
        TestSegment test = new TestSegment(LENGTH).write("a");
        long at = test.writer.position();
        ByteBuffer empty = ByteBuffer.allocate(Layout.GROUP_HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        GroupHeader.encode(
                empty, 0, GroupKind.RECORDS, 0, 0, 101, new Declaration(100, 99), new Checksum(), TestSegment.SALT, at);
        test.buffer().put((int) at, empty.array());
        assertBroken(test, "a group ends within a batch");
        assertThat(test.scan().position()).isEqualTo(at);
    }

    @Test
    void frameLongerThanItsGroupEndsTheGroups() throws IOException {
        TestSegment test = new TestSegment(LENGTH).write("abcdef");
        GroupHeader.encode(
                test.buffer(),
                4096,
                GroupKind.RECORDS,
                13,
                1,
                100,
                new Declaration(99, 99),
                new Checksum(),
                TestSegment.SALT,
                4096);
        assertThat(test.scan().broken().why()).isEqualTo("frame of record 100 is not whole");
        assertThat(test.scan().position()).isEqualTo(Layout.HEADER_BYTES);
    }

    @Test
    void fileThatEndsWithinAFrameEndsTheGroups() throws IOException {
        TestSegment test = new TestSegment(LENGTH).write("a").write("bcdef");
        int end = (int) test.records().get(1).end();
        test.storage.put(test.segment.fileName(), Arrays.copyOf(test.bytes(), end - 2));
        TailScan scan = test.scan();
        assertThat(scan.lastId()).isEqualTo(100);
        assertThat(scan.broken().why()).isEqualTo("frame of record 101 is not whole");
        assertThat(scan.behind().durableId()).isEqualTo(-1);
    }

    private static SegmentHeader withRecordLimit(TestSegment test, int limit) {
        SegmentHeader header = test.segment.header();
        return new SegmentHeader(
                header.epoch(),
                header.baseId(),
                header.fileLength(),
                limit,
                header.pinned(),
                header.logId(),
                header.salt(),
                header.trimPoint(),
                header.predecessor());
    }
}
