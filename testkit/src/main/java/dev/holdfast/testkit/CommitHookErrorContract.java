package dev.holdfast.testkit;

import static dev.holdfast.testkit.LogAssertions.assertHolds;
import static dev.holdfast.testkit.Samples.buffer;
import static dev.holdfast.testkit.Samples.buffers;
import static dev.holdfast.testkit.Samples.records;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.wal.CommitHook;
import dev.holdfast.wal.CommitHookException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

/** Contract tests of a {@link CommitHook} that throws: its error reaches only the caller of its own append. */
public interface CommitHookErrorContract extends LogFixture {
    private static void await(List<? extends CompletableFuture<?>> futures) throws Exception {
        CompletableFuture.allOf(futures.toArray(new CompletableFuture<?>[0])).get();
    }

    @Test
    default void throwingHookFailsOnlyItsAppend() throws Exception {
        List<Throwable> errors = List.of(
                new IllegalArgumentException("thrown by a hook"),
                new AssertionError("thrown by a hook"),
                new OutOfMemoryError("thrown by a hook"),
                new StackOverflowError("thrown by a hook"),
                new IOException("thrown by a hook"));
        List<Long> ran = Collections.synchronizedList(new ArrayList<>());
        inLog(
                log -> {
                    for (Throwable error : errors) {
                        assertThatAppendFailsWith(
                                error,
                                log.nextId(),
                                () -> log.appendAll(buffers(log.nextId(), log.nextId() + 1), id -> sneak(error)));
                        assertThat(log.append(buffer(log.nextId()), ran::add)).isEqualTo(log.nextId() - 1);
                    }
                    assertThat(ran).containsExactly(3L, 6L, 9L, 12L, 15L);
                    assertHolds(log, 1, 15);
                },
                log -> assertHolds(log, 1, 15));
    }

    private static void assertThatAppendFailsWith(Throwable error, long firstId, Running.Task append) {
        assertThatThrownBy(append::run).isInstanceOfSatisfying(CommitHookException.class, e -> {
            assertThat(e.getCause()).isSameAs(error);
            assertThat(e.firstId()).isEqualTo(firstId);
            assertThat(e).hasMessageContaining("record " + firstId);
        });
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // throws checked exceptions unchanged
    private static <E extends Throwable> void sneak(Throwable error) throws E {
        throw (E) error;
    }

    @Test
    default void throwingHookFailsOnlyItsFuture() throws Exception {
        inLog(
                log -> {
                    Error error = new Error("thrown by a hook");
                    List<CompletableFuture<?>> failing = new ArrayList<>();
                    List<CompletableFuture<?>> others = new ArrayList<>();
                    for (long id = 1; id <= 100; id += 2) {
                        failing.add(log.appendAsync(records(id, id), first -> sneak(error)));
                        others.add(log.appendAsync(buffer(id + 1), first -> {}));
                    }
                    await(others);
                    for (int i = 0; i < failing.size(); i++) {
                        Throwable thrown = catchThrowableOfType(ExecutionException.class, failing.get(i)::get);
                        Throwable cause = Objects.requireNonNull(thrown.getCause());
                        assertThatAppendFailsWith(error, 2L * i + 1, () -> sneak(cause));
                    }
                    assertHolds(log, 1, 100);
                },
                log -> assertHolds(log, 1, 100));
    }

    @Test
    default void eachOfManyCallersGetsTheErrorOfItsOwnHook() throws Exception {
        inLog(log -> {
            List<Running> threads = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                boolean throwing = i % 2 == 0;
                threads.add(Running.start(() -> {
                    for (int append = 0; append < 60; append++) {
                        Error error = new Error("thrown by a hook");
                        Throwable thrown = catchThrowable(() -> log.append(buffer(1), id -> {
                            if (throwing) {
                                throw error;
                            }
                        }));
                        assertThat(thrown == null ? null : thrown.getCause()).isSameAs(throwing ? error : null);
                    }
                }));
            }
            for (Running thread : threads) {
                thread.join();
            }
            assertThat(log.nextId()).isEqualTo(361);
        });
    }

    @Test
    default void hookWithAStackOverflowFailsOnlyItsAppend() throws Exception {
        inLog(
                log -> {
                    assertThatThrownBy(() -> log.append(buffer(1), CommitHookErrorContract::recurse))
                            .isInstanceOf(CommitHookException.class)
                            .hasCauseInstanceOf(StackOverflowError.class);
                    assertThatThrownBy(() -> log.appendAsync(buffer(2), CommitHookErrorContract::recurse)
                                    .get())
                            .hasRootCauseInstanceOf(StackOverflowError.class);
                    log.append(buffer(3), id -> {});
                    assertHolds(log, 1, 3);
                },
                log -> assertHolds(log, 1, 3));
    }

    @SuppressWarnings("InfiniteRecursion") // a stack overflow ends the recursion
    private static void recurse(long id) {
        recurse(id + 1);
    }

    @Test
    default void hookWithoutMemoryFailsOnlyItsAppend() throws Exception {
        inLog(
                log -> {
                    assertThatThrownBy(() -> log.append(buffer(1), id -> new ArrayList<>(Integer.MAX_VALUE)))
                            .isInstanceOf(CommitHookException.class)
                            .hasCauseInstanceOf(OutOfMemoryError.class);
                    log.append(buffer(2), id -> {});
                    assertHolds(log, 1, 2);
                },
                log -> assertHolds(log, 1, 2));
    }
}
