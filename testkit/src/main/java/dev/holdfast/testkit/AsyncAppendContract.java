package dev.holdfast.testkit;

import static dev.holdfast.testkit.LogAssertions.assertHolds;
import static dev.holdfast.testkit.Samples.buffer;
import static dev.holdfast.testkit.Samples.buffers;
import static dev.holdfast.testkit.Samples.record;
import static dev.holdfast.testkit.Samples.records;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Contract tests of asynchronous appends and of the threads that run the continuations of their futures. */
public interface AsyncAppendContract extends LogFixture {
    @Test
    default void futureOfARecordReturnsItsId() throws Exception {
        inLog(
                log -> {
                    assertThat(log.appendAsync(buffer(1)).get()).isEqualTo(1);
                    assertThat(log.appendAsync(buffer(2)).get()).isEqualTo(2);
                    assertThat(log.appendAsync(Samples.bytes(3)).get()).isEqualTo(3);
                    assertHolds(log, 1, 3);
                },
                log -> assertHolds(log, 1, 3));
    }

    @Test
    default void futureOfABatchReturnsTheIdOfItsFirstRecord() throws Exception {
        inLog(log -> {
            assertThat(log.appendAsync(records(5, 7)).get()).isNull();
            assertThat(log.appendAllAsync(buffers(8, 10)).get()).isEqualTo(8);
            assertHolds(log, 5, 10);
        });
    }

    @Test
    default void recordIsReadableOnceItsFutureIsComplete() throws Exception {
        inLog(log -> {
            for (long id = 1; id <= 50; id++) {
                log.appendAsync(buffer(id)).get();
                assertThat(log.lastId()).hasValue(id);
                assertThat(log.read(id)).contains(record(id));
            }
        });
    }

    @Test
    default void everyFutureCompletesEvenIfNoCallerWaits() throws Exception {
        inLog(
                log -> {
                    List<CompletableFuture<?>> futures = new ArrayList<>();
                    for (long id = 1; id <= 300; id += 3) {
                        futures.add(log.appendAsync(buffer(id)));
                        futures.add(log.appendAllAsync(buffers(id + 1, id + 1)));
                        futures.add(log.appendAsync(records(id + 2, id + 2)));
                    }
                    allOf(futures).get();
                    assertHolds(log, 1, 300);
                },
                log -> assertHolds(log, 1, 300));
    }

    private static CompletableFuture<Void> allOf(List<CompletableFuture<?>> futures) {
        return CompletableFuture.allOf(futures.toArray(new CompletableFuture<?>[0]));
    }

    @Test
    default void futuresCompleteInTheOrderOfTheirIds() throws Exception {
        inLog(log -> {
            Queue<Long> completed = new ConcurrentLinkedQueue<>();
            List<CompletableFuture<?>> checks = new ArrayList<>();
            CompletableFuture<?> before = CompletableFuture.completedFuture(null);
            for (int i = 0; i < 500; i++) {
                CompletableFuture<?> previous = before;
                CompletableFuture<Long> future = log.appendAsync(buffer(i + 1));
                checks.add(future.thenAccept(id -> {
                    assertThat(previous).isDone();
                    completed.add(id);
                }));
                before = future;
            }
            allOf(checks).get();
            assertThat(completed)
                    .containsExactlyElementsOf(
                            LongStream.rangeClosed(1, 500).boxed().toList());
        });
    }

    @Test
    default void bytesMayChangeOnceAppendAsyncHasReturned() throws Exception {
        inLog(
                log -> {
                    List<CompletableFuture<?>> futures = new ArrayList<>();
                    ByteBuffer reused = ByteBuffer.allocateDirect(1);
                    for (int i = 0; i < 60; i += 3) {
                        futures.add(log.appendAsync(reused.put(0, (byte) i)));
                        futures.add(log.appendAllAsync(List.of(reused.put(0, (byte) (i + 1)))));
                        futures.add(log.appendAsync(List.of(LogRecord.wrap(i + 3, reused.put(0, (byte) (i + 2))))));
                    }
                    allOf(futures).get();
                    assertThat(reused.position()).isZero();
                },
                log -> {
                    for (int i = 0; i < 60; i++) {
                        assertThat(log.read(i + 1)).contains(LogRecord.of(i + 1, new byte[] {(byte) i}));
                    }
                });
    }

    @Test
    default void explicitIdsFollowPendingAppends() throws Exception {
        inLog(
                log -> {
                    List<CompletableFuture<?>> futures = new ArrayList<>();
                    for (long id = 20; id < 220; id += 2) {
                        futures.add(log.appendAsync(records(id, id + 1)));
                        long taken = id;
                        assertThatIllegalArgumentException()
                                .isThrownBy(() -> log.appendAsync(records(taken + 1, taken + 1)));
                        assertThatIllegalArgumentException()
                                .isThrownBy(() -> log.appendAsync(records(taken + 3, taken + 3)));
                    }
                    allOf(futures).get();
                },
                log -> assertHolds(log, 20, 219));
    }

    @Test
    default void appendWaitsForTheAppendsBeforeIt() throws Exception {
        inLog(log -> {
            CompletableFuture<Long> before = log.appendAsync(buffer(1));
            assertThat(log.append(buffer(2))).isEqualTo(2);
            assertHolds(log, 1, 2);
            assertThat(before.get()).isEqualTo(1);
        });
    }

    @Test
    default void cancellingAFutureDoesNotCancelTheAppend() throws Exception {
        inLog(
                log -> {
                    HeldContinuation held = HeldContinuation.of(log);
                    long id = held.id() + 1;
                    CompletableFuture<Long> cancelled = log.appendAsync(buffer(id));
                    CompletableFuture<Long> after = log.appendAsync(buffer(id + 1));
                    cancelled.cancel(true);
                    held.release();
                    assertThat(after.get()).isEqualTo(id + 1);
                    assertThat(log.append(buffer(id + 2))).isEqualTo(id + 2);
                    assertHolds(log, 1, id + 2);
                },
                log -> assertThat(log.read(log.nextId() - 3)).contains(record(log.nextId() - 3)));
    }

    // continuations

    @Test
    default void continuationRunsOnADaemonThreadOfTheLog() throws Exception {
        inLog(log -> {
            Thread thread = HeldContinuation.of(log).release();
            assertThat(thread).isNotSameAs(Thread.currentThread());
            assertThat(thread.isDaemon()).isTrue();
        });
    }

    @Test
    default void logWorksWhileAContinuationRuns() throws Exception {
        inLog(log -> {
            HeldContinuation held = HeldContinuation.of(log);
            useEveryMethodButClose(log);
            held.release();
        });
    }

    @Test
    default void continuationMayCallEveryMethod() throws Exception {
        inLog(log -> {
            HeldContinuation held = HeldContinuation.of(log);
            CompletableFuture<Void> continuation =
                    log.appendAsync(buffer(1)).thenAccept(id -> useEveryMethodButClose(log));
            held.release();
            continuation.get();
        });
    }

    private static void useEveryMethodButClose(Log log) {
        try (LogCursor cursor = log.cursor(0)) {
            long id = log.append(buffer(1)) + 1;
            log.append(record(id));
            log.appendAll(buffers(id + 1, id + 2));
            CompletableFuture<Void> last = log.appendAsync(records(id + 3, id + 4));
            log.sync();
            assertThat(cursor.next()).isTrue();
            assertThat(log.read(id)).contains(record(id));
            assertThat(log.firstId()).isPresent();
            assertThat(log.lastId()).hasValue(id + 4);
            assertThat(log.stats().nextId()).isEqualTo(id + 5);
            assertThat(last).isNotCancelled();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    default void continuationMayCloseTheLog() throws Exception {
        inLog(log -> {
            HeldContinuation held = HeldContinuation.of(log);
            CompletableFuture<Void> continuation = log.appendAsync(buffer(1)).thenAccept(id -> close(log));
            CompletableFuture<Long> after = log.appendAsync(buffer(2));
            held.release();
            continuation.get();
            assertThat(after.get()).isNotNull();
        });
    }

    private static void close(Log log) {
        try {
            log.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    default void throwingContinuationDoesNotAffectOthers() throws Exception {
        inLog(log -> {
            HeldContinuation held = HeldContinuation.of(log);
            CompletableFuture<Void> throwing = log.appendAsync(buffer(1)).thenAccept(id -> {
                throw new IllegalStateException("thrown by a continuation");
            });
            CompletableFuture<Long> after = log.appendAsync(buffer(2));
            held.release();
            assertThat(after.get()).isEqualTo(log.nextId() - 1);
            assertThat(throwing).isCompletedExceptionally();
            log.append(buffer(3));
        });
    }
}
