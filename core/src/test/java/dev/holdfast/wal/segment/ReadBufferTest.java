package dev.holdfast.wal.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.storage.ReadableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

class ReadBufferTest {
    private final ReadBuffer buffer = new ReadBuffer(64);
    private final CountedFile file = new CountedFile(1000);

    /** A file whose byte i is i modulo 251. Counts the reads. */
    private static final class CountedFile implements ReadableFile {
        private final int length;
        private int reads;
        private long furthest;

        private CountedFile(int length) {
            this.length = length;
        }

        @Override
        public long length() {
            return length;
        }

        @Override
        public int read(long offset, ByteBuffer into) {
            reads++;
            furthest = Math.max(furthest, offset + into.remaining());
            int count = (int) Math.max(0, Math.min(into.remaining(), length - offset));
            for (int i = 0; i < count; i++) {
                into.put((byte) ((offset + i) % 251));
            }
            return count;
        }

        @Override
        public void close() {}
    }

    private static int at(ReadBuffer buffer, long offset, int length, long limit) throws IOException {
        buffer.limit(limit);
        return buffer.at(offset, length);
    }

    private void assertAt(long offset, int length, long limit) throws IOException {
        int at = at(buffer, offset, length, limit);
        assertThat(at).isNotNegative();
        for (int i = 0; i < length; i++) {
            assertThat(buffer.bytes().get(at + i)).isEqualTo((byte) ((offset + i) % 251));
        }
    }

    @Test
    void bufferWithoutAFileHasNoBytes() throws IOException {
        assertThat(at(buffer, 0, 1, 100)).isEqualTo(-1);
    }

    @Test
    void requestedBytesAreLoaded() throws IOException {
        buffer.look(file, 1000);
        assertAt(0, 64, 1000);
        assertAt(500, 10, 1000);
        assertAt(999, 1, 1000);
        assertAt(3, 5, 1000);
    }

    @Test
    void bytesReadAheadAreNotReadAgain() throws IOException {
        buffer.look(file, 1000);
        assertAt(100, 10, 1000);
        assertAt(110, 54, 1000);
        assertAt(163, 1, 1000);
        assertThat(file.reads).isEqualTo(1);
        assertAt(164, 1, 1000);
        assertThat(file.reads).isEqualTo(2);
    }

    @Test
    void bytesAfterTheLimitAreNeverRead() throws IOException {
        buffer.look(file, 1000);
        assertAt(100, 10, 120);
        assertThat(file.furthest).isEqualTo(120);
        assertThat(at(buffer, 115, 6, 120)).isEqualTo(-1);
        assertAt(115, 6, 121);
        assertThat(file.furthest).isEqualTo(121);
    }

    @Test
    void fileMayEndBeforeTheLimit() throws IOException {
        buffer.look(file, 1000);
        assertThat(at(buffer, 995, 6, 5000)).isEqualTo(-1);
        assertThat(at(buffer, 2000, 1, 5000)).isEqualTo(-1);
        assertAt(995, 5, 5000);
    }

    @Test
    void lookDiscardsTheBytesReadBefore() throws IOException {
        buffer.look(file, 1000);
        assertAt(0, 10, 1000);
        buffer.look(file, 1000);
        assertAt(0, 10, 1000);
        assertThat(file.reads).isEqualTo(2);
    }

    @Test
    void bufferGrowsOnlyToTheRequestedLength() throws IOException {
        buffer.look(file, 1000);
        assertAt(0, 300, 1000);
        assertThat(buffer.bytes().capacity()).isEqualTo(300);
        assertAt(0, 64, 1000);
        assertThat(buffer.bytes().capacity()).isEqualTo(300);
        assertThat(buffer.bytes().order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
        assertThat(buffer.bytes().isDirect()).isTrue();
    }

    @Test
    void bufferDoesNotGrowForBytesAfterTheLimit() throws IOException {
        buffer.look(file, 1000);
        assertThat(at(buffer, 0, Integer.MAX_VALUE, 1000)).isEqualTo(-1);
        assertThat(buffer.bytes().capacity()).isZero();
    }

    @Test
    void sequentialReaderReadsLargerRangesFromTheNextLoadOn() throws IOException {
        CountedFile large = new CountedFile(1 << 20);
        buffer.look(large, 1 << 20);
        assertAt(0, 64, 1 << 20);
        buffer.widen();
        assertAt(0, 64, 1 << 20);
        assertThat(large.reads).isEqualTo(1);
        assertAt(64, 100, 1 << 20);
        assertThat(buffer.bytes().capacity()).isEqualTo(256 << 10);
        assertAt(300, 1000, 1 << 20);
        assertAt(64 + (256 << 10) - 1, 1, 1 << 20);
        assertThat(large.reads).isEqualTo(2);
    }

    @Test
    void memoryOfAPoolIsTakenWhenBytesAreLoadedAndReturnedOnRelease() throws IOException {
        ReadBufferPool pool = new ReadBufferPool();
        ReadBuffer first = new ReadBuffer(pool);
        ReadBuffer second = new ReadBuffer(pool);
        first.look(file, 1000);
        second.look(file, 1000);
        assertThat(first.at(7, 10)).isZero();
        ByteBuffer memory = first.bytes();
        first.release();
        assertThat(first.bytes().capacity()).isZero();
        assertThat(second.at(8, 10)).isZero();
        assertThat(second.bytes()).isSameAs(memory);
        assertThat(first.at(9, 10)).as("the file and the limit stay").isZero();
        assertThat(first.bytes()).isNotSameAs(memory);
        assertThat(first.bytes().get(0)).isEqualTo((byte) 9);
        assertThat(second.bytes().get(0)).isEqualTo((byte) 8);
    }

    @Test
    void bufferWithoutAPoolKeepsNoMemoryAfterRelease() throws IOException {
        buffer.look(file, 1000);
        assertAt(0, 10, 1000);
        buffer.release();
        assertThat(buffer.bytes().capacity()).isZero();
        assertAt(0, 10, 1000);
    }

    @Test
    void readOnlyViewHasTheSameBytes() throws IOException {
        buffer.look(file, 1000);
        int at = buffer.at(42, 4);
        assertThat(buffer.readOnly(at, 1).get(at)).isEqualTo((byte) 42);
        Assertions.assertThatThrownBy(() -> buffer.readOnly(at, 1).put(at, (byte) 0))
                .isInstanceOf(ReadOnlyBufferException.class);
    }

    @Test
    void bufferForAShortFileGrowsForALongOne() throws IOException {
        ReadBuffer ordinary = new ReadBuffer();
        ordinary.look(new CountedFile(9000), 0);
        at(ordinary, 0, 8, 9000);
        assertThat(ordinary.bytes().capacity()).isEqualTo(16 << 10);
        ordinary.look(new CountedFile(1 << 20), 0);
        at(ordinary, 0, 8, 1 << 20);
        assertThat(ordinary.bytes().capacity()).isEqualTo(64 << 10);
    }

    @Test
    void loadedBytesAreNotReadAgain() throws IOException {
        buffer.look(file, 1000);
        assertAt(100, 64, 164);
        int reads = file.reads;
        ByteBuffer bytes = buffer.bytes();
        assertAt(100, 64, 164);
        assertAt(100, 1, 164);
        assertAt(163, 1, 164);
        assertThat(file.reads).isEqualTo(reads);
        assertAt(300, 64, 364);
        assertThat(file.reads).isEqualTo(reads + 1);
        assertThat(buffer.bytes()).isSameAs(bytes);
    }

    @Test
    void bufferOverAShortFileIsAsSmallAsPossible() throws IOException {
        ReadBuffer large = new ReadBuffer();
        large.look(file, 1000);
        assertThat(at(large, 0, 8, 1000)).isZero();
        assertThat(large.bytes().capacity()).isEqualTo(4096);
        assertThat(at(large, 0, 8, 8192)).isZero();
        large.look(file, 1000);
        assertThat(at(large, 0, 8, 8192)).isZero();
        assertThat(large.bytes().capacity()).isEqualTo(8192);
        large.look(file, 1000);
        assertThat(at(large, 0, 8, 8200)).isZero();
        assertThat(large.bytes().capacity()).isEqualTo(16384);
    }
}
