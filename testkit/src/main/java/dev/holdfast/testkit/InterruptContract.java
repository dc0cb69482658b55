package dev.holdfast.testkit;

import static dev.holdfast.testkit.LogAssertions.assertHolds;
import static dev.holdfast.testkit.LogAssertions.assertShows;
import static dev.holdfast.testkit.LogAssertions.assertShowsNothingNow;
import static dev.holdfast.testkit.LogAssertions.readRange;
import static dev.holdfast.testkit.LogAssertions.shownFrom;
import static dev.holdfast.testkit.Running.hammered;
import static dev.holdfast.testkit.Running.interrupted;
import static dev.holdfast.testkit.Samples.buffer;
import static dev.holdfast.testkit.Samples.buffers;
import static dev.holdfast.testkit.Samples.bytes;
import static dev.holdfast.testkit.Samples.record;
import static dev.holdfast.testkit.Samples.records;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/**
 * Contract tests of interrupts: an interrupt neither ends a call nor harms the log, and the thread's interrupt flag
 * stays set.
 */
public interface InterruptContract extends LogFixture {
    @Test
    default void interruptedThreadAppends() throws Exception {
        inLog(
                log -> {
                    interrupted(() -> log.append(record(1)));
                    interrupted(() -> log.append(records(2, 3)));
                    interrupted(() -> log.append(buffer(4)));
                    interrupted(() -> log.append(bytes(5)));
                    interrupted(() -> log.appendAll(buffers(6, 7)));
                    assertHolds(log, 1, 7);
                    log.append(record(8));
                },
                log -> assertHolds(log, 1, 8));
    }

    @Test
    default void interruptedThreadAppendsAsynchronously() throws Exception {
        inLog(
                log -> {
                    List<CompletableFuture<?>> futures = new ArrayList<>();
                    interrupted(() -> futures.add(log.appendAsync(buffer(1))));
                    interrupted(() -> futures.add(log.appendAllAsync(buffers(2, 3))));
                    interrupted(() -> futures.add(log.appendAsync(records(4, 5))));
                    for (CompletableFuture<?> future : futures) {
                        future.get();
                    }
                },
                log -> assertHolds(log, 1, 5));
    }

    @Test
    default void interruptedThreadReads() throws Exception {
        inLog(log -> log.append(records(1, 300)), log -> {
            interrupted(() -> assertThat(log.read(1)).contains(record(1)));
            interrupted(() -> assertThat(readRange(log, 1, 300)).isEqualTo(records(1, 300)));
            interrupted(() -> assertThat(shownFrom(log, 1)).isEqualTo(records(1, 300)));
            assertHolds(log, 1, 300);
            log.append(record(301));
        });
    }

    @Test
    default void cursorContinuesAfterAnInterruptedNext() throws Exception {
        inLog(log -> log.append(records(1, 300)), log -> {
            try (LogCursor cursor = log.cursor(1)) {
                for (long id = 1; id <= 300; id += 2) {
                    assertShows(cursor, id);
                    long following = id + 1;
                    interrupted(() -> assertShows(cursor, following));
                }
                interrupted(() -> assertShowsNothingNow(cursor));
                log.append(record(301));
                assertShows(cursor, 301);
            }
        });
    }

    @Test
    default void interruptedThreadReadsIdsAndSyncs() throws Exception {
        inLog(log -> {
            log.append(records(1, 2));
            interrupted(log::sync);
            interrupted(log::firstId);
            interrupted(log::lastId);
            interrupted(log::nextId);
            interrupted(log::stats);
            interrupted(() -> log.cursor(1).close());
            log.append(record(3));
            assertHolds(log, 1, 3);
        });
    }

    @Test
    default void interruptedThreadCloses() throws Exception {
        inLog(
                log -> log.append(records(1, 300)),
                log -> {
                    if (persistent()) {
                        interrupted(log::close);
                    }
                },
                log -> assertHolds(log, 1, 300));
    }

    @Test
    default void interruptedThreadOpens() throws Exception {
        Log[] opened = new Log[1];
        interrupted(() -> opened[0] = openLog());
        try (Log log = opened[0]) {
            log.append(records(1, 3));
            assertHolds(log, 1, 3);
        }
        if (persistent()) {
            interrupted(() -> opened[0] = openLog());
            try (Log log = opened[0]) {
                assertHolds(log, 1, 3);
            }
        }
    }

    @Test
    default void appendsOfAConstantlyInterruptedThreadAreKept() throws Exception {
        inLog(
                log -> {
                    hammered(() -> {
                        for (long id = 1; id <= 300; id++) {
                            log.append(record(id));
                        }
                    });
                    log.append(record(301));
                },
                log -> assertHolds(log, 1, 301));
    }

    @Test
    default void readsOfAConstantlyInterruptedThreadAreCorrect() throws Exception {
        inLog(log -> log.append(records(1, 300)), log -> {
            hammered(() -> {
                for (int round = 0; round < 3; round++) {
                    assertThat(shownFrom(log, 1)).isEqualTo(records(1, 300));
                    assertThat(readRange(log, 1, 300)).isEqualTo(records(1, 300));
                }
            });
            assertHolds(log, 1, 300);
        });
    }

    @Test
    default void otherThreadsWorkWhileOneIsConstantlyInterrupted() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        inLog(
                log -> {
                    log.append(records(1, 300));
                    Running others = Running.start(() -> {
                        for (long id = 301; id <= 500; id++) {
                            log.append(record(id));
                            assertThat(log.read(id - 300)).contains(record(id - 300));
                        }
                        done.set(true);
                    });
                    hammered(() -> {
                        while (!done.get()) {
                            assertThat(log.read(log.lastId().orElseThrow())).isPresent();
                            log.sync();
                        }
                    });
                    others.join();
                },
                log -> assertHolds(log, 1, 500));
    }
}
