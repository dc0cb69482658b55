package dev.holdfast.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchContentTest {
    private static final Batch BATCH = new Batch(3, 2, 7);

    private final BatchContent content = new BatchContent(42);

    @Test
    void batchIsTheSameEachTime() {
        assertThat(content.records(BATCH)).usingRecursiveComparison().isEqualTo(new BatchContent(42).records(BATCH));
        assertThat(content.size(BATCH)).isEqualTo(content.records(BATCH).size());
    }

    @Test
    void anotherSeedOrIdentityMakesAnotherBatch() {
        byte[] first = content.records(BATCH).get(0);
        assertThat(new BatchContent(43).records(BATCH).get(0)).isNotEqualTo(first);
        assertThat(content.records(new Batch(2, 3, 7)).get(0)).isNotEqualTo(first);
    }

    @Test
    void recordContainsItsIdentity() {
        List<byte[]> records = content.records(BATCH);
        for (int i = 0; i < records.size(); i++) {
            assertThat(BatchContent.position(ByteBuffer.wrap(records.get(i))))
                    .contains(new BatchContent.Position(BATCH, i, records.size()));
        }
    }

    @Test
    void recordWithAChangedByteHasNoIdentity() {
        byte[] record = content.records(BATCH).get(0);
        for (int i = 0; i < record.length; i++) {
            record[i] ^= 4;
            assertThat(BatchContent.position(ByteBuffer.wrap(record)))
                    .as("byte %d", i)
                    .isEmpty();
            record[i] ^= 4;
        }
        assertThat(BatchContent.position(ByteBuffer.allocate(0))).isEmpty();
        assertThat(BatchContent.position(ByteBuffer.allocate(100))).isEmpty();
    }

    @Test
    void sizesVaryFromAFewBytesToMoreThanASegment() {
        int smallest = Integer.MAX_VALUE;
        int largest = 0;
        for (int number = 1; number <= 2000; number++) {
            for (byte[] record : content.records(new Batch(1, 1, number))) {
                smallest = Math.min(smallest, record.length);
                largest = Math.max(largest, record.length);
            }
        }
        assertThat(smallest).isLessThan(30);
        assertThat(largest).isGreaterThan(BatchContent.SEGMENT_BYTES);
    }
}
