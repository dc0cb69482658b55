package dev.holdfast.wal.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.wal.ids.TruncationHistory;
import dev.holdfast.wal.segment.Segment;
import dev.holdfast.wal.segment.TestSegment;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CatalogHolderTest {
    private static final long FOREVER = Long.MAX_VALUE;

    private final AtomicReference<Thread> waiter = new AtomicReference<>();
    private Segment segment;
    private Catalog first;
    private CatalogHolder published;

    @BeforeEach
    void publish() throws IOException {
        segment = new TestSegment(8192).segment;
        first = new Catalog(List.of(segment), 100, 99, 4096, TruncationHistory.NONE);
        published = new CatalogHolder(first);
    }

    /**
     * Starts a thread that waits for {@code ready} and returns its result. The thread waits when this method returns.
     */
    private CompletableFuture<Long> waiting(BooleanSupplier ready) {
        CompletableFuture<Long> left = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                left.complete(published.await(ready, FOREVER));
            } catch (InterruptedException | RuntimeException e) {
                left.completeExceptionally(e);
            }
        });
        waiter.set(thread);
        thread.setDaemon(true);
        thread.start();
        await().until(() -> thread.getState() == Thread.State.TIMED_WAITING);
        return left;
    }

    @Test
    void firstCatalogIsReturnedUntilAnotherIsPublished() {
        assertThat(published.catalog()).isSameAs(first);
        Catalog next = new Catalog(List.of(segment), 100, 99, 4096, TruncationHistory.NONE);
        published.show(next);
        assertThat(published.catalog()).isSameAs(next);
    }

    @Test
    void advanceMovesTheEndOfTheSameCatalog() {
        published.advance(103, 5000);
        assertThat(published.catalog()).isSameAs(first);
        assertThat(first.lastId()).isEqualTo(103);
        assertThat(first.limit(segment)).isEqualTo(5000);
    }

    @Test
    void advanceWakesWaitingReaders() {
        CompletableFuture<Long> left = waiting(() -> published.catalog().lastId() == 100);
        published.advance(100, 5000);
        assertThat(left.join()).isPositive().isLessThan(FOREVER);
    }

    @Test
    void newCatalogWakesWaitingReaders() {
        CompletableFuture<Long> left = waiting(() -> published.catalog() != first);
        published.show(new Catalog(List.of(segment), 100, 99, 4096, TruncationHistory.NONE));
        assertThat(left.join()).isPositive();
    }

    @Test
    void closeWakesWaitingReaders() {
        assertThat(published.isClosed()).isFalse();
        CompletableFuture<Long> left = waiting(published::isClosed);
        published.close();
        assertThat(published.isClosed()).isTrue();
        assertThat(left.join()).isPositive();
    }

    @Test
    void spuriousWakeUpContinuesTheWait() {
        AtomicBoolean ready = new AtomicBoolean();
        AtomicBoolean asked = new AtomicBoolean();
        CompletableFuture<Long> left = waiting(() -> {
            asked.set(true);
            return ready.get();
        });
        asked.set(false);
        published.wake();
        await().untilTrue(asked);
        assertThat(left).isNotDone();
        ready.set(true);
        published.wake();
        assertThat(left.join()).isPositive();
    }

    @Test
    void conditionThatHoldsDoesNotWait() throws InterruptedException {
        assertThat(published.await(() -> true, 17)).isEqualTo(17);
        assertThat(published.await(() -> true, 0)).isZero();
    }

    @Test
    void waitEndsWhenTheTimeIsUp() throws InterruptedException {
        assertThat(published.await(() -> false, 1)).isLessThanOrEqualTo(0);
        assertThat(published.await(() -> false, 0)).isZero();
    }

    @Test
    void interruptEndsTheWaitAndNothingElse() {
        CompletableFuture<Long> left = waiting(() -> false);
        waiter.get().interrupt();
        assertThatThrownBy(left::join).hasCauseInstanceOf(InterruptedException.class);
        CompletableFuture<Long> next = waiting(() -> published.catalog().lastId() == 100);
        published.advance(100, 5000);
        assertThat(next.join()).isPositive();
    }

    @Test
    void lockIsFreeAfterAWait() throws InterruptedException {
        published.await(() -> true, 1);
        CompletableFuture<Long> left = waiting(published::isClosed);
        published.close();
        assertThat(left.join()).isPositive();
    }

    @Test
    void lockIsFreeAfterAWakeUp() {
        CompletableFuture<Long> left = waiting(published::isClosed);
        published.wake();
        CompletableFuture<Void> closed = CompletableFuture.runAsync(published::close);
        assertThat(left.join()).isPositive();
        closed.join();
    }
}
