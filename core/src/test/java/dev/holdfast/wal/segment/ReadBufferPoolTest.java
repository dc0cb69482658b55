package dev.holdfast.wal.segment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ReadBufferPoolTest {
    private final ReadBufferPool windows = new ReadBufferPool();

    private List<ReadBuffer> take(int count) {
        return Stream.generate(windows::take).limit(count).toList();
    }

    @Test
    void returnedBufferIsLentAgain() {
        ReadBuffer window = windows.take();
        assertThat(windows.take()).isNotSameAs(window);
        windows.give(window);
        assertThat(windows.take()).isSameAs(window);
    }

    @Test
    void returningNullKeepsNothing() {
        windows.give(null);
        assertThat(windows.take()).isNotNull();
    }

    @Test
    void sixteenBuffersAreKept() {
        List<ReadBuffer> many = take(20);
        for (int round = 0; round < 3; round++) {
            many.forEach(windows::give);
            Set<ReadBuffer> again = new HashSet<>(take(20));
            again.retainAll(new HashSet<>(many));
            assertThat(again).hasSize(16);
            many = again.stream().toList();
            many = Stream.concat(many.stream(), take(4).stream()).toList();
        }
    }
}
