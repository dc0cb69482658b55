package dev.holdfast.wal.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.fail;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.format.GroupKind;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.segment.TestSegment.Written;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
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

    /** A segment with an index of several entries: groups of 50 records of 4 KiB. */
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
        RecordWalk walk = new RecordWalk(new Window(256));
        walk.seek(
                test.segment,
                test.segment.acquire(),
                from,
                records.get(records.size() - 1).id(),
                test.writer.position());
        test.segment.release();
        return walk;
    }

    private static void assertShows(RecordWalk walk, Written record) {
        assertThat(walk.id()).isEqualTo(record.id());
        assertThat(StandardCharsets.UTF_8.decode(walk.data()).toString()).isEqualTo(record.data());
        assertThat(walk.dataBytes()).isEqualTo(record.data().length());
        assertThat(walk.frameOffset()).isEqualTo(record.offset());
        assertThat(walk.frameEnd()).isEqualTo(record.end());
        assertThat(walk.endsBatch()).isEqualTo(record.endsBatch());
    }

    @Test
    void everyRecordIsShownFromAnyPlaceOn() throws IOException {
        TestSegment test = written();
        List<Written> records = test.records();
        for (int from = 0; from < records.size(); from++) {
            RecordWalk walk = walk(test, records.get(from).id());
            for (Written record : records.subList(from, records.size())) {
                walk.next(test.writer.position());
                assertShows(walk, record);
            }
        }
    }

    @Test
    void recordIsFoundThroughTheIndex() throws IOException {
        TestSegment test = large();
        for (Written record : test.records()) {
            RecordWalk walk = walk(test, record.id());
            walk.next(test.writer.position());
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
            walk.next(test.writer.position());
            assertShows(walk, record);
        }
    }

    @Test
    void dataIsReadOnlyAndBigEndian() throws IOException {
        RecordWalk walk = walk(written(), 100);
        walk.next(LENGTH);
        walk.data().order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer data = walk.data();
        assertThat(data.isReadOnly()).isTrue();
        assertThat(data.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
        assertThat(data.remaining()).isEqualTo(1);
    }

    @Test
    void plainChecksumIsThatOfTheFrameBehindIt() throws IOException {
        TestSegment test = written();
        RecordWalk walk = walk(test, 107);
        walk.next(LENGTH);
        TestSegment.Written record = test.records().get(7);
        CRC32C crc = new CRC32C();
        crc.update(test.bytes(), (int) record.offset() + 4, (int) (record.end() - record.offset()) - 4);
        assertThat(walk.plainCrc()).isEqualTo((int) crc.getValue());
        assertThat(walk.frameOffset()).isEqualTo(record.offset());
        assertThat(walk.frameEnd()).isEqualTo(record.end());
    }

    @Test
    void flippedBitIsNeverShownAndTheDamagedRecordIsNamed() throws IOException {
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
                walk.next(test.writer.position());
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
            walk.next(LENGTH);
            fail("not noticed");
        } catch (CorruptLogException e) {
            assertThat(e)
                    .hasMessageMatching("00000005-0000000000000064\\.seg at byte " + damaged.offset()
                            + ": frame of record 105 has checksum 0x[0-9a-f]{8}, expected 0x[0-9a-f]{8} \\(600 bytes\\)"
                            + "\\. Record 105 had been stored, so bytes of this file are damaged; records 105 to 107 "
                            + "may be lost\\. Restore this file from a copy, or run `holdfast repair <dir> --drop-from 105` "
                            + "to see what it costs to give up record 105 and all behind it\\.");
        }
    }

    @Test
    void wholeGroupsOnTheWayToARecordAreNotReadButTheirHeadersAre() throws IOException {
        TestSegment test = written();
        test.bytes()[(int) test.records().get(2).offset() + 1] ^= 1;
        RecordWalk walk = walk(test, 106);
        walk.next(LENGTH);
        assertShows(walk, test.records().get(6));
    }

    @Test
    void damagedGroupThatTheIndexLeadsToPutsNoEarlierRecordAtRisk() throws IOException {
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
    void damagedFrameOnTheWayToARecordIsTheOneThatIsNamed() throws IOException {
        TestSegment test = written();
        // Record 106 is looked for from the first frame of its group, record 105, whose length is wrong.
        test.bytes()[(int) test.records().get(5).offset() + 4] ^= 8;
        CorruptLogException e = assertDamaged(test, 106);
        assertThat(e.offset()).isEqualTo(test.records().get(5).offset());
        assertThat(e.firstIdAtRisk()).isEqualTo(105);
    }

    @Test
    void damagedLengthOnTheWayToARecordNeverLeadsToAnother() throws IOException {
        // One flipped bit makes record 100 end where record 102 begins.
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
                CorruptLogException.class, () -> walk(test, id).next(test.writer.position()));
    }

    @Test
    void recordBehindTheLimitIsNotThere() throws IOException {
        TestSegment test = written();
        RecordWalk walk = new RecordWalk(new Window(256));
        long limit = test.records().get(7).end() - 1;
        walk.seek(test.segment, test.segment.acquire(), 107, 107, limit);
        assertThatThrownBy(() -> walk.next(limit))
                .isInstanceOfSatisfying(
                        CorruptLogException.class,
                        e -> assertThat(e.firstIdAtRisk()).isEqualTo(107));
    }
}
