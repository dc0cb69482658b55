package dev.holdfast.testkit.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.LogStats;
import dev.holdfast.wal.file.Durability;
import dev.holdfast.wal.file.FileLog;
import dev.holdfast.wal.file.FileLogOptions;
import dev.holdfast.wal.memory.MemoryLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Appends batches in which one buffer cannot be read. Only such a batch is refused, for each append method, also after
 * the code was compiled by the JIT.
 */
class UnreadableBufferTest {
    /**
     * Enough rounds that the JIT compiles the copying. In compiled code, JDK 17 throws the error of a mapped file later
     * than at the read.
     */
    private static final int ROUNDS = 4_000;

    @TempDir
    Path directory;

    private final ByteBuffer good = ByteBuffer.wrap(new byte[] {1, 2, 3});

    /** Reasons why bytes cannot be read. */
    enum Fault {
        /** A mapped file was truncated. Reading throws an {@link InternalError}. */
        TRUNCATED_MAPPING {
            @Override
            Optional<ByteBuffer> make(Path folder) throws IOException {
                Path file = folder.resolve("mapped");
                try (FileChannel channel = FileChannel.open(
                        file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                    channel.write(ByteBuffer.allocate(1), 65_535);
                    ByteBuffer mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, 65_536);
                    channel.truncate(0);
                    return Optional.of(mapped);
                }
            }
        },
        /**
         * The arena of a memory segment was closed. Reading throws an {@link IllegalStateException}. Requires JDK 22.
         */
        CLOSED_ARENA {
            @Override
            Optional<ByteBuffer> make(Path folder) throws ReflectiveOperationException {
                if (Runtime.version().feature() < 22) {
                    return Optional.empty();
                }
                Class<?> arenas = Class.forName("java.lang.foreign.Arena");
                Object arena = arenas.getMethod("ofShared").invoke(null);
                Object segment =
                        arenas.getMethod("allocate", long.class, long.class).invoke(arena, 100L, 1L);
                ByteBuffer view = (ByteBuffer) Class.forName("java.lang.foreign.MemorySegment")
                        .getMethod("asByteBuffer")
                        .invoke(segment);
                arenas.getMethod("close").invoke(arena);
                return Optional.of(view);
            }
        };

        abstract Optional<ByteBuffer> make(Path folder) throws IOException, ReflectiveOperationException;
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void onlyTheUnreadableBatchIsRefused(Fault fault) throws IOException, ReflectiveOperationException {
        Optional<ByteBuffer> made = fault.make(directory);
        assumeTrue(made.isPresent(), "this JDK does not have this fault");
        ByteBuffer bad = made.orElseThrow();
        List<CompletableFuture<Long>> futures = new ArrayList<>();
        FileLogOptions fast =
                FileLogOptions.builder().durability(Durability.PROCESS_CRASH).build();
        long records = 0;
        try (FileLog log = FileLog.open(directory.resolve("log"), fast)) {
            for (int i = 0; i < ROUNDS; i++) {
                for (ThrowingCallable refused : appends(log, bad)) {
                    // This append is in flight, so the refused batch would join its group.
                    futures.add(log.appendAsync(good));
                    assertThat(catchThrowable(refused))
                            .isInstanceOfAny(InternalError.class, IllegalStateException.class);
                    records++;
                }
                assertThat(log.append(good)).isEqualTo(++records);
                LogRecord next = LogRecord.wrap(records + 1, bad);
                assertThat(catchThrowable(() -> log.append(next)))
                        .isInstanceOfAny(InternalError.class, IllegalStateException.class);
            }
            for (int i = 0; i < futures.size(); i++) {
                assertThat(futures.get(i).join()).isEqualTo(i + 1 + i / 4);
            }
            assertThat(log.stats().state()).isEqualTo(LogStats.State.OPEN);
            assertThat(log.lastId()).hasValue(records);
        }
        try (FileLog log = FileLog.open(directory.resolve("log"), fast)) {
            assertThat(log.lastId()).hasValue(records);
            assertThat(log.read(records).orElseThrow().data()).isEqualTo(good);
        }
    }

    @Test
    void partOfAnUnreadableBatchIsRolledBack() throws IOException, ReflectiveOperationException {
        ByteBuffer bad = Fault.TRUNCATED_MAPPING.make(directory).orElseThrow().slice(0, 100);
        try (SimulatedLog simulated = SimulatedLog.open(new CrashDisk())) {
            Log log = simulated.log();
            CompletableFuture<Long> queued = log.appendAsync(good);
            assertThat(catchThrowable(() -> log.appendAll(List.of(good, good, bad))))
                    .isInstanceOf(InternalError.class);
            assertThat(log.append(good)).isEqualTo(2);
            simulated.settle();
            assertThat(queued.join()).isEqualTo(1);
            assertThat(log.lastId()).hasValue(2);
        }
    }

    private List<ThrowingCallable> appends(Log log, ByteBuffer bad) {
        return List.of(
                () -> log.append(bad),
                () -> log.appendAll(List.of(good, bad)),
                () -> log.appendAsync(bad),
                () -> log.appendAllAsync(List.of(good, good, bad)));
    }

    @Test
    void memoryLogHoldsNothingOfAnUnreadableBatch() throws IOException, ReflectiveOperationException {
        Optional<ByteBuffer> bad = Fault.CLOSED_ARENA.make(directory);
        assumeTrue(bad.isPresent(), "this JDK has no arenas");
        try (MemoryLog log = new MemoryLog()) {
            log.append(good);
            for (ThrowingCallable refused : appends(log, bad.orElseThrow())) {
                assertThat(catchThrowable(refused)).isInstanceOf(IllegalStateException.class);
                assertThat(log.nextId()).isEqualTo(2);
            }
        }
    }
}
