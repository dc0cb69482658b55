package dev.holdfast.wal.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.segment.TestSegment.Written;
import dev.holdfast.wal.storage.ReadableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordFinderTest {
    private static final int RECORDS_IN_GROUP = 50;

    private final TestSegment test = new TestSegment(1 << 20);
    private final ReadBuffer buffer = new ReadBuffer();
    private final List<String> reads = new ArrayList<>();
    private final ReadableFile file;
    private RecordFinder finder = new RecordFinder(16 << 20);

    /**
     * Writes groups of 50 records: five with about 2 KiB each, which have three index entries for two groups, and two
     * with small records, which share an entry.
     */
    RecordFinderTest() throws IOException {
        for (int group = 0; group < 7; group++) {
            String[] batches = new String[RECORDS_IN_GROUP];
            for (int i = 0; i < batches.length; i++) {
                batches[i] = group + "." + i + "-".repeat(group < 5 ? 2000 + i : 40);
            }
            test.write(batches);
        }
        file = recording(test.segment.acquire());
    }

    private ReadableFile recording(ReadableFile real) {
        return new ReadableFile() {
            @Override
            public long length() throws IOException {
                return real.length();
            }

            @Override
            public int read(long offset, ByteBuffer into) throws IOException {
                reads.add(offset + "+" + into.remaining());
                return real.read(offset, into);
            }

            @Override
            public void close() throws IOException {
                real.close();
            }
        };
    }

    private LogRecord find(Written record) throws IOException {
        List<Written> all = test.records();
        buffer.look(file, test.writer.position());
        return finder.find(test.segment, record.id(), all.get(all.size() - 1).id(), buffer);
    }

    private void assertFound(Written record) throws IOException {
        LogRecord found = find(record);
        assertThat(found.id()).isEqualTo(record.id());
        assertThat(StandardCharsets.UTF_8.decode(found.data()).toString()).isEqualTo(record.data());
    }

    private static String frameOf(Written record) {
        return record.offset() + "+" + (record.end() - record.offset());
    }

    /** Returns whether the index has an entry after the entry that leads to this record. */
    private boolean isBeforeTheLastEntry(Written record) {
        int entry = test.segment.index().floor(record.id() - TestSegment.BASE_ID);
        return entry + 1 < test.segment.index().entries();
    }

    @Test
    void eachRecordIsFoundWithAndWithoutTheCache() throws IOException {
        for (int time = 0; time < 2; time++) {
            for (Written record : test.records()) {
                assertFound(record);
            }
        }
    }

    @Test
    void cachingByOneThreadDoesNotBlockAnother() throws Exception {
        for (Written record : test.records()) {
            if (record.id() % RECORDS_IN_GROUP == 0) {
                FutureTask<Void> task = new FutureTask<>(() -> {
                    assertFound(record);
                    return null;
                });
                Thread reader = new Thread(task, "reader of " + record.id());
                reader.setDaemon(true);
                reader.start();
                task.get(60, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void nextRecordOfACachedTableCostsOneReadOfItsFrame() throws IOException {
        List<Written> records = test.records();
        for (Written record : records) {
            assertFound(record);
        }
        int alone = 0;
        for (int i = 0; i < records.size(); i++) {
            Written record = records.get(i);
            reads.clear();
            assertFound(record);
            boolean lastOfItsGroup = i % RECORDS_IN_GROUP == RECORDS_IN_GROUP - 1;
            if (isBeforeTheLastEntry(record) && !lastOfItsGroup) {
                assertThat(reads).containsExactly(frameOf(record));
                alone++;
            }
        }
        assertThat(alone).isGreaterThan(200);
    }

    @Test
    void recordsAfterTheLastIndexEntryAreFoundThoughMoreFollow() throws IOException {
        Written newest = test.records().get(test.records().size() - 1);
        assertThat(isBeforeTheLastEntry(newest)).isFalse();
        assertFound(newest);
        test.write("one,more", "and another");
        for (Written record : test.records()) {
            assertFound(record);
        }
    }

    @Test
    void recordsAfterTheLastIndexEntryOfASealedSegmentAreCached() throws IOException {
        List<Written> records = test.records();
        Written newest = records.get(records.size() - 1);
        for (int time = 0; time < 2; time++) {
            reads.clear();
            buffer.look(file, test.segment.header().fileLength());
            assertThat(finder.find(test.segment, newest.id(), newest.id(), buffer)
                            .id())
                    .isEqualTo(newest.id());
        }
        assertThat(reads).containsExactly(frameOf(newest));
    }

    @Test
    void damageAfterTheFrameWasCachedIsFound() throws IOException {
        Written before = test.records().get(3);
        Written victim = test.records().get(7);
        assertFound(before);
        assertFound(victim);
        for (long offset : new long[] {victim.offset(), victim.offset() + 4, victim.offset() + 7, victim.end() - 1}) {
            test.bytes()[(int) offset] ^= 0x10;
            assertThatThrownBy(() -> find(victim))
                    .isInstanceOf(CorruptLogException.class)
                    .hasMessageContaining("at byte " + victim.offset())
                    .hasMessageContaining("frame of record " + victim.id());
            assertFound(before);
            test.bytes()[(int) offset] ^= 0x10;
        }
        test.bytes()[(int) victim.end() - 1] ^= 0x10;
        assertThatThrownBy(() -> find(victim))
                .as("the frames after it are read to prove its length")
                .isInstanceOfSatisfying(
                        CorruptLogException.class,
                        e -> assertThat(e.lastIdAtRisk()).isEqualTo(victim.id()));
        test.bytes()[(int) victim.end() - 1] ^= 0x10;
        assertFound(victim);
    }

    @Test
    void damageToAnotherRecordDoesNotFailTheRead() throws IOException {
        Written damaged = test.records().get(20);
        test.bytes()[(int) damaged.offset() + 9] ^= 1;
        Written before = test.records().get(19);
        assertFound(before);
        assertFound(before);
        assertThatThrownBy(() -> find(damaged)).isInstanceOf(CorruptLogException.class);
    }

    @Test
    void cacheIsBounded() throws IOException {
        Written record = test.records().get(5);
        finder = new RecordFinder(1);
        for (int time = 0; time < 3; time++) {
            reads.clear();
            assertFound(record);
            assertThat(reads).isNotEmpty().isNotEqualTo(List.of(frameOf(record)));
            assertThat(finder.bytes).isZero();
        }
        finder = new RecordFinder(16 << 20);
        assertFound(record);
        assertThat(finder.bytes).isPositive();
    }

    @Test
    void offsetsCachedFirstAreEvictedFirst() throws IOException {
        Written first = test.records().get(0);
        Written other = test.records().get(150);
        assertFound(first);
        finder = new RecordFinder(finder.bytes * 3 / 2);
        assertFound(first);
        long one = finder.bytes;
        assertFound(other);
        assertThat(finder.bytes).isPositive().isLessThan(one * 3 / 2);
        assertReadAlone(other, true);
        assertReadAlone(first, false);
        assertReadAlone(first, true);
        assertReadAlone(other, false);
    }

    private void assertReadAlone(Written record, boolean alone) throws IOException {
        reads.clear();
        assertFound(record);
        assertThat(reads.equals(List.of(frameOf(record)))).isEqualTo(alone);
    }

    @Test
    void offsetsBetweenEntriesOfAFalseIndexAreNotCached() throws IOException {
        test.write("x".repeat(70_000), "y");
        Segment lying = new Segment(
                test.storage, test.segment.header(), new SegmentIndex(new int[] {0, 4096, 4136, 1 << 30, 4096, 4136}));
        buffer.look(lying.acquire(), test.writer.position());
        assertThat(finder.find(lying, 100, Long.MAX_VALUE, buffer).id()).isEqualTo(100);
        assertThat(finder.bytes).isZero();
    }

    /** Counts of frames near each other, in one table. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 15, 16, 17, 40})
    void cacheHasExactlyTheFramesUpToTheNextEntry(int count) throws IOException {
        TestSegment other = new TestSegment(1 << 20);
        String[] batch = new String[count];
        Arrays.setAll(batch, i -> "record " + i + "-".repeat(i));
        other.write(batch).write("z".repeat(70_000)).write("y".repeat(70_000)).write("end");
        List<Written> records = other.records();
        ReadableFile recorded = recording(other.segment.acquire());
        for (Written record : records.subList(0, count + 1)) {
            buffer.look(recorded, other.writer.position());
            finder.find(
                    other.segment, record.id(), records.get(records.size() - 1).id(), buffer);
            reads.clear();
            buffer.look(recorded, other.writer.position());
            LogRecord found = finder.find(
                    other.segment, record.id(), records.get(records.size() - 1).id(), buffer);
            assertThat(found.data().remaining()).isEqualTo(record.data().length());
            assertThat(reads).hasSize(1);
        }
        assertThat(finder.bytes).as("one offset a frame, and the end").isEqualTo(112 + 4 * (count + 2));
    }
}
