package dev.holdfast.wal.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.segment.TestSegment.Written;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameTableTest {
    private final TestSegment test = new TestSegment(64 << 10);

    FrameTableTest() throws IOException {}

    /** Counts near the initial capacity. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 14, 15, 16, 17, 31, 32, 40})
    void hasExactlyTheFramesFromTheFirstToTheLast(int count) throws IOException {
        String[] batch = new String[count + 2];
        Arrays.setAll(batch, i -> "record " + i + "-".repeat(i));
        test.write(batch);
        List<Written> records = test.records();
        long limit = test.writer.position();
        Written first = records.get(1);
        Written last = records.get(count);
        RecordWalk walk = new RecordWalk(new ReadBuffer());
        walk.seek(test.segment, test.segment.acquire(), first.id(), last.id(), limit);
        walk.next(limit);
        FrameTable table = FrameTable.of(walk, last.id(), limit);
        for (Written record : records.subList(1, count + 1)) {
            assertThat(table.has(record.id())).isTrue();
            assertThat(table.offset(record.id())).isEqualTo(record.offset());
            assertThat(table.end(record.id())).isEqualTo(record.end());
        }
        assertThat(table.has(first.id() - 1)).isFalse();
        assertThat(table.has(last.id() + 1)).isFalse();
        assertThat(table.bytes()).as("one place a frame, and the end").isEqualTo(48 + 4 * (count + 1));
    }
}
