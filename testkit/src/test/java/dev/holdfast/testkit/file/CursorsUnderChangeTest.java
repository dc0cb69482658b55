package dev.holdfast.testkit.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.LogStats;
import dev.holdfast.wal.RecordsRemovedException;
import dev.holdfast.wal.file.FileLog;
import dev.holdfast.wal.file.FileLogOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Reads while other threads append and remove records at both ends. Small segments are created and removed constantly.
 */
class CursorsUnderChangeTest {
    private static final int REMOVALS = 500;

    /** Maximum number of records in an append that has not returned. */
    private static final int IN_FLIGHT = 2;

    private static final FileLogOptions SMALL =
            FileLogOptions.builder().segmentBytes(8 << 10).build();

    @TempDir
    Path directory;

    private final long seed = Long.getLong("holdfast.seed", new Random().nextLong());
    private final Threads threads = new Threads();
    private final AtomicBoolean over = new AtomicBoolean();

    /** Source of unique numbers for the records of the test. */
    private final AtomicLong generations = new AtomicLong();

    /** Ids of acknowledged records that no removal has touched since, by generation. */
    private final Map<Long, Long> acknowledged = new ConcurrentHashMap<>();

    /** Records that were certainly removed, by generation, with the number of removals that had returned then. */
    private final Map<Long, Long> removed = new ConcurrentHashMap<>();

    /** Records whose order relative to a removal is unknown, by generation. */
    private final Map<Long, Long> doubtful = new ConcurrentHashMap<>();

    /** The records of {@link #removed} that were not trimmed. */
    private final Map<Long, Long> truncated = new ConcurrentHashMap<>();

    private final AtomicLong removalsBegun = new AtomicLong();
    private final AtomicLong removalsDone = new AtomicLong();
    private final AtomicLong returned = new AtomicLong();

    @Test
    void cursorsReturnCorrectRecordsOrReportTheirRemoval() throws Exception {
        System.out.println("CursorsUnderChangeTest: rerun with -Dholdfast.seed=" + seed);
        try (FileLog log = FileLog.open(directory, SMALL)) {
            threads.start("remover", () -> remove(log, new SplittableRandom(seed)));
            threads.start("appender", () -> append(log, new SplittableRandom(seed + 1)));
            for (int i = 0; i < 3; i++) {
                SplittableRandom random = new SplittableRandom(seed + 10 + i);
                threads.start("cursor " + i, () -> follow(log, random));
            }
            threads.start("reader", () -> read(log, new SplittableRandom(seed + 20)));
            threads.join();
            assertThat(log.stats().state()).isEqualTo(LogStats.State.OPEN);
            assertThat(returned.get()).isGreaterThan(REMOVALS);
            Map<Long, Long> left = new ConcurrentHashMap<>(acknowledged);
            for (LogRecord record : AllRecords.of(log)) {
                left.remove(Stamp.read(record.id(), record.data()).generation());
            }
            left.keySet().removeAll(doubtful.keySet());
            assertThat(left)
                    .as("acknowledged records that are missing without a removal")
                    .isEmpty();
        }
    }

    private boolean over() {
        return over.get() || threads.haveFailed();
    }

    private void append(Log log, SplittableRandom random) throws IOException {
        while (!over()) {
            long generation = generations.incrementAndGet();
            long id = log.nextId();
            LogRecord record = new Stamp(id, generation).record(Stamp.MIN_BYTES + random.nextInt(1200));
            try {
                if (random.nextInt(4) == 0) {
                    long second = generations.incrementAndGet();
                    log.append(record, new Stamp(id + 1, second).record(100));
                    acknowledged.put(second, id + 1);
                } else {
                    log.append(record);
                }
                acknowledged.put(generation, id);
            } catch (IllegalArgumentException e) {
                // A removal was executed first.
                assertThat(e).hasMessageContaining(Long.toString(id));
            }
        }
    }

    private void remove(Log log, SplittableRandom random) throws IOException {
        try {
            for (int i = 0; i < REMOVALS && !over(); i++) {
                long last = log.lastId().orElse(0);
                long first = log.firstId().orElse(0);
                int choice = random.nextInt(20);
                if (choice < 11) {
                    long keep = last - random.nextInt(random.nextInt(8) == 0 ? 40 : 4);
                    removing(keep + 1, Long.MAX_VALUE, () -> log.truncate(Math.max(-1, keep)));
                } else if (choice < 19) {
                    long upTo = first + random.nextInt(8);
                    removing(0, Math.min(upTo, last), () -> log.trim(upTo));
                } else {
                    removing(0, Long.MAX_VALUE, () -> log.reset(random.nextLong(100)));
                }
                long enough = returned.get() + random.nextInt(4);
                while (returned.get() < enough && !over()) {
                    Thread.onSpinWait();
                }
            }
        } finally {
            over.set(true);
        }
    }

    /** Runs a removal. Acknowledged records in this range of ids are removed for good. */
    private void removing(long firstId, long lastId, Crashes.Action removal) throws IOException {
        long newest = generations.get();
        Map<Long, Long> before = new ConcurrentHashMap<>(acknowledged);
        before.values().removeIf(id -> id < firstId || id > lastId);
        removalsBegun.incrementAndGet();
        removal.run();
        long done = removalsDone.get() + 1;
        before.keySet().forEach(generation -> {
            removed.put(generation, done);
            if (lastId == Long.MAX_VALUE) {
                truncated.put(generation, done);
            }
        });
        removalsDone.set(done);
        acknowledged.keySet().removeAll(before.keySet());
        // For these records it is unknown whether they were appended before or after the removal.
        for (long generation = Math.max(1, newest - IN_FLIGHT + 1); generation <= generations.get(); generation++) {
            doubtful.put(generation, done);
        }
    }

    private void follow(Log log, SplittableRandom random) throws Exception {
        while (!over()) {
            long begun = removalsBegun.get();
            long start = random.nextBoolean() ? 0 : log.lastId().orElse(0);
            try (LogCursor cursor = log.cursor(start)) {
                long expected = -1;
                long current = -1;
                int atEnd = 0;
                while (atEnd < 50 && !over()) {
                    long done = removalsDone.get();
                    boolean next = random.nextInt(3) == 0 ? cursor.next(Duration.ofMillis(1)) : cursor.next();
                    Long gone = truncated.get(current);
                    assertThat(gone == null || gone > done)
                            .as("record " + (expected - 1)
                                    + " was truncated, but the cursor that returned it continues")
                            .isTrue();
                    if (next) {
                        assertThat(cursor.id()).isGreaterThanOrEqualTo(start);
                        assertThat(expected == -1 || cursor.id() == expected)
                                .as("record " + cursor.id() + " was returned after record " + (expected - 1))
                                .isTrue();
                        expected = cursor.id() + 1;
                        current = assertCorrect(cursor.id(), cursor.data(), done);
                    } else {
                        atEnd++;
                    }
                }
            } catch (RecordsRemovedException e) {
                assertThat(removalsBegun.get())
                        .as("removals since the cursor was created")
                        .isGreaterThanOrEqualTo(begun);
                assertThat(removalsBegun.get()).isPositive();
                assertThat(e.lastRemovedId()).isGreaterThanOrEqualTo(e.firstRemovedId());
            }
        }
    }

    private void read(Log log, SplittableRandom random) throws IOException {
        while (!over()) {
            long first = log.firstId().orElse(0);
            long done = removalsDone.get();
            long id = Math.max(0, first + random.nextInt(12) - 2);
            Optional<LogRecord> record = log.read(id);
            if (record.isPresent()) {
                assertCorrect(id, record.get().data(), done);
            }
        }
    }

    /**
     * Asserts that the record was appended with this id, and not removed before the call that returned it. Returns its
     * generation.
     */
    private long assertCorrect(long id, ByteBuffer data, long removalsBefore) {
        Stamp stamp = Stamp.read(id, data);
        assertThat(stamp.generation()).isBetween(1L, generations.get());
        Long gone = removed.get(stamp.generation());
        assertThat(gone == null || gone > removalsBefore)
                .as("record " + stamp + " was removed by removal " + gone + " but returned after removal "
                        + removalsBefore)
                .isTrue();
        returned.incrementAndGet();
        return stamp.generation();
    }
}
