package dev.holdfast.wal.segment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ReadBufferPoolTest {
    private final ReadBufferPool pool = new ReadBufferPool();
    private final TestSegment test = new TestSegment(8192);

    ReadBufferPoolTest() throws IOException {}

    /** Returns buffers that have loaded bytes. */
    private List<ReadBuffer> load(int count) throws IOException {
        List<ReadBuffer> buffers =
                Stream.generate(() -> new ReadBuffer(pool)).limit(count).toList();
        for (ReadBuffer buffer : buffers) {
            buffer.look(test.segment.acquire(), 8192);
            assertThat(buffer.at(0, 8)).isZero();
        }
        return buffers;
    }

    @Test
    void poolWithoutMemoryLendsNone() {
        assertThat(pool.take()).isSameAs(ReadBuffer.NONE);
    }

    @Test
    void memoryIsLentToOneBufferAtATime() throws IOException {
        ReadBuffer first = load(1).get(0);
        ByteBuffer memory = first.bytes();
        first.release();
        List<ReadBuffer> two = load(2);
        assertThat(two.get(0).bytes()).isSameAs(memory);
        assertThat(two.get(1).bytes()).isNotSameAs(memory);
    }

    @Test
    void releaseTwiceReturnsTheMemoryOnce() throws IOException {
        ReadBuffer buffer = load(1).get(0);
        buffer.release();
        buffer.release();
        assertThat(pool.take()).isNotSameAs(ReadBuffer.NONE);
        assertThat(pool.take()).isSameAs(ReadBuffer.NONE);
    }

    @Test
    void sixteenPiecesOfMemoryAreKept() throws IOException {
        for (int round = 0; round < 3; round++) {
            load(20).forEach(ReadBuffer::release);
            int kept = 0;
            for (ReadBuffer.Memory memory = pool.take(); memory != ReadBuffer.NONE; memory = pool.take()) {
                kept++;
            }
            assertThat(kept).isEqualTo(16);
        }
    }
}
