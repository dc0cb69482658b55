package dev.holdfast.wal.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.commit.LogSettings;
import dev.holdfast.wal.engine.StoredLog;
import dev.holdfast.wal.memory.MemoryLog;
import dev.holdfast.wal.segment.SameThread;
import dev.holdfast.wal.storage.HeapStorage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Random histories of appends, removals, closes and kills with all kinds of settings. The files are read by
 * {@link SpecReader}, which follows {@code docs/format.md} alone, and by the library. Both must return what a log in
 * memory holds.
 */
class SpecHistoryTest {
    private static final FormatDoc DOC = FormatDoc.read();

    private final List<String> history = new ArrayList<>();
    private Random random;
    private SameThread threads;
    private HeapStorage storage;
    private Log log;
    private MemoryLog model;

    @BeforeEach
    void seed() {
        long seed = Long.getLong("holdfast.seed", new Random().nextLong());
        System.out.println("SpecHistoryTest: rerun with -Dholdfast.seed=" + seed);
        random = new Random(seed);
    }

    @Test
    void documentAndLibraryReadWhatWasWritten() throws IOException {
        for (int i = 0; i < 150; i++) {
            history.clear();
            threads = new SameThread(random.nextLong());
            storage = new HeapStorage();
            model = new MemoryLog();
            open();
            int steps = random.nextInt(60);
            for (int step = 0; step < steps; step++) {
                try {
                    step();
                    assertSame();
                } catch (IOException | RuntimeException | Error e) {
                    throw new AssertionError("after " + history, e);
                }
            }
        }
    }

    private void open() throws IOException {
        int segmentBytes = 4096 * (2 + random.nextInt(random.nextBoolean() ? 2 : 20));
        LogSettings settings = new LogSettings(
                segmentBytes,
                random.nextBoolean() ? 8192 : segmentBytes,
                random.nextInt(4) == 0 ? 5000 : 1 << 20,
                1 << 20,
                random.nextInt(4) > 0,
                random.nextInt(4) == 0 ? 4096 : 8);
        history.add("open " + settings);
        log = threads.open(storage, settings);
    }

    private void step() throws IOException {
        switch (random.nextInt(14)) {
            case 0 -> truncate(model.nextId() - 1 - random.nextInt(random.nextInt(20) + 1));
            case 1 -> trim(model.firstId().orElse(model.nextId()) - 1 + random.nextInt(random.nextInt(20) + 1));
            case 2 -> reset();
            case 3 -> {
                history.add("idle");
                threads.idle();
            }
            case 4 -> {
                history.add("close");
                log.close();
                assertThat(new SpecReader(DOC, storage.snapshot()).isClosed()).isTrue();
                open();
            }
            case 5 -> kill();
            case 6 -> {
                history.add("sync");
                log.sync();
            }
            default -> append();
        }
    }

    private void append() throws IOException {
        boolean elsewhere = model.firstId().isEmpty()
                && random.nextInt(3) == 0
                && !new SpecReader(DOC, storage.snapshot()).isPinned();
        long first = elsewhere ? random.nextInt(1000) : model.nextId();
        List<LogRecord> batch = new ArrayList<>();
        int records = 1 + random.nextInt(4);
        for (int i = 0; i < records; i++) {
            int bytes = random.nextInt(5) == 0 ? random.nextInt(5000) : random.nextInt(300);
            byte[] data = new byte[bytes];
            random.nextBytes(data);
            batch.add(LogRecord.of(first + i, data));
        }
        history.add("append " + records + " from " + first);
        log.append(batch);
        model.append(batch);
    }

    private void truncate(long lastToKeep) throws IOException {
        long last = Math.max(-1, lastToKeep);
        history.add("truncate " + last);
        log.truncate(last);
        model.truncate(last);
    }

    private void trim(long discardUpTo) throws IOException {
        long to = Math.max(0, discardUpTo);
        history.add("trim " + to);
        log.trim(to);
        model.trim(to);
    }

    private void reset() throws IOException {
        if (random.nextInt(4) == 0) {
            long next = random.nextInt(1000);
            history.add("reset " + next);
            log.reset(next);
            model.reset(next);
        }
    }

    /** Simulates a crash of the process: written bytes stay. */
    private void kill() throws IOException {
        history.add("kill");
        storage = storage.copy();
        open();
    }

    private void assertSame() throws IOException {
        List<LogRecord> expected = records(model);
        assertThat(records(log)).isEqualTo(expected);
        assertThat(log.nextId()).isEqualTo(model.nextId());
        SpecReader said = new SpecReader(DOC, storage.snapshot());
        assertThat(said.nextId()).isEqualTo(model.nextId());
        assertThat(said.records().stream()
                        .map(record -> LogRecord.of(record.id(), record.data()))
                        .toList())
                .isEqualTo(expected);
        try (StoredLog reader = threads.openReadOnly(storage.copy())) {
            assertThat(records(reader)).isEqualTo(expected);
            assertThat(reader.nextId()).isEqualTo(model.nextId());
        }
        if (!expected.isEmpty()) {
            LogRecord one = expected.get(random.nextInt(expected.size()));
            assertThat(log.read(one.id())).contains(one);
        }
    }

    private static List<LogRecord> records(Log log) throws IOException {
        List<LogRecord> records = new ArrayList<>();
        try (LogCursor cursor = log.cursor(0)) {
            while (cursor.next()) {
                records.add(cursor.record());
            }
        }
        return records;
    }
}
