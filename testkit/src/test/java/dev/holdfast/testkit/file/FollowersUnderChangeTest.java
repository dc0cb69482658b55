package dev.holdfast.testkit.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.RecordsRemovedException;
import dev.holdfast.wal.file.FileLog;
import dev.holdfast.wal.file.FileLogOptions;
import dev.holdfast.wal.inspect.Inspection;
import dev.holdfast.wal.inspect.Inspector;
import dev.holdfast.wal.storage.DiskStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
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
 * Follows a log whose files are recycled again and again, with old bytes after the end. Followers must not report
 * writes in progress as damage, and must not return a removed record after a newer record.
 */
class FollowersUnderChangeTest {
    private static final int ROUNDS = 15;
    private static final int OPERATIONS = 40;

    @TempDir
    Path directory;

    private final long seed = Long.getLong("holdfast.seed", new Random().nextLong());
    private final Threads threads = new Threads();
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicLong returned = new AtomicLong();
    private final AtomicLong looks = new AtomicLong();

    /** Newest generation at the time of removal, by the generation of the removed record. */
    private final Map<Long, Long> newestWhenRemoved = new ConcurrentHashMap<>();

    private final Map<Long, Long> idsOfGenerations = new ConcurrentHashMap<>();
    private long generation;

    @Test
    void writesInProgressAreNeverReportedAsDamage() throws Exception {
        System.out.println("FollowersUnderChangeTest: rerun with -Dholdfast.seed=" + seed);
        try (FileLog log = FileLog.open(directory)) {
            append(log, 10);
        }
        threads.start("writer", () -> write(new SplittableRandom(seed)));
        for (int i = 0; i < 2; i++) {
            SplittableRandom random = new SplittableRandom(seed + 1 + i);
            threads.start("follower " + i, () -> follow(random));
        }
        threads.start("inspector", this::inspect);
        threads.join();
        assertThat(returned.get()).isPositive();
        assertThat(looks.get()).isPositive();
    }

    private boolean over() {
        return over.get() || threads.haveFailed();
    }

    private void append(Log log, int bytes) throws IOException {
        generation++;
        long id = log.nextId();
        idsOfGenerations.put(generation, id);
        log.append(new Stamp(id, generation).record(Stamp.MIN_BYTES + bytes));
    }

    /** Opens, writes, removes and closes, with varying segment lengths. */
    private void write(SplittableRandom random) throws IOException {
        try {
            for (int round = 0; round < ROUNDS && !over(); round++) {
                int segmentBytes = random.nextBoolean() ? 8 << 10 : 32 << 10;
                FileLogOptions options =
                        FileLogOptions.builder().segmentBytes(segmentBytes).build();
                try (FileLog log = FileLog.open(directory, options)) {
                    for (int i = 0; i < OPERATIONS && !over(); i++) {
                        change(log, random);
                    }
                }
            }
        } finally {
            over.set(true);
        }
    }

    private void change(FileLog log, SplittableRandom random) throws IOException {
        long last = log.lastId().orElse(0);
        switch (random.nextInt(12)) {
            case 0 -> {
                long keep = Math.max(-1, last - random.nextInt(6));
                log.truncate(keep);
                removed(keep + 1, Long.MAX_VALUE);
            }
            case 1 -> {
                long upTo = Math.max(0, last - random.nextInt(20));
                log.trim(upTo);
                removed(0, upTo);
            }
            default -> append(log, random.nextInt(1500));
        }
    }

    private void removed(long firstId, long lastId) {
        idsOfGenerations.forEach((of, id) -> {
            if (id >= firstId && id <= lastId) {
                newestWhenRemoved.put(of, generation);
                idsOfGenerations.remove(of);
            }
        });
    }

    private void follow(SplittableRandom random) throws IOException {
        while (!over()) {
            try (FileLog log = FileLog.openReadOnly(directory)) {
                long newest = 0;
                for (int cursors = 0; cursors < 20 && !over(); cursors++) {
                    newest = follow(log, random, newest);
                }
            }
        }
    }

    private long follow(Log log, SplittableRandom random, long newestBefore) throws IOException {
        long newest = newestBefore;
        try (LogCursor cursor =
                log.cursor(random.nextBoolean() ? 0 : log.lastId().orElse(0))) {
            for (int steps = random.nextInt(200); steps > 0 && !over(); steps--) {
                if (cursor.next()) {
                    newest = checked(cursor.id(), cursor.data(), newest);
                }
                Optional<LogRecord> record = log.read(log.firstId().orElse(0) + random.nextInt(10));
                if (record.isPresent()) {
                    newest = checked(record.get().id(), record.get().data(), newest);
                }
            }
        } catch (RecordsRemovedException e) {
            assertThat(e).hasMessageContaining("Make a new cursor");
        }
        return newest;
    }

    private long checked(long id, ByteBuffer data, long newest) {
        long of = Stamp.read(id, data).generation();
        Long removedBefore = newestWhenRemoved.get(of);
        assertThat(removedBefore == null || removedBefore >= newest)
                .as("record %s of generation %s, returned after generation %s", id, of, newest)
                .isTrue();
        returned.incrementAndGet();
        return Math.max(newest, of);
    }

    private void inspect() throws IOException {
        while (!over()) {
            try (DiskStorage storage = DiskStorage.openReadOnly(directory)) {
                Inspection inspection = new Inspector(storage).look();
                assertThat(inspection.damages()).isEmpty();
                looks.incrementAndGet();
            }
        }
    }
}
