package dev.holdfast.wal.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.fail;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.format.Checksum;
import dev.holdfast.wal.format.Declaration;
import dev.holdfast.wal.format.Frame;
import dev.holdfast.wal.format.GroupHeader;
import dev.holdfast.wal.format.GroupKind;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.segment.TestSegment.Written;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class RecordWalkTest {
    private static final int LENGTH = Layout.MIN_SEGMENT_BYTES;

    private static TestSegment written() throws IOException {
        return new TestSegment(LENGTH)
                .write("a")
                .mark(GroupKind.IDLE)
                .write("", "bb,ccc,d")
                .trim(100)
                .write("x".repeat(600), "y,z");
    }

    /** Returns a segment with several index entries: groups of 50 records of 4 KiB. */
    private static TestSegment large() throws IOException {
        TestSegment test = new TestSegment(4 << 20);
        for (int group = 0; group < 10; group++) {
            String[] batches = new String[50];
            for (int i = 0; i < batches.length; i++) {
                batches[i] = (char) ('a' + i % 26) + "-".repeat(4000 + i);
            }
            test.write(batches);
        }
        return test;
    }

    private static RecordWalk walk(TestSegment test, long from) throws IOException {
        List<Written> records = test.records();
        ReadBuffer buffer = new ReadBuffer(256);
        buffer.look(test.segment.acquire(), test.writer.position());
        // Never released: the walk reads the file until the test ends.
        return new RecordWalk(
                test.segment, from, records.get(records.size() - 1).id(), buffer);
    }

    private static void assertShows(RecordWalk walk, Written record) {
        assertThat(walk.record().id()).isEqualTo(record.id());
        assertThat(StandardCharsets.UTF_8.decode(walk.record().data()).toString())
                .isEqualTo(record.data());
        assertThat(walk.record().frame()).isEqualTo(record.offset());
        assertThat(walk.record().frameEnd()).isEqualTo(record.end());
        assertThat(walk.record().endsBatch()).isEqualTo(record.endsBatch());
    }

    @Test
    void walkFromAnyRecordReturnsAllLaterOnes() throws IOException {
        TestSegment test = written();
        List<Written> records = test.records();
        for (int from = 0; from < records.size(); from++) {
            RecordWalk walk = walk(test, records.get(from).id());
            for (Written record : records.subList(from, records.size())) {
                walk.next();
                assertShows(walk, record);
            }
        }
    }

    @Test
    void recordIsFoundThroughTheIndex() throws IOException {
        TestSegment test = large();
        for (Written record : test.records()) {
            RecordWalk walk = walk(test, record.id());
            walk.next();
            assertShows(walk, record);
        }
    }

    @Test
    void paddingIsPassed() throws IOException {
        TestSegment test = new TestSegment(64 << 10, 4096)
                .write("a")
                .write("b")
                .mark(GroupKind.IDLE)
                .write("c");
        RecordWalk walk = walk(test, 100);
        for (Written record : test.records()) {
            walk.next();
            assertShows(walk, record);
        }
    }

    @Test
    void dataIsReadOnlyAndBigEndian() throws IOException {
        RecordWalk walk = walk(written(), 100);
        walk.next();
        walk.record().data().order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer data = walk.record().data();
        assertThat(data.isReadOnly()).isTrue();
        assertThat(data.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
        assertThat(data.remaining()).isEqualTo(1);
    }

    @Test
    void plainChecksumIsTheCrcOfTheFrame() throws IOException {
        TestSegment test = written();
        RecordWalk walk = walk(test, 107);
        walk.next();
        TestSegment.Written record = test.records().get(7);
        CRC32C crc = new CRC32C();
        crc.update(test.bytes(), (int) record.offset() + 4, (int) (record.end() - record.offset()) - 4);
        assertThat(walk.record().plainCrc()).isEqualTo((int) crc.getValue());
        assertThat(walk.record().frame()).isEqualTo(record.offset());
        assertThat(walk.record().frameEnd()).isEqualTo(record.end());
    }

    @Test
    void flippedBitIsNeverReturnedAndTheDamagedRecordIsReported() throws IOException {
        TestSegment test = written();
        List<Written> records = test.records();
        for (TestSegment.Group group : test.groups) {
            for (long bit = group.offset() * 8; bit < (group.offset() + 40) * 8; bit++) {
                long first =
                        group.records().isEmpty() ? -1 : group.records().get(0).id();
                assertDamageNamed(test, records, bit, first, group.offset());
            }
            for (Written record : group.records()) {
                for (long bit = record.offset() * 8; bit < record.end() * 8; bit++) {
                    assertDamageNamed(test, records, bit, record.id(), record.offset());
                }
            }
        }
    }

    private static void assertDamageNamed(TestSegment test, List<Written> records, long bit, long id, long offset)
            throws IOException {
        test.bytes()[(int) (bit / 8)] ^= (byte) (1 << bit % 8);
        int shown = 0;
        try {
            RecordWalk walk = walk(test, 100);
            for (Written record : records) {
                walk.next();
                assertShows(walk, record);
                shown++;
            }
            fail("bit %d was not noticed", bit);
        } catch (CorruptLogException e) {
            assertThat(e.firstIdAtRisk()).as("bit %d", bit).isEqualTo(100 + shown);
            assertThat(e.offset()).as("bit %d", bit).isEqualTo(offset);
            assertThat(e.file()).isEqualTo(test.segment.fileName());
            assertThat(e).hasMessageStartingWith(test.segment.fileName() + " at byte " + offset + ": ");
            if (id >= 0) {
                assertThat(e.firstIdAtRisk()).as("bit %d", bit).isEqualTo(id);
            }
        }
        test.bytes()[(int) (bit / 8)] ^= (byte) (1 << bit % 8);
    }

    @Test
    void messageOfADamagedRecordSaysWhereWhatAndWhatToDo() throws IOException {
        TestSegment test = written();
        Written damaged = test.records().get(5);
        test.bytes()[(int) damaged.offset() + 20] ^= 4;
        RecordWalk walk = walk(test, 105);
        try {
            walk.next();
            fail("not noticed");
        } catch (CorruptLogException e) {
            assertThat(e)
                    .hasMessageMatching("00000005-0000000000000064\\.seg at byte " + damaged.offset()
                            + ": frame of record 105 has checksum 0x[0-9a-f]{8}, expected 0x[0-9a-f]{8} \\(600 bytes\\)"
                            + "\\. Record 105 had been stored, so bytes of this file are damaged; record 105 "
                            + "may be lost\\. Restore the log from a copy, or run `holdfast repair <dir> --drop-from 105` "
                            + "to see the cost of giving up record 105 and all later records\\.");
        }
    }

    @Test
    void damagedRecordHidesOthersOnlyIfItsLengthMayBeWrong() throws IOException {
        TestSegment test = new TestSegment(LENGTH).write("01234567", "12345678", "23456789", "34567890");
        int damaged = (int) test.records().get(1).offset();
        test.bytes()[damaged + 10] ^= 1;
        for (int id : new int[] {102, 103}) {
            RecordWalk walk = walk(test, id);
            walk.next();
            assertShows(walk, test.records().get(id - 100));
        }
        assertThatThrownBy(() -> walk(test, 101).next())
                .isInstanceOfSatisfying(
                        CorruptLogException.class,
                        e -> assertThat(e.lastIdAtRisk()).isEqualTo(101));
        test.bytes()[damaged + 10] ^= 1;
        // The length is 24 bytes instead of 8 and includes the frame of record 102. If the walk trusted the length, it
        // would return record 103 as record 102.
        test.bytes()[damaged + 4] ^= 16;
        for (int id : new int[] {101, 102, 103}) {
            assertThatThrownBy(() -> walk(test, id).next()).isInstanceOfSatisfying(CorruptLogException.class, e -> {
                assertThat(e.firstIdAtRisk()).isEqualTo(101);
                assertThat(e.lastIdAtRisk()).isEqualTo(103);
                assertThat(e).hasMessageContaining("at most records 101 to 103 may be lost");
            });
        }
    }

    @Test
    void seekReadsOnlyTheHeadersOfSkippedGroups() throws IOException {
        TestSegment test = written();
        test.bytes()[(int) test.records().get(2).offset() + 6] ^= 1;
        RecordWalk walk = walk(test, 106);
        walk.next();
        assertShows(walk, test.records().get(6));
    }

    @Test
    void damagedGroupOfAnIndexEntryPutsNoEarlierRecordAtRisk() throws IOException {
        TestSegment test = large();
        TestSegment.Group damaged = test.groups.get(5);
        test.bytes()[(int) damaged.offset() + 20] ^= 1;
        for (Written record : damaged.records()) {
            CorruptLogException e = assertDamaged(test, record.id());
            assertThat(e.offset()).isEqualTo(damaged.offset());
            assertThat(e.firstIdAtRisk()).isBetween(damaged.records().get(0).id(), record.id());
        }
    }

    @Test
    void damagedFrameBeforeTheWantedRecordIsReported() throws IOException {
        TestSegment test = written();
        // The search for record 106 begins at the first frame of its group, record 105, whose length is wrong.
        test.bytes()[(int) test.records().get(5).offset() + 4] ^= 8;
        CorruptLogException e = assertDamaged(test, 106);
        assertThat(e.offset()).isEqualTo(test.records().get(5).offset());
        assertThat(e.firstIdAtRisk()).isEqualTo(105);
    }

    @Test
    void damagedLengthBeforeTheWantedRecordNeverLeadsToAnother() throws IOException {
        // One flipped bit makes record 100 end at the beginning of record 102.
        TestSegment test = new TestSegment(LENGTH).write("a".repeat(100), "b".repeat(504), "c", "d");
        test.bytes()[4136 + 5] ^= 2;
        for (long id = 100; id < 104; id++) {
            CorruptLogException e = assertDamaged(test, id);
            assertThat(e).as("record %d", id).isNotNull();
            assertThat(e.offset()).isEqualTo(4136);
            assertThat(e.firstIdAtRisk()).isEqualTo(100);
        }
    }

    private static CorruptLogException assertDamaged(TestSegment test, long id) {
        return catchThrowableOfType(
                CorruptLogException.class, () -> walk(test, id).next());
    }

    @Test
    void recordAfterTheLimitIsNotRead() throws IOException {
        TestSegment test = written();
        ReadBuffer buffer = new ReadBuffer(256);
        buffer.look(test.segment.acquire(), test.records().get(7).end() - 1);
        RecordWalk walk = new RecordWalk(test.segment, 107, 107, buffer);
        assertThatThrownBy(walk::next)
                .isInstanceOfSatisfying(
                        CorruptLogException.class,
                        e -> assertThat(e.firstIdAtRisk()).isEqualTo(107));
    }

    @Test
    void positionStaysWhenTheMemoryIsReturned() throws IOException {
        TestSegment test = written();
        ReadBuffer buffer = new ReadBuffer(new ReadBufferPool());
        buffer.look(test.segment.acquire(), LENGTH);
        RecordWalk walk = new RecordWalk(test.segment, 100, 106, buffer);
        for (int i = 0; i < 3; i++) {
            walk.next();
            assertShows(walk, test.records().get(i));
            buffer.release();
        }
    }

    @Test
    void recordsBehindTheLimitAreReadWhenTheLimitMoves() throws IOException {
        TestSegment test = new TestSegment(LENGTH).write("a");
        ReadBuffer buffer = new ReadBuffer(256);
        buffer.look(test.segment.acquire(), test.writer.position());
        RecordWalk walk = new RecordWalk(test.segment, 100, 100, buffer);
        walk.next();
        test.write("b");
        buffer.limit(test.writer.position());
        walk.next();
        assertShows(walk, test.records().get(1));
    }

    @Test
    void recordOfMaximumSizeIsReturned() throws IOException {
        TestSegment test = new TestSegment(2 << 20).write("x".repeat(1 << 20), "y");
        RecordWalk walk = walk(test, 100);
        walk.next();
        assertThat(walk.record().data().remaining()).isEqualTo(1 << 20);
    }

    private static CorruptLogException damage(TestSegment test, long from) {
        return catchThrowableOfType(CorruptLogException.class, () -> {
            RecordWalk walk = walk(test, from);
            while (true) {
                walk.next();
            }
        });
    }

    @Test
    void damagedGroupHidesRecordsUpToTheNextIndexEntry() throws IOException {
        TestSegment test = new TestSegment(1 << 20)
                .write("a".repeat(70_000))
                .write("b".repeat(40_000), "c".repeat(40_000))
                .write("d".repeat(70_000))
                .write("e".repeat(70_000));
        test.bytes()[(int) test.groups.get(1).offset()] ^= 1;
        CorruptLogException e = damage(test, 101);
        assertThat(e.firstIdAtRisk()).isEqualTo(101);
        assertThat(e.lastIdAtRisk()).isEqualTo(102);
        assertThat(e.offset()).isEqualTo(test.groups.get(1).offset());
        assertThat(e).hasMessageContaining(": no group begins here. Record 101 had been stored, ");
    }

    /** Replaces the header of the group with records 101 to 104 by another one with a matching checksum. */
    private static TestSegment forged(int bodyBytes, int count, long firstId) throws IOException {
        TestSegment test = written();
        long offset = test.groups.get(2).offset();
        GroupHeader.encode(
                test.buffer(),
                (int) offset,
                GroupKind.RECORDS,
                bodyBytes,
                count,
                firstId,
                new Declaration(99, 99),
                new Checksum(),
                TestSegment.SALT,
                offset);
        return test;
    }

    @Test
    void groupOfOtherRecordsIsReportedAsDamage() throws IOException {
        CorruptLogException e = damage(forged(38, 4, 102), 100);
        assertThat(e)
                .hasMessageContaining(": a group begins with record 102, expected 101. Record 101 had been stored, ");
        assertThat(e.firstIdAtRisk()).isEqualTo(101);
    }

    @Test
    void frameLongerThanItsGroupIsReportedAsDamage() throws IOException {
        TestSegment test = forged(8 + 8, 2, 101);
        CorruptLogException e = damage(test, 100);
        assertThat(e)
                .hasMessageContaining(": frame of record 102 is longer than its group. Record 102 had been stored, ");
        assertThat(e.offset()).isEqualTo(test.records().get(2).offset());
        test = forged(8 + 10 + 11, 3, 101);
        assertThat(damage(test, 100))
                .hasMessageContaining("the records of a group do not fill it. Record 103 had been");
    }

    @Test
    void frameLongerThanTheLimitIsReportedAsDamage() throws IOException {
        TestSegment test = new TestSegment(4 << 20).write("a", "x".repeat(1 << 20), "y".repeat(100));
        Frame.putLength(test.buffer(), (int) test.records().get(1).offset(), (1 << 20) + 1);
        CorruptLogException e = damage(test, 100);
        assertThat(e)
                .hasMessageContaining(": frame of record 101 has a length of 1048577 bytes, the limit is 1048576. ");
    }

    @Test
    void fileThatEndsWithinARecordIsReportedAsDamage() throws IOException {
        TestSegment test = written();
        Written last = test.records().get(5);
        test.storage.put(test.segment.fileName(), Arrays.copyOf(test.bytes(), (int) last.end() - 100));
        CorruptLogException e = damage(test, 100);
        assertThat(e).hasMessageContaining(": the file ends within record 105. Record 105 had been stored, ");
    }

    private static RecordWalk walkWithIndex(TestSegment test, long from, int... numbers) throws IOException {
        ReadBuffer buffer = new ReadBuffer(256);
        Segment indexed = new Segment(test.storage, test.segment.header(), new SegmentIndex(numbers));
        buffer.look(indexed.acquire(), test.writer.position());
        return new RecordWalk(indexed, from, 106, buffer);
    }

    @Test
    void recordsAreFoundWithoutAnIndex() throws IOException {
        TestSegment test = written();
        for (Written record : test.records()) {
            RecordWalk walk = walkWithIndex(test, record.id());
            walk.next();
            assertShows(walk, record);
        }
    }

    @Test
    void indexEntryAfterItsGroupIsDamage() throws IOException {
        TestSegment test = new TestSegment(LENGTH).write("a", "b").write("c");
        int frame = (int) test.records().get(0).offset();
        int groupEnd = (int) test.records().get(1).end();
        int[][] lies = {{0, 4096, frame, 2, 4096, frame}, {0, 4096, frame, 1, 4096, groupEnd}};
        for (int[] lie : lies) {
            assertThatThrownBy(() -> walkWithIndex(test, 102, lie))
                    .isInstanceOf(CorruptLogException.class)
                    .hasMessageContaining("the index of the segment names a record that is not there");
        }
    }
}
