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
    private final ReadBuffer window = new ReadBuffer(64);
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

    private void assertAt(long offset, int length, long limit) throws IOException {
        int at = window.at(offset, length, limit);
        assertThat(at).isNotNegative();
        for (int i = 0; i < length; i++) {
            assertThat(window.buffer().get(at + i)).isEqualTo((byte) ((offset + i) % 251));
        }
    }

    @Test
    void bufferWithoutAFileHasNoBytes() throws IOException {
        assertThat(window.at(0, 1, 100)).isEqualTo(-1);
        window.look(null);
        assertThat(window.at(0, 1, 100)).isEqualTo(-1);
    }

    @Test
    void requestedBytesAreLoaded() throws IOException {
        window.look(file);
        assertAt(0, 64, 1000);
        assertAt(500, 10, 1000);
        assertAt(999, 1, 1000);
        assertAt(3, 5, 1000);
    }

    @Test
    void bytesReadAheadAreNotReadAgain() throws IOException {
        window.look(file);
        assertAt(100, 10, 1000);
        assertAt(110, 54, 1000);
        assertAt(163, 1, 1000);
        assertThat(file.reads).isEqualTo(1);
        assertAt(164, 1, 1000);
        assertThat(file.reads).isEqualTo(2);
    }

    @Test
    void bytesAfterTheLimitAreNeverRead() throws IOException {
        window.look(file);
        assertAt(100, 10, 120);
        assertThat(file.furthest).isEqualTo(120);
        assertThat(window.at(115, 6, 120)).isEqualTo(-1);
        assertAt(115, 6, 121);
        assertThat(file.furthest).isEqualTo(121);
    }

    @Test
    void fileMayEndBeforeTheLimit() throws IOException {
        window.look(file);
        assertThat(window.at(995, 6, 5000)).isEqualTo(-1);
        assertThat(window.at(2000, 1, 5000)).isEqualTo(-1);
        assertAt(995, 5, 5000);
    }

    @Test
    void lookDiscardsTheBytesReadBefore() throws IOException {
        window.look(file);
        assertAt(0, 10, 1000);
        window.look(file);
        assertAt(0, 10, 1000);
        assertThat(file.reads).isEqualTo(2);
    }

    @Test
    void bufferGrowsOnlyToTheRequestedLength() throws IOException {
        window.look(file);
        assertAt(0, 300, 1000);
        assertThat(window.buffer().capacity()).isEqualTo(300);
        assertAt(0, 64, 1000);
        assertThat(window.buffer().capacity()).isEqualTo(300);
        assertThat(window.buffer().order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
        assertThat(window.buffer().isDirect()).isTrue();
    }

    @Test
    void bufferDoesNotGrowForBytesAfterTheLimit() throws IOException {
        window.look(file);
        assertThat(window.at(0, Integer.MAX_VALUE, 1000)).isEqualTo(-1);
        assertThat(window.buffer().capacity()).isZero();
    }

    @Test
    void widensOnce() throws IOException {
        window.look(file);
        window.widen();
        ByteBuffer wide = window.buffer();
        assertThat(wide.capacity()).isEqualTo(256 << 10);
        window.widen();
        assertThat(window.buffer()).isSameAs(wide);
        assertAt(0, 1000, 1000);
    }

    @Test
    void readOnlyViewHasTheSameBytes() throws IOException {
        window.look(file);
        int at = window.at(42, 4, 1000);
        assertThat(window.readOnly(at, 1).get(at)).isEqualTo((byte) 42);
        Assertions.assertThatThrownBy(() -> window.readOnly(at, 1).put(at, (byte) 0))
                .isInstanceOf(ReadOnlyBufferException.class);
    }

    @Test
    void bufferForAShortFileGrowsForALongOne() throws IOException {
        ReadBuffer ordinary = new ReadBuffer();
        ordinary.look(new CountedFile(9000));
        ordinary.at(0, 8, 9000);
        assertThat(ordinary.buffer().capacity()).isEqualTo(16 << 10);
        ordinary.look(new CountedFile(1 << 20));
        ordinary.at(0, 8, 1 << 20);
        assertThat(ordinary.buffer().capacity()).isEqualTo(64 << 10);
    }

    @Test
    void loadedBytesAreNotReadAgain() throws IOException {
        window.look(file);
        assertAt(100, 64, 164);
        int reads = file.reads;
        ByteBuffer buffer = window.buffer();
        assertAt(100, 64, 164);
        assertAt(100, 1, 164);
        assertAt(163, 1, 164);
        assertThat(file.reads).isEqualTo(reads);
        assertAt(300, 64, 364);
        assertThat(file.reads).isEqualTo(reads + 1);
        assertThat(window.buffer()).isSameAs(buffer);
    }

    @Test
    void bufferOverAShortFileIsAsSmallAsPossible() throws IOException {
        ReadBuffer large = new ReadBuffer();
        large.look(file);
        assertThat(large.at(0, 8, 1000)).isZero();
        assertThat(large.buffer().capacity()).isEqualTo(4096);
        assertThat(large.at(0, 8, 8192)).isZero();
        large.look(file);
        assertThat(large.at(0, 8, 8192)).isZero();
        assertThat(large.buffer().capacity()).isEqualTo(8192);
        large.look(file);
        assertThat(large.at(0, 8, 8200)).isZero();
        assertThat(large.buffer().capacity()).isEqualTo(16384);
    }
}
