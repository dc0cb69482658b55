package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.file.FileLog;
import dev.holdfast.wal.file.FileLogOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Makes copies that share files with a log while the log rolls, trims and truncates as fast as it can, so that its
 * segments constantly become dead and are reused. The log must never write to a file that a copy shares: each copy is
 * read when it is made, and again after many more changes. {@code -Dholdfast.copies=2000} sets the number of copies.
 */
class CopyBesideRecyclingTest {
    private static final int COPIES = Integer.getInteger("holdfast.copies", 60);
    private static final int COPIERS = 2;
    private static final int KEPT = 4;
    private static final int SEGMENTS_KEPT = 6;
    private static final FileLogOptions OPTIONS = FileLogOptions.builder()
            .segmentBytes(16 << 10)
            .maxRecordBytes(4 << 10)
            .build();

    @TempDir
    private Path parent;

    private final long seed = Long.getLong("holdfast.seed", new SplittableRandom().nextLong());
    private final AtomicBoolean over = new AtomicBoolean();

    @Test
    void fileSharedWithACopyIsNeverReused() throws Exception {
        System.out.println("CopyBesideRecyclingTest: rerun with -Dholdfast.seed=" + seed);
        ExecutorService threads = Executors.newFixedThreadPool(COPIERS + 1);
        try (FileLog log = FileLog.open(parent.resolve("log"), OPTIONS)) {
            append(log, new SplittableRandom(seed), 400);
            Future<Long> writer = threads.submit(() -> write(log));
            List<Future<Long>> copiers = new ArrayList<>();
            for (int copier = 0; copier < COPIERS; copier++) {
                String name = "copy-" + copier + "-";
                copiers.add(threads.submit(() -> copy(name)));
            }
            long linked = 0;
            try {
                for (Future<Long> copier : copiers) {
                    linked += copier.get();
                }
            } finally {
                over.set(true);
            }
            long appended = writer.get();
            System.out.println(
                    COPIES + " copies, " + linked + " bytes of them linked, " + appended + " records appended");
            assertThat(linked).isPositive();
        } finally {
            over.set(true);
            threads.shutdownNow();
        }
    }

    private long write(FileLog log) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        long appended = 0;
        while (!over.get()) {
            append(log, random, 40);
            appended += 40;
            long first = log.firstId().orElseThrow();
            long last = log.lastId().orElseThrow();
            if (random.nextInt(8) == 0) {
                log.truncate(Math.max(first, last - random.nextInt(60)));
            }
            if (log.stats().segments() > SEGMENTS_KEPT) {
                log.trim(first + (last - first) / 2);
            }
        }
        return appended;
    }

    private static void append(FileLog log, SplittableRandom random, int records) throws IOException {
        List<ByteBuffer> batch = new ArrayList<>();
        for (long id = log.nextId(); batch.size() < records; id++) {
            batch.add(ByteBuffer.wrap(record(id, random.nextInt(900))));
        }
        log.appendAll(batch);
    }

    private static byte[] record(long id, int more) {
        return (id + " " + "x".repeat(more)).getBytes(StandardCharsets.US_ASCII);
    }

    /** Makes copies in sequence and returns the number of bytes that they share with the log. */
    private long copy(String name) throws IOException {
        Deque<Path> kept = new ArrayDeque<>();
        long linked = 0;
        for (int i = 0; i < COPIES / COPIERS; i++) {
            Path copy = parent.resolve(name + i);
            Tool.Result made = Tool.run("copy", parent.resolve("log"), copy, "--json");
            assertThat(made.exitCode()).as(made.err()).isZero();
            linked += Long.parseLong(made.outText().replaceAll("(?s).*\"linkedBytes\":(\\d+).*", "$1"));
            kept.add(copy);
            if (kept.size() > KEPT) {
                assertWhole(kept.remove());
            }
        }
        for (Path copy : kept) {
            assertWhole(copy);
        }
        return linked;
    }

    private static void assertWhole(Path copy) throws IOException {
        Tool.Result verified = Tool.run("verify", copy);
        assertThat(verified.exitCode()).as(verified.outText()).isZero();
        try (FileLog log = FileLog.openReadOnly(copy);
                LogCursor cursor = log.cursor(0)) {
            // If everything but the last append was trimmed, the disk may not yet prove that this append is durable.
            long expected = log.firstId().orElse(log.nextId());
            while (cursor.next()) {
                assertThat(cursor.id()).isEqualTo(expected);
                String text = StandardCharsets.US_ASCII.decode(cursor.data()).toString();
                assertThat(text).startsWith(expected + " ");
                expected++;
            }
            assertThat(expected).isEqualTo(log.nextId());
        }
        try (Stream<Path> files = Files.list(copy)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(copy);
    }
}
