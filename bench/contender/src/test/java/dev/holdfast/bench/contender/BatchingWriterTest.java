package dev.holdfast.bench.contender;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BatchingWriterTest {
    private static final int CALLERS = 16;
    private static final int CALLS = 200;

    @Test
    void recordsThatArriveDuringAWriteFormTheNextBatch() throws Exception {
        List<Integer> batches = new ArrayList<>();
        CountDownLatch writing = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        try (BatchingWriter writer = new BatchingWriter(batch -> {
            batches.add(batch.size());
            writing.countDown();
            goOn.await();
        })) {
            ExecutorService first = Executors.newSingleThreadExecutor();
            Future<?> call = first.submit(() -> {
                writer.append(ByteBuffer.allocate(1));
                return null;
            });
            writing.await();
            CountDownLatch acknowledged = new CountDownLatch(CALLERS);
            for (int i = 0; i < CALLERS; i++) {
                writer.appendAsync(ByteBuffer.allocate(1), failure -> acknowledged.countDown());
            }
            goOn.countDown();
            call.get(1, TimeUnit.MINUTES);
            assertThat(acknowledged.await(1, TimeUnit.MINUTES)).isTrue();
            first.shutdown();
        }

        assertThat(batches).containsExactly(1, CALLERS);
    }

    @Test
    void everyCallReturnsOnceItsRecordIsWritten() throws Exception {
        List<ByteBuffer> written = new ArrayList<>();
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
        try (BatchingWriter writer = new BatchingWriter(written::addAll)) {
            List<Future<?>> calls = new ArrayList<>();
            for (int caller = 0; caller < CALLERS; caller++) {
                calls.add(callers.submit(() -> {
                    for (int i = 0; i < CALLS; i++) {
                        writer.append(ByteBuffer.allocate(1));
                    }
                    return null;
                }));
            }
            for (Future<?> call : calls) {
                call.get(1, TimeUnit.MINUTES);
            }
        } finally {
            callers.shutdownNow();
        }

        assertThat(written).hasSize(CALLERS * CALLS);
    }

    @Test
    void failureOfAWriteIsReportedToTheCaller() throws Exception {
        try (BatchingWriter writer = new BatchingWriter(batch -> {
            throw new IOException("the disk is gone");
        })) {
            assertThatThrownBy(() -> writer.append(ByteBuffer.allocate(1))).hasRootCauseMessage("the disk is gone");
        }
    }
}
