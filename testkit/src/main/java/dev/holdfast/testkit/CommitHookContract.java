package dev.holdfast.testkit;

import static dev.holdfast.testkit.LogAssertions.assertHolds;
import static dev.holdfast.testkit.LogAssertions.shownFrom;
import static dev.holdfast.testkit.Running.interrupted;
import static dev.holdfast.testkit.Running.startAndAwaitBlocking;
import static dev.holdfast.testkit.Samples.buffer;
import static dev.holdfast.testkit.Samples.buffers;
import static dev.holdfast.testkit.Samples.bytes;
import static dev.holdfast.testkit.Samples.record;
import static dev.holdfast.testkit.Samples.records;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.holdfast.wal.CommitHook;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.memory.MemoryLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Contract tests of {@link CommitHook}: how often hooks run, in which order, on which threads, and which calls they may
 * make. {@link CommitHookErrorContract} tests hooks that throw.
 */
public interface CommitHookContract extends LogFixture {
    /** A hook that must not run. */
    CommitHook NEVER = id -> {
        throw new AssertionError("the hook of record " + id + " ran");
    };

    /** A hook that may throw a checked exception. */
    @FunctionalInterface
    interface Body {
        void run(long firstId) throws Exception;
    }

    private static CommitHook hook(Body body) {
        return id -> {
            try {
                body.run(id);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        };
    }

    private static void await(List<? extends CompletableFuture<?>> futures) throws Exception {
        CompletableFuture.allOf(futures.toArray(new CompletableFuture<?>[0])).get();
    }

    // number of runs

    @Test
    default void hookRunsOnceWithTheIdOfTheFirstRecord() throws Exception {
        List<Long> ran = Collections.synchronizedList(new ArrayList<>());
        inLog(
                log -> {
                    log.append(records(1, 2), ran::add);
                    assertThat(log.append(buffer(3), ran::add)).isEqualTo(3);
                    assertThat(log.appendAll(buffers(4, 6), ran::add)).isEqualTo(4);
                    assertThat(log.appendAsync(records(7, 8), ran::add).get()).isNull();
                    assertThat(log.appendAsync(buffer(9), ran::add).get()).isEqualTo(9);
                    assertThat(log.appendAllAsync(buffers(10, 12), ran::add).get())
                            .isEqualTo(10);
                    assertThat(ran).containsExactly(1L, 3L, 4L, 7L, 9L, 10L);
                    assertHolds(log, 1, 12);
                },
                log -> {
                    log.append(buffer(13), ran::add);
                    assertThat(ran).containsExactly(1L, 3L, 4L, 7L, 9L, 10L, 13L);
                    assertHolds(log, 1, 13);
                });
    }

    @Test
    default void hookOfAnEmptyListNeverRuns() throws Exception {
        inLog(log -> {
            log.append(List.of(), NEVER);
            assertThat(log.appendAll(List.of(), NEVER)).isEqualTo(1);
            log.appendAsync(List.of(), NEVER).get();
            assertThat(log.appendAllAsync(List.of(), NEVER).get()).isEqualTo(1);
            log.append(record(1));
            assertHolds(log, 1, 1);
        });
    }

    @Test
    @SuppressWarnings("NullAway") // tests callers that do not use NullAway
    default void hookOfARefusedAppendNeverRuns() throws Exception {
        inLog(log -> {
            log.append(records(1, 3));
            assertThatIllegalArgumentException().isThrownBy(() -> log.append(records(3, 4), NEVER));
            assertThatIllegalArgumentException().isThrownBy(() -> log.appendAsync(records(5, 6), NEVER));
            assertThatNullPointerException().isThrownBy(() -> log.append(buffer(4), null));
            assertThatNullPointerException().isThrownBy(() -> log.appendAsync(buffer(4), null));
            log.append(record(4));
            assertHolds(log, 1, 4);
        });
    }

    @Test
    default void hookOfAnAppendToAClosedLogNeverRuns() throws Exception {
        Log log = openLog();
        log.append(record(1));
        log.close();
        assertThatIllegalStateException().isThrownBy(() -> log.append(records(2, 2), NEVER));
        assertThatIllegalStateException().isThrownBy(() -> log.append(buffer(2), NEVER));
        assertThatIllegalStateException().isThrownBy(() -> log.appendAll(buffers(2, 3), NEVER));
        assertThatIllegalStateException().isThrownBy(() -> log.appendAsync(records(2, 2), NEVER));
        assertThatIllegalStateException().isThrownBy(() -> log.appendAsync(buffer(2), NEVER));
        assertThatIllegalStateException().isThrownBy(() -> log.appendAllAsync(buffers(2, 3), NEVER));
    }

    // order

    /**
     * Hooks of many threads add to one list without synchronization, because each hook happens-before the next hook.
     */
    @Test
    default void hooksOfManyThreadsRunOneAtATimeInIdOrder() throws Exception {
        List<Long> ran = new ArrayList<>();
        AtomicInteger running = new AtomicInteger();
        Set<Long> appended = ConcurrentHashMap.newKeySet();
        CommitHook hook = id -> {
            assertThat(running.incrementAndGet()).isEqualTo(1);
            ran.add(id);
            running.decrementAndGet();
        };
        inLog(log -> {
            List<Running> threads = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                boolean waits = i % 2 == 0;
                threads.add(Running.start(() -> {
                    for (int batch = 0; batch < 50; batch++) {
                        appended.add(waits ? log.append(buffer(1), hook) : appendAsyncAndGet(log, hook));
                        log.append(buffer(1));
                    }
                }));
            }
            for (Running thread : threads) {
                thread.join();
            }
        });
        assertThat(ran).isSorted().hasSize(300).containsExactlyInAnyOrderElementsOf(appended);
    }

    private static long appendAsyncAndGet(Log log, CommitHook hook) throws Exception {
        CompletableFuture<Long> first = log.appendAllAsync(buffers(1, 2), hook);
        log.appendAsync(buffer(1)).get();
        return first.get();
    }

    @Test
    default void recordsAreVisibleInTheirHook() throws Exception {
        inLog(log -> {
            CommitHook check = hook(id -> {
                assertThat(log.read(id)).contains(record(id));
                assertThat(log.read(id + 1)).contains(record(id + 1));
                assertThat(log.lastId().orElseThrow()).isGreaterThanOrEqualTo(id + 1);
                assertThat(log.nextId()).isGreaterThan(id + 1);
                try (LogCursor cursor = log.cursor(id)) {
                    LogAssertions.assertShows(cursor, id);
                    LogAssertions.assertShows(cursor, id + 1);
                }
            });
            List<CompletableFuture<?>> futures = new ArrayList<>();
            for (long id = 1; id <= 200; id += 4) {
                log.appendAll(buffers(id, id + 1), check);
                futures.add(log.appendAllAsync(buffers(id + 2, id + 3), check));
            }
            await(futures);
            assertHolds(log, 1, 200);
        });
    }

    @Test
    default void hookRunsBeforeItsAppendReturns() throws Exception {
        Set<Long> ran = ConcurrentHashMap.newKeySet();
        inLog(log -> {
            List<Running> threads = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                threads.add(Running.start(() -> {
                    for (int append = 0; append < 100; append++) {
                        assertThat(ran).contains(log.append(buffer(1), ran::add));
                    }
                }));
            }
            for (Running thread : threads) {
                thread.join();
            }
        });
        assertThat(ran).hasSize(800);
    }

    @Test
    default void hookRunsBeforeItsFutureCompletes() throws Exception {
        Set<Long> ran = ConcurrentHashMap.newKeySet();
        inLog(log -> {
            List<CompletableFuture<?>> checks = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                checks.add(log.appendAsync(buffer(1), ran::add)
                        .thenAccept(id -> assertThat(ran).contains(id)));
            }
            await(checks);
        });
        assertThat(ran).hasSize(500);
    }

    @Test
    default void appendDoesNotReturnWhileAnEarlierHookRuns() throws Exception {
        inLog(log -> {
            List<Running> later = new ArrayList<>();
            HeldHook held = HeldHook.of(log, id -> assertThat(later).noneMatch(Running::isDone));
            later.add(startAndAwaitBlocking(() -> log.append(buffer(2), id -> {})));
            later.add(startAndAwaitBlocking(() -> log.append(buffer(1))));
            held.release();
            for (Running append : later) {
                append.join();
            }
            assertThat(log.nextId()).isEqualTo(4);
        });
    }

    @Test
    default void truncateTrimAndResetWaitForTheHooksOfEarlierAppends() throws Exception {
        Map<String, Step> changes = new LinkedHashMap<>();
        changes.put("truncate", log -> log.truncate(-1));
        changes.put("trim", log -> log.trim(log.nextId() - 1));
        changes.put("reset", log -> log.reset(1));
        inLog(log -> {
            for (Map.Entry<String, Step> change : changes.entrySet()) {
                log.append(buffer(log.nextId()));
                long before = log.firstId().orElseThrow();
                HeldHook held = HeldHook.of(log, hook(id -> {
                    assertThat(log.firstId()).as(change.getKey()).hasValue(before);
                    assertThat(log.read(id)).as(change.getKey()).contains(record(id));
                }));
                Running changing = startAndAwaitBlocking(() -> change.getValue().run(log));
                held.release();
                changing.join();
                assertThat(log.firstId()).as(change.getKey()).isEmpty();
            }
        });
    }

    @Test
    default void closeWaitsForTheHooksOfEarlierAppends() throws Exception {
        inLog(
                log -> {
                    HeldHook held =
                            HeldHook.of(log, hook(id -> assertThat(log.read(id)).contains(record(id))));
                    Running closing = startAndAwaitBlocking(log::close);
                    held.release();
                    closing.join();
                },
                log -> {
                    if (persistent()) {
                        assertHolds(log, 1, 1);
                    }
                });
    }

    @Test
    default void hooksOfAsynchronousAppendsHaveRunWhenCloseReturns() throws Exception {
        List<Long> ran = new ArrayList<>();
        List<CompletableFuture<Long>> futures = new ArrayList<>();
        Log log = openLog();
        for (int i = 0; i < 100; i++) {
            futures.add(log.appendAsync(buffer(1), ran::add));
        }
        log.close();
        assertThat(ran)
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, 100).boxed().toList());
        assertThat(futures).allSatisfy(future -> assertThat(future.get()).isPositive());
    }

    @Test
    default void readersDoNotWaitForAHook() throws Exception {
        inLog(log -> {
            HeldHook held = HeldHook.of(log, id -> {});
            assertThat(log.read(held.id())).contains(record(held.id()));
            assertThat(log.lastId()).hasValue(held.id());
            assertThat(log.stats().lastId()).hasValue(held.id());
            try (LogCursor cursor = log.cursor(0)) {
                assertThat(cursor.next(Waiter.LONG)).isTrue();
                assertThat(cursor.next()).isFalse();
            }
            assertThat(held.hasReturned()).isFalse();
            held.release();
        });
    }

    // thread

    @Test
    default void interruptFlagIsClearedInAHookAndRestoredAfterIt() throws Exception {
        inLog(log -> {
            CommitHook check =
                    id -> assertThat(Thread.currentThread().isInterrupted()).isFalse();
            List<CompletableFuture<?>> futures = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                interrupted(() -> log.append(buffer(1), check));
                interrupted(() -> futures.add(log.appendAsync(buffer(1), check)));
            }
            await(futures);
        });
    }

    @Test
    default void interruptOfTheCallerDuringItsHookIsRemembered() throws Exception {
        inLog(log -> {
            Thread caller = Thread.currentThread();
            log.append(buffer(1), id -> caller.interrupt());
            assertThat(Thread.interrupted()).isTrue();
            log.append(buffer(2), id -> {});
            assertHolds(log, 1, 2);
        });
    }

    // reentrancy

    @Test
    default void hookMayRead() throws Exception {
        inLog(log -> {
            log.append(records(5, 6));
            CommitHook reads = hook(id -> {
                assertThat(log.firstId()).hasValue(5);
                assertThat(log.lastId().orElseThrow()).isGreaterThanOrEqualTo(id);
                assertThat(log.nextId()).isGreaterThan(id);
                assertThat(log.lastDurableId()).isPresent();
                assertThat(log.read(5)).contains(record(5));
                assertThat(log.read(5, 2, 1000)).isEqualTo(records(5, 6));
                assertThat(log.stats().appendedRecords()).isGreaterThanOrEqualTo(3);
                assertThat(shownFrom(log, 5)).hasSizeGreaterThanOrEqualTo(3);
            });
            log.append(buffer(7), reads);
            log.appendAsync(buffer(8), reads).get();
        });
    }

    @Test
    default void hookMustNotChangeItsLogOrWaitForARecord() throws Exception {
        inLog(
                log -> {
                    log.append(records(1, 3));
                    CommitHook calls = hook(id -> assertEveryForbiddenCallIsRefused(log));
                    log.append(buffer(4), calls);
                    log.appendAsync(buffer(5), calls).get();
                    assertHolds(log, 1, 5);
                    log.append(record(6));
                    log.sync();
                    assertHolds(log, 1, 6);
                },
                log -> assertHolds(log, 1, 6));
    }

    private static void assertEveryForbiddenCallIsRefused(Log log) throws IOException {
        long next = log.nextId();
        List<Step> forbidden = List.of(
                any -> log.append(record(next)),
                any -> log.append(records(next, next)),
                any -> log.append(buffer(1)),
                any -> log.append(bytes(1)),
                any -> log.appendAll(buffers(1, 2)),
                any -> log.appendAsync(records(next, next)).get(),
                any -> log.appendAsync(buffer(1)).get(),
                any -> log.appendAllAsync(buffers(1, 2)).get(),
                any -> log.append(records(next, next), NEVER),
                any -> log.append(buffer(1), NEVER),
                any -> log.appendAll(buffers(1, 2), NEVER),
                any -> log.appendAsync(records(next, next), NEVER).get(),
                any -> log.appendAsync(buffer(1), NEVER).get(),
                any -> log.appendAllAsync(buffers(1, 2), NEVER).get(),
                any -> log.truncate(1),
                any -> log.trim(1),
                any -> log.reset(1),
                any -> log.sync(),
                any -> log.close());
        for (Step call : forbidden) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> call.run(log))
                    .withMessageContaining("commit hook")
                    .withMessageContaining("Nothing was changed");
        }
        try (LogCursor cursor = log.cursor(1)) {
            assertThatIllegalStateException().isThrownBy(() -> cursor.next(Waiter.LONG));
            assertThatIllegalStateException().isThrownBy(() -> cursor.next(Duration.ZERO));
            LogAssertions.assertShows(cursor, 1);
        }
    }

    @Test
    default void hookMayAppendToAnotherLogButNotInACycle() throws Exception {
        List<Long> applied = new ArrayList<>();
        inLog(log -> {
            try (MemoryLog other = new MemoryLog()) {
                CommitHook back = id -> {
                    applied.add(id);
                    assertThatIllegalStateException().isThrownBy(() -> other.append(buffer(1)));
                };
                CommitHook copy = hook(id -> {
                    assertThat(other.append(buffer(id), back)).isEqualTo(id);
                    assertThatIllegalStateException().isThrownBy(() -> log.append(buffer(1)));
                });
                for (long id = 1; id <= 20; id += 2) {
                    log.append(buffer(id), copy);
                    log.appendAsync(buffer(id + 1), copy).get();
                }
                assertHolds(other, 1, 20);
            }
            assertHolds(log, 1, 20);
        });
        assertThat(applied).hasSize(20);
    }

    @Test
    default void continuationMayAppendWithAHook() throws Exception {
        List<Long> ran = Collections.synchronizedList(new ArrayList<>());
        inLog(log -> {
            HeldContinuation held = HeldContinuation.of(log);
            CompletableFuture<Long> second =
                    log.appendAsync(buffer(1), ran::add).thenCompose(id -> log.appendAsync(buffer(2), ran::add));
            held.release();
            assertThat(second.get()).isEqualTo(log.nextId() - 1);
            assertThat(ran).hasSize(2);
        });
    }
}
