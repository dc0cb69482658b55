package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.wal.DiskFullException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.memory.MemoryLog;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class PipelineTest {
    private static final List<ByteBuffer> TWO_LINES =
            List.of(ByteBuffer.wrap(new byte[3]), ByteBuffer.wrap(new byte[4]));

    private final MemoryLog real = new MemoryLog();
    private final List<String> told = new ArrayList<>();

    @Test
    void acknowledgedBatchesAreReportedInOrder() throws IOException {
        Deque<CompletableFuture<Void>> acknowledgements = new ArrayDeque<>();
        Pipeline pipeline = pipeline(records -> {
            real.appendAsync(records).join();
            if (firstIdOf(records) == 1) {
                return CompletableFuture.completedFuture(null);
            }
            acknowledgements.add(new CompletableFuture<>());
            return acknowledgements.getLast();
        });
        pipeline.append(TWO_LINES);
        pipeline.append(TWO_LINES);
        pipeline.append(TWO_LINES);
        assertThat(told).containsExactly("1+2");
        assertThat(pipeline.acknowledged()).isEqualTo(new Acknowledged(1, 2, 7));

        acknowledgements.remove().complete(null);
        assertThat(told).containsExactly("1+2", "3+2");

        acknowledgements.remove().complete(null);
        pipeline.await();
        assertThat(told).containsExactly("1+2", "3+2", "5+2");
        assertThat(pipeline.acknowledged()).isEqualTo(new Acknowledged(1, 6, 21));
    }

    @Test
    void nothingIsAppendedAfterARefusedBatch() throws IOException {
        Pipeline pipeline = pipeline(records -> firstIdOf(records) == 3 ? refused() : real.appendAsync(records));
        pipeline.append(TWO_LINES);
        pipeline.append(TWO_LINES);

        assertThatThrownBy(() -> pipeline.append(TWO_LINES)).isInstanceOf(DiskFullException.class);
        assertThatThrownBy(pipeline::await).isInstanceOf(DiskFullException.class);
        assertThat(real.lastId()).hasValue(2);
        assertThat(told).containsExactly("1+2");
    }

    @Test
    void batchInFlightIsNotAppendedAfterTheBatchBeforeItIsRefused() throws IOException {
        CompletableFuture<Void> refusal = new CompletableFuture<>();
        Pipeline pipeline = pipeline(records -> {
            try {
                return firstIdOf(records) == 3 ? refusal : real.appendAsync(records);
            } finally {
                if (firstIdOf(records) == 5) {
                    refusal.completeExceptionally(new DiskFullException("no space", null));
                }
            }
        });
        pipeline.append(TWO_LINES);
        pipeline.append(TWO_LINES);

        assertThatThrownBy(() -> pipeline.append(TWO_LINES)).isInstanceOf(DiskFullException.class);
        assertThat(real.lastId()).hasValue(2);
    }

    @Test
    void firstBatchIsAwaitedBecauseAnEmptyLogAcceptsAnyId() {
        Pipeline pipeline = pipeline(records -> refused());

        assertThatThrownBy(() -> pipeline.append(TWO_LINES)).isInstanceOf(DiskFullException.class);
        assertThat(pipeline.acknowledged().records()).isZero();
    }

    @Test
    void failureOfTheListenerEndsThePipeline() throws IOException {
        Pipeline pipeline = new Pipeline(real, (firstId, records) -> {
            throw new IOException("the output is full");
        });

        assertThatThrownBy(() -> pipeline.append(TWO_LINES)).hasMessage("the output is full");
        assertThatThrownBy(() -> pipeline.append(TWO_LINES)).hasMessage("the output is full");
        assertThat(real.lastId()).hasValue(2);
    }

    private Pipeline pipeline(Function<List<LogRecord>, CompletableFuture<Void>> appendAsync) {
        Log log = (Log) Proxy.newProxyInstance(
                Log.class.getClassLoader(), new Class<?>[] {Log.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("appendAsync")) {
                        @SuppressWarnings("unchecked")
                        List<LogRecord> records = (List<LogRecord>) arguments[0];
                        return appendAsync.apply(records);
                    }
                    return method.invoke(real, arguments);
                });
        return new Pipeline(log, (firstId, records) -> told.add(firstId + "+" + records));
    }

    private static long firstIdOf(List<LogRecord> records) {
        return records.get(0).id();
    }

    private static CompletableFuture<Void> refused() {
        return CompletableFuture.failedFuture(new DiskFullException("no space", null));
    }
}
