package dev.holdfast.wal.ids;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.RecordTooLargeException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class BatchTest {
    @Test
    void batchOfRecordsHasTheIdOfTheFirst() {
        Batch batch = Batch.of(List.of(record(7, 3), record(8, 0)), 3);
        assertThat(batch.firstId()).hasValue(7);
        assertThat(batch.count()).isEqualTo(2);
        assertThat(batch.dataBytes()).isEqualTo(3);
        assertThat(batch.isEmpty()).isFalse();
    }

    @Test
    void batchOfBuffersHasNoIds() {
        Batch batch = Batch.withoutIds(List.of(ByteBuffer.allocate(2), ByteBuffer.allocate(5)), 5);
        assertThat(batch.firstId()).isEqualTo(OptionalLong.empty());
        assertThat(batch.count()).isEqualTo(2);
        assertThat(batch.dataBytes()).isEqualTo(7);
    }

    @Test
    void emptyBatchHasNoIds() {
        assertThat(Batch.of(List.of(), 1).isEmpty()).isTrue();
        assertThat(Batch.of(List.of(), 1).firstId()).isEmpty();
        assertThat(Batch.withoutIds(List.of(), 1).isEmpty()).isTrue();
    }

    @Test
    void movedPositionsOfTheCallersBuffersDoNotMoveTheBatch() {
        ByteBuffer first = ByteBuffer.allocate(4).position(1);
        Batch batch = Batch.withoutIds(List.of(first), 4);
        first.position(4);
        assertThat(batch.data()[0].remaining()).isEqualTo(3);
        batch.data()[0].position(2);
        assertThat(first.position()).isEqualTo(4);
    }

    @Test
    void idsMustBeConsecutive() {
        assertThat(batch(0, 1).firstId()).hasValue(0);
        assertThat(batch(IdSpan.MAX_ID, Long.MAX_VALUE).firstId()).hasValue(IdSpan.MAX_ID);
        assertThatIllegalArgumentException().isThrownBy(() -> batch(5, 5));
        assertThatIllegalArgumentException().isThrownBy(() -> batch(5, 4));
        assertThatIllegalArgumentException().isThrownBy(() -> batch(Long.MAX_VALUE, 0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> batch(7, 9))
                .withMessage("record id must be one more than 7, the id before it in the batch, was 9");
    }

    @Test
    void recordAboveTheLimitIsRefused() {
        assertThatExceptionOfType(RecordTooLargeException.class)
                .isThrownBy(() -> Batch.of(List.of(record(1, 3), record(2, 4)), 3))
                .withMessage("a record must have at most 3 bytes of data, this one has 4;"
                        + " nothing of its batch was written");
        assertThatExceptionOfType(RecordTooLargeException.class)
                .isThrownBy(() -> Batch.withoutIds(List.of(ByteBuffer.allocate(4)), 3));
    }

    @Test
    void nullIsRefused() {
        assertThatNullPointerException().isThrownBy(() -> Batch.of(Arrays.asList(record(1, 0), null), 1));
        assertThatNullPointerException()
                .isThrownBy(() -> Batch.withoutIds(Arrays.asList(ByteBuffer.allocate(0), null), 1));
    }

    private static Batch batch(long firstId, long secondId) {
        return Batch.of(List.of(record(firstId, 0), record(secondId, 0)), 1);
    }

    private static LogRecord record(long id, int bytes) {
        return LogRecord.of(id, new byte[bytes]);
    }
}
