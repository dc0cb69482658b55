package dev.holdfast.wal.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.format.Checksum;
import dev.holdfast.wal.format.Declaration;
import dev.holdfast.wal.format.GroupHeader;
import dev.holdfast.wal.format.GroupKind;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.segment.Segment;
import dev.holdfast.wal.segment.SegmentIndex;
import dev.holdfast.wal.segment.TestSegment;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class SegmentVerifierTest {
    private final List<Long> told = new ArrayList<>();

    /** Returns a segment with five groups. Padding bytes to a multiple of 8 follow the frames of the third. */
    private static TestSegment written() throws IOException {
        return new TestSegment(8192)
                .write("aaaaaaaa,bbbbbbbb", "cccccccc")
                .mark(GroupKind.IDLE)
                .write("d,ee")
                .write("ffffffff")
                .mark(GroupKind.CLOSE);
    }

    private List<CorruptLogException> audit(TestSegment segment) throws IOException {
        return audit(segment, segment.writer.position(), segment.writer.nextId());
    }

    private List<CorruptLogException> audit(TestSegment segment, long endOffset, long nextId) throws IOException {
        told.clear();
        int open = segment.storage.openFiles();
        List<CorruptLogException> damages = new SegmentVerifier(
                        new Segment(segment.storage, segment.segment.header(), new SegmentIndex()),
                        OptionalLong.of(endOffset),
                        nextId,
                        told::add)
                .run();
        assertThat(segment.storage.openFiles()).isEqualTo(open);
        assertThat(told.stream().mapToLong(Long::longValue).sum()).isEqualTo(endOffset - Layout.HEADER_BYTES);
        return damages;
    }

    private static void assertDamage(CorruptLogException e, long offset, long firstId, long lastId) {
        assertThat(e.offset()).isEqualTo(offset);
        assertThat(e.firstIdAtRisk()).isEqualTo(firstId);
        assertThat(e.lastIdAtRisk()).isEqualTo(lastId);
    }

    /** Writes a group header with a matching checksum over existing bytes. */
    private static void forge(TestSegment segment, long offset, GroupKind kind, long bodyBytes, int count, long firstId)
            throws IOException {
        GroupHeader.encode(
                segment.buffer(),
                (int) offset,
                kind,
                (int) bodyBytes,
                count,
                firstId,
                new Declaration(99, 99),
                new Checksum(),
                TestSegment.SALT,
                offset);
    }

    @Test
    void wholeSegmentHasNoDamage() throws IOException {
        assertThat(audit(written())).isEmpty();
        assertThat(audit(new TestSegment(8192))).isEmpty();
    }

    @Test
    void everyFlippedBitIsFoundAndCostsOneRecordUnlessItIsInALength() throws IOException {
        TestSegment segment = written();
        byte[] bytes = segment.bytes();
        for (TestSegment.Group group : segment.groups) {
            long firstId = firstId(segment, group);
            long lastId = firstId + Math.max(1, group.records().size()) - 1;
            for (int at = (int) group.offset(); at < group.offset() + Layout.GROUP_HEADER_BYTES; at++) {
                bytes[at] ^= 4;
                List<CorruptLogException> damages = audit(segment);
                assertThat(damages).as("header, byte %d", at).hasSize(1);
                assertDamage(damages.get(0), group.offset(), firstId, lastId);
                bytes[at] ^= 4;
            }
            for (TestSegment.Written record : group.records()) {
                for (int at = (int) record.offset(); at < record.end(); at++) {
                    bytes[at] ^= 4;
                    List<CorruptLogException> damages = audit(segment);
                    assertThat(damages)
                            .as("record %d, byte %d", record.id(), at)
                            .hasSize(1);
                    boolean ofTheLength = at >= record.offset() + 4 && at < record.offset() + 8;
                    assertDamage(damages.get(0), record.offset(), record.id(), ofTheLength ? lastId : record.id());
                    if (ofTheLength && record.id() < lastId) {
                        assertThat(damages.get(0))
                                .hasMessageContaining(". Its length may be damaged, so at most records ");
                    }
                    bytes[at] ^= 4;
                }
            }
        }
        assertThat(audit(segment)).isEmpty();
    }

    private static long firstId(TestSegment segment, TestSegment.Group group) {
        return TestSegment.BASE_ID
                + segment.records().stream()
                        .filter(record -> record.offset() < group.offset())
                        .count();
    }

    @Test
    void allDamageIsFoundNotOnlyTheFirst() throws IOException {
        TestSegment segment = written();
        segment.bytes()[(int) segment.records().get(1).offset() + 10] ^= 1;
        segment.bytes()[(int) segment.groups.get(1).offset()] ^= 1;
        segment.bytes()[(int) segment.groups.get(3).offset()] ^= 1;
        List<CorruptLogException> damages = audit(segment);
        assertThat(damages).hasSize(3);
        assertDamage(damages.get(0), segment.records().get(1).offset(), 101, 101);
        assertDamage(damages.get(1), segment.groups.get(1).offset(), 103, 103);
        assertDamage(damages.get(2), segment.groups.get(3).offset(), 105, 105);
        assertThat(damages.get(0))
                .hasMessage(segment.segment.fileName() + " at byte "
                        + segment.records().get(1).offset()
                        + ": the frame of record 101 is not whole. Record 101 had been stored and can no longer be read. "
                        + restoreOrDrop(101));
        assertThat(damages.get(1))
                .hasMessage(segment.segment.fileName() + " at byte "
                        + segment.groups.get(1).offset() + ": no group begins here; the next one begins at byte "
                        + segment.groups.get(2).offset()
                        + ". No record is lost, but stored bytes are damaged, and a reader may stop at them. "
                        + restoreOrDrop(103));
        assertThat(damages.get(2)).hasMessageContaining(". Record 105 had been stored and can no longer be read. ");
    }

    private static String restoreOrDrop(long id) {
        return "Restore the log from a copy, or run `holdfast repair <dir> --drop-from " + id
                + "` to see the cost of giving up record " + id + " and all later records.";
    }

    /** One flipped byte in 200,000 records in few groups was reported as thousands of unreadable records. */
    @Test
    void otherRecordsOfALargeGroupAreReadBesideDamagedOnes() throws IOException {
        String[] records = new String[2000];
        Arrays.setAll(records, i -> "record " + i);
        TestSegment segment =
                new TestSegment(128 << 10).write("before").write(records).write("behind");
        for (int damaged : new int[] {5, 700, 701, 1999}) {
            segment.bytes()[(int) segment.records().get(1 + damaged).offset() + 10] ^= 1;
        }
        assertThat(audit(segment))
                .extracting(CorruptLogException::firstIdAtRisk, CorruptLogException::lastIdAtRisk)
                .containsExactly(tuple(106L, 106L), tuple(801L, 801L), tuple(802L, 802L), tuple(2100L, 2100L));
    }

    /**
     * The damaged length is 24 bytes instead of 8 and includes the next frame. Only the number of frames reveals it.
     */
    @Test
    void lengthThatSkipsAFrameIsNotTrusted() throws IOException {
        TestSegment segment = new TestSegment(8192).write("01234567", "12345678", "23456789", "34567890");
        segment.bytes()[(int) segment.records().get(1).offset() + 4] ^= 16;
        assertThat(audit(segment))
                .singleElement()
                .extracting(CorruptLogException::firstIdAtRisk, CorruptLogException::lastIdAtRisk)
                .containsExactly(101L, 103L);
    }

    @Test
    void bytesAfterTheCutAreNoDamage() throws IOException {
        TestSegment segment = written();
        TestSegment.Written last = segment.records().get(1);
        segment.bytes()[(int) segment.records().get(2).offset() + 10] ^= 1;
        segment.bytes()[(int) segment.groups.get(3).offset()] ^= 1;
        assertThat(audit(segment, last.end(), last.id() + 1)).isEmpty();
        assertThat(audit(segment, last.end(), last.id() + 2)).hasSize(1);
    }

    @Test
    void missingRecordsAreDamage() throws IOException {
        TestSegment segment = written();
        List<CorruptLogException> damages = audit(segment, segment.writer.position(), 108);
        assertThat(damages).hasSize(1);
        assertDamage(damages.get(0), segment.writer.position(), 106, 107);
        assertThat(damages.get(0))
                .hasMessageContaining(": the groups of the segment end before record 106. Records 106 to 107 ");
        damages = audit(segment, segment.writer.position() + 80, 107);
        assertThat(damages).hasSize(1);
        assertDamage(damages.get(0), segment.writer.position(), 106, 106);
    }

    @Test
    void groupOutOfOrderIsDamage() throws IOException {
        TestSegment segment = written();
        TestSegment.Group third = segment.groups.get(2);
        for (long firstId : new long[] {102, 104}) {
            forge(segment, third.offset(), GroupKind.RECORDS, third.end() - third.offset() - 40, 2, firstId);
            List<CorruptLogException> damages = audit(segment);
            assertThat(damages).hasSize(1);
            assertDamage(damages.get(0), third.offset(), 103, 104);
        }
    }

    @Test
    void groupBeyondTheEndOfTheGroupsIsDamage() throws IOException {
        TestSegment segment = written();
        TestSegment.Group last = segment.groups.get(4);
        long longest = Layout.groupsEnd(8192) - last.offset() - Layout.GROUP_HEADER_BYTES;
        forge(segment, last.offset(), GroupKind.PADDING, longest, 0, 106);
        assertThat(audit(segment)).isEmpty();
        forge(segment, last.offset(), GroupKind.PADDING, longest + 8, 0, 106);
        List<CorruptLogException> damages = audit(segment);
        assertThat(damages).hasSize(1);
        assertDamage(damages.get(0), last.offset(), 106, 106);
    }

    @Test
    void footerAmongTheGroupsIsDamage() throws IOException {
        TestSegment segment = written();
        forge(segment, segment.groups.get(1).offset(), GroupKind.FOOTER, 0, 0, 103);
        List<CorruptLogException> damages = audit(segment);
        assertThat(damages).hasSize(1);
        assertDamage(damages.get(0), segment.groups.get(1).offset(), 103, 103);
    }

    @Test
    void groupThatItsRecordsDoNotFillIsDamageWithoutLoss() throws IOException {
        TestSegment segment = written();
        TestSegment.Group first = segment.groups.get(0);
        long bodyBytes = first.end() - first.offset() - Layout.GROUP_HEADER_BYTES;
        forge(segment, first.offset(), GroupKind.RECORDS, bodyBytes, 2, 100);
        forge(segment, segment.groups.get(1).offset(), GroupKind.IDLE, 0, 0, 102);
        List<CorruptLogException> damages = audit(segment, segment.groups.get(1).offset(), 102);
        assertThat(damages).hasSize(1);
        assertDamage(damages.get(0), segment.records().get(2).offset(), 102, 102);
        assertThat(damages.get(0)).hasMessageContaining(": the records of a group do not fill it. No record is lost, ");
    }

    @Test
    void searchIgnoresGroupsOfLaterRecords() throws IOException {
        TestSegment segment = written();
        segment.bytes()[(int) segment.groups.get(2).offset()] ^= 1;
        TestSegment.Group fourth = segment.groups.get(3);
        forge(segment, fourth.offset(), GroupKind.RECORDS, 16, 1, 107);
        List<CorruptLogException> damages = audit(segment);
        assertThat(damages).hasSize(1);
        assertDamage(damages.get(0), segment.groups.get(2).offset(), 103, 105);
    }

    @Test
    void progressIsReportedAboutEveryMebibyte() throws IOException {
        TestSegment segment = new TestSegment(4 << 20);
        for (int i = 0; i < 35; i++) {
            segment.write("x".repeat(100_000));
        }
        assertThat(audit(segment)).isEmpty();
        assertThat(told).hasSize(4);
        assertThat(told.subList(0, 3)).allMatch(bytes -> bytes >= 1 << 20 && bytes < (1 << 20) + 100_100);
    }

    @Test
    void progressIsReportedAfterExactlyOneMebibyte() throws IOException {
        TestSegment segment = new TestSegment(4 << 20);
        segment.write("x".repeat((1 << 20) - Layout.GROUP_HEADER_BYTES - Layout.FRAME_HEADER_BYTES))
                .write("y");
        assertThat(audit(segment)).isEmpty();
        assertThat(told).hasSize(2).first().isEqualTo(1L << 20);
    }
}
