package dev.holdfast.wal.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogStats;
import dev.holdfast.wal.file.FileLogOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that is opened for reading, beside its writer or alone. */
class ReadOnlyStoreTest {
    private static final LogStoreOptions TINY = LogStoreOptions.builder()
            .windowBytes(1 << 10)
            .maxExtraBytes(8 << 10)
            .shared(FileLogOptions.builder().segmentBytes(8 << 10).build())
            .build();

    @TempDir
    Path directory;

    private LogStore writer() throws IOException {
        return LogStore.open(directory.resolve("store"), TINY);
    }

    private LogStore reader() throws IOException {
        return LogStore.openReadOnly(directory.resolve("store"));
    }

    @Test
    void readerSeesWhatTheWriterAddsAndRemoves() throws IOException {
        try (LogStore writer = writer()) {
            Log log = writer.log("a");
            log.append(new byte[10]);
            try (LogStore reader = reader()) {
                assertThat(reader.names()).containsExactly("a");
                Log seen = reader.log("a");
                assertThat(seen.lastId()).hasValue(1);
                log.append(new byte[20]);
                writer.batch()
                        .trim(log, 1)
                        .put(log, "key", ByteBuffer.wrap(new byte[] {7}))
                        .commit();
                assertThat(seen.firstId()).hasValue(2);
                assertThat(seen.read(2).orElseThrow().size()).isEqualTo(20);
                assertThat(reader.get(seen, "key")).contains(ByteBuffer.wrap(new byte[] {7}));
                assertThat(seen.stats().state()).isEqualTo(LogStats.State.READ_ONLY);
                writer.log("b");
                assertThat(reader.names()).containsExactly("a", "b");
                writer.delete("a");
                assertThatIllegalStateException().isThrownBy(seen::lastId);
            }
        }
    }

    @Test
    void cursorOfAReaderWaitsForTheWriter() throws Exception {
        try (LogStore writer = writer()) {
            Log log = writer.log("a");
            try (LogStore reader = reader();
                    LogCursor cursor = reader.log("a").cursor(1)) {
                CompletableFuture<Boolean> moved = CompletableFuture.supplyAsync(() -> {
                    try {
                        return cursor.next(Duration.ofMinutes(1));
                    } catch (IOException | InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                });
                log.append(new byte[] {1, 2, 3});
                assertThat(moved.get()).isTrue();
                assertThat(cursor.record().bytes()).containsExactly(1, 2, 3);
            }
        }
    }

    @Test
    void readerChangesNothing() throws IOException {
        try (LogStore writer = writer()) {
            writer.log("a").append(new byte[1]);
        }
        try (LogStore reader = reader()) {
            Log log = reader.log("a");
            assertThatIllegalStateException().isThrownBy(() -> log.append(new byte[1]));
            assertThatIllegalStateException().isThrownBy(() -> log.appendAsync(new byte[1]));
            assertThatIllegalStateException().isThrownBy(() -> log.trim(1));
            assertThatIllegalStateException().isThrownBy(() -> log.truncate(0));
            assertThatIllegalStateException().isThrownBy(() -> log.reset(1));
            assertThatIllegalStateException().isThrownBy(() -> reader.log("new"));
            assertThatIllegalStateException().isThrownBy(() -> reader.delete("a"));
            assertThat(log.read(1)).isPresent();
            assertThat(reader.names()).containsExactly("a");
        }
    }

    @Test
    void readerThatLaggedBehindATrimReadsTheStateAgain() throws IOException {
        long seed = Long.getLong("holdfast.seed", new SplittableRandom().nextLong());
        System.out.println("readerThatLaggedBehindATrimReadsTheStateAgain: rerun with -Dholdfast.seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        StoreContents contents = StoreContents.EMPTY;
        try (LogStore writer = writer()) {
            writer.log("log-0");
            contents = contents.with("log-0", StoreContents.OneLog.NEW);
            try (LogStore reader = reader()) {
                for (int i = 0; i < 20; i++) {
                    for (int j = 0; j < 60; j++) {
                        RandomChange change = RandomChange.draw(random, contents, 5, 300);
                        change.perform(writer);
                        contents = change.after();
                    }
                    awaitContents(reader, contents);
                }
            }
            assertThat(writer.shared().firstId().orElseThrow())
                    .as("the shared log was trimmed")
                    .isGreaterThan(1);
        }
    }

    /** Reads until the reader has seen the last change: while the writer works, a reader is a moment behind. */
    private static void awaitContents(LogStore reader, StoreContents expected) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (true) {
            try {
                assertThat(StoreContents.of(reader)).isEqualTo(expected);
                return;
            } catch (AssertionError | NoSuchElementException e) {
                if (System.nanoTime() - deadline > 0) throw e;
            }
        }
    }

    @Test
    void directoryWithoutAStoreIsNotOpened() {
        assertThatExceptionOfType(IOException.class).isThrownBy(this::reader);
    }
}
