package dev.holdfast.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import org.junit.jupiter.api.Test;

class LogRecordTest {
    @Test
    void ofCopiesTheArray() {
        byte[] bytes = {1, 2, 3};
        LogRecord record = LogRecord.of(7, bytes);
        bytes[0] = 9;
        assertThat(record.id()).isEqualTo(7);
        assertThat(record.data()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3}));
    }

    @Test
    void ofCopiesWhatRemainsAndLeavesTheBufferAlone() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(6).put(new byte[] {0, 1, 2, 3, 4, 5});
        buffer.position(1).limit(4);
        LogRecord record = LogRecord.of(7, buffer);
        buffer.put(1, (byte) 9);
        assertThat(record.data()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        assertThat(buffer.position()).isEqualTo(1);
        assertThat(buffer.limit()).isEqualTo(4);
    }

    @Test
    void wrapSharesTheBytesButNotThePosition() {
        ByteBuffer buffer = ByteBuffer.wrap(new byte[] {0, 1, 2, 3}).position(1);
        LogRecord record = LogRecord.wrap(7, buffer);
        buffer.put(1, (byte) 9).position(3);
        assertThat(record.data()).isEqualTo(ByteBuffer.wrap(new byte[] {9, 2, 3}));
    }

    @Test
    void dataIsAFreshReadOnlyBigEndianView() {
        ByteBuffer little = ByteBuffer.wrap(new byte[] {0, 0, 0, 1}).order(ByteOrder.LITTLE_ENDIAN);
        for (LogRecord record : new LogRecord[] {LogRecord.of(7, little), LogRecord.wrap(7, little)}) {
            assertThat(record.data().getInt()).isEqualTo(1);
            assertThat(record.data().position()).isZero();
            assertThat(record.data().remaining()).isEqualTo(4);
            assertThatExceptionOfType(ReadOnlyBufferException.class)
                    .isThrownBy(() -> record.data().put((byte) 1));
        }
    }

    @Test
    void bytesAreACopyOfTheRecordsBytes() {
        ByteBuffer shared = ByteBuffer.wrap(new byte[] {0, 1, 2, 3}).position(1);
        for (LogRecord record : new LogRecord[] {LogRecord.of(7, shared), LogRecord.wrap(7, shared)}) {
            assertThat(record.bytes()).containsExactly(1, 2, 3);
            record.bytes()[0] = 9;
            assertThat(record.bytes()).containsExactly(1, 2, 3);
            assertThat(record.size()).isEqualTo(3);
        }
        assertThat(LogRecord.of(0, new byte[0]).bytes()).isEmpty();
        assertThat(LogRecord.of(0, new byte[0]).size()).isZero();
    }

    @Test
    void emptyRecordIsARecord() {
        assertThat(LogRecord.of(0, new byte[0]).data().remaining()).isZero();
    }

    @Test
    void negativeIdIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LogRecord.of(-1, new byte[1]))
                .withMessage("record id must be >= 0, was -1");
        assertThatIllegalArgumentException().isThrownBy(() -> LogRecord.of(-1, ByteBuffer.allocate(1)));
        assertThatIllegalArgumentException().isThrownBy(() -> LogRecord.wrap(Long.MIN_VALUE, ByteBuffer.allocate(1)));
    }

    @Test
    void sizeIsLeftToTheLog() {
        ByteBuffer large = ByteBuffer.allocate(LogRecord.MAX_DATA_BYTES + 1);
        assertThat(LogRecord.wrap(1, large).data().remaining()).isEqualTo(LogRecord.MAX_DATA_BYTES + 1);
    }

    @Test
    void recordsAreEqualByIdAndBytes() {
        LogRecord record = LogRecord.of(7, new byte[] {1, 2});
        LogRecord same = LogRecord.wrap(
                7, ByteBuffer.allocateDirect(2).put((byte) 1).put((byte) 2).flip());
        assertThat(record).isEqualTo(same).hasSameHashCodeAs(same);
        assertThat(record).isNotEqualTo(LogRecord.of(8, new byte[] {1, 2}));
        assertThat(record).isNotEqualTo(LogRecord.of(7, new byte[] {1, 3}));
        assertThat(record).isNotEqualTo(LogRecord.of(7, new byte[] {1}));
        assertThat(record).isNotEqualTo(null);
    }

    @Test
    void readingTheDataLeavesEqualityAlone() {
        LogRecord record = LogRecord.of(7, new byte[] {1, 2});
        record.data().get();
        assertThat(record).isEqualTo(LogRecord.of(7, new byte[] {1, 2}));
    }

    @Test
    void textShowsTheIdAndTheSizeButNotTheBytes() {
        assertThat(LogRecord.of(7, new byte[] {1, 2})).hasToString("LogRecord[id=7, 2 bytes]");
    }
}
