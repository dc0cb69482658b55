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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Interrupts threads at random moments in every call of a log. Only waiting readers may notice. */
class InterruptStormTest {
    private static final FileLogOptions SMALL =
            FileLogOptions.builder().segmentBytes(64 << 10).build();
    private static final int INTERRUPTS = 30_000;

    @TempDir
    Path directory;

    private final long seed = Long.getLong("holdfast.seed", new Random().nextLong());
    private final Threads threads = new Threads();
    private final Map<Long, byte[]> acknowledged = new ConcurrentHashMap<>();
    private final List<CompletableFuture<?>> futures = new ArrayList<>();
    private final AtomicInteger interrupts = new AtomicInteger();

    /** A thread that is interrupted. Records whether an interrupt was sent that the thread has not checked yet. */
    private final class Victim {
        private final Thread thread = Thread.currentThread();
        private boolean sent;

        synchronized void interrupt() {
            if (!sent) {
                sent = true;
                interrupts.incrementAndGet();
                thread.interrupt();
            }
        }

        /**
         * Clears the interrupt flag and asserts that it was set if and only if the thread was interrupted. Called by
         * the thread itself.
         */
        synchronized void assertFlagKept(String call) {
            boolean flag = Thread.interrupted();
            assertThat(flag).as("interrupt flag after " + call).isEqualTo(sent);
            sent = false;
        }

        /** Asserts that a call that threw {@link InterruptedException} was interrupted and has cleared the flag. */
        synchronized void assertInterrupted() {
            assertThat(sent).as("the thread was interrupted").isTrue();
            assertThat(Thread.interrupted()).isFalse();
            sent = false;
        }
    }

    private final List<Victim> victims = new ArrayList<>();

    private Victim victim() {
        Victim victim = new Victim();
        synchronized (victims) {
            victims.add(victim);
        }
        return victim;
    }

    /** Interrupts the other threads at random until enough interrupts were sent. */
    private void storm() {
        SplittableRandom random = new SplittableRandom(seed);
        while (!over()) {
            synchronized (victims) {
                for (Victim victim : victims) {
                    if (random.nextInt(3) > 0) {
                        victim.interrupt();
                    }
                }
            }
            LockSupport.parkNanos(random.nextInt(60_000));
        }
    }

    private boolean over() {
        return interrupts.get() >= INTERRUPTS || threads.haveFailed();
    }

    @Test
    void interruptsAffectOnlyWaitingReaders() throws Exception {
        System.out.println("InterruptStormTest: rerun with -Dholdfast.seed=" + seed);
        try (FileLog log = FileLog.open(directory, SMALL)) {
            for (int i = 0; i < 3; i++) {
                SplittableRandom random = new SplittableRandom(seed + i);
                threads.start("appender " + i, () -> append(log, random));
            }
            threads.start("reader", () -> read(log, new SplittableRandom(seed + 10)));
            threads.start("cursor", () -> follow(log));
            threads.start("waiting cursor", () -> wait(log));
            threads.start("storm", this::storm);
            threads.join();
            for (CompletableFuture<?> future : futures) {
                future.join();
            }
            assertThat(log.stats().state()).isEqualTo(LogStats.State.OPEN);
            assertAllThere(log);
        }
        try (FileLog log = FileLog.open(directory, SMALL)) {
            assertAllThere(log);
        }
        assertThat(interrupts.get()).isGreaterThanOrEqualTo(INTERRUPTS);
    }

    private void assertAllThere(Log log) throws IOException {
        List<LogRecord> found = AllRecords.of(log);
        assertThat(found).hasSize(acknowledged.size());
        for (LogRecord record : found) {
            assertThat(record.data()).isEqualTo(ByteBuffer.wrap(acknowledged.get(record.id())));
        }
    }

    private void append(Log log, SplittableRandom random) throws Exception {
        Victim self = victim();
        while (!over()) {
            byte[] data = new byte[8 + random.nextInt(300)];
            ByteBuffer.wrap(data).putLong(random.nextLong());
            ByteBuffer buffer = ByteBuffer.wrap(data);
            switch (random.nextInt(8)) {
                case 0 -> appended(log.append(data), data);
                case 1 -> {
                    long first = log.appendAll(List.of(buffer, buffer));
                    appended(first, data);
                    appended(first + 1, data);
                }
                case 2 -> future(log.appendAsync(buffer).thenAccept(id -> appended(id, data)));
                case 3 -> future(log.appendAllAsync(List.of(buffer)).thenAccept(id -> appended(id, data)));
                case 4 -> log.sync();
                case 5 -> {
                    assertThat(log.stats().state()).isEqualTo(LogStats.State.OPEN);
                    assertThat(log.nextId()).isPositive();
                }
                case 6 -> explicit(log, data);
                default -> appended(log.append(buffer), data);
            }
            self.assertFlagKept("an append");
        }
    }

    private void future(CompletableFuture<?> future) {
        synchronized (futures) {
            futures.add(future);
        }
    }

    /** If another append was first, the id is refused without any other effect. */
    private void explicit(Log log, byte[] data) throws IOException {
        long id = log.nextId();
        try {
            log.append(LogRecord.of(id, data));
            appended(id, data);
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageContaining(Long.toString(id));
        }
    }

    private void appended(long id, byte[] data) {
        assertThat(acknowledged.put(id, data))
                .as("earlier acknowledgement of record " + id)
                .isNull();
    }

    private void read(Log log, SplittableRandom random) throws Exception {
        Victim self = victim();
        while (!over()) {
            long last = log.lastId().orElse(0);
            if (last > 0) {
                long id = 1 + random.nextLong(last);
                LogRecord record = log.read(id).orElseThrow();
                byte[] data = acknowledged.get(id);
                if (data != null) {
                    assertThat(record.data()).isEqualTo(ByteBuffer.wrap(data));
                }
                assertThat(log.firstId()).hasValue(1);
            }
            self.assertFlagKept("a read");
        }
    }

    private void follow(Log log) throws Exception {
        Victim self = victim();
        while (!over()) {
            try (LogCursor cursor = log.cursor(1)) {
                long id = 1;
                while (cursor.next() && !over()) {
                    assertThat(cursor.id()).isEqualTo(id++);
                    self.assertFlagKept("next()");
                }
            }
            self.assertFlagKept("close() of a cursor");
        }
    }

    private void wait(Log log) throws Exception {
        Victim self = victim();
        try (LogCursor cursor = log.cursor(1)) {
            long id = 1;
            while (!over()) {
                try {
                    if (cursor.next(Duration.ofMillis(1))) {
                        assertThat(cursor.id()).isEqualTo(id++);
                    }
                    self.assertFlagKept("next(Duration)");
                } catch (InterruptedException e) {
                    self.assertInterrupted();
                }
            }
        }
    }

    @Test
    void removalsOpensAndClosesWorkWhenInterrupted() throws Exception {
        System.out.println("InterruptStormTest: rerun with -Dholdfast.seed=" + seed);
        AtomicLong rounds = new AtomicLong();
        threads.start("owner", () -> {
            Victim self = victim();
            Expected expected = new Expected();
            for (int i = 0; i < 60; i++) {
                try (FileLog log = FileLog.open(
                        directory,
                        FileLogOptions.builder().segmentBytes(8 << 10).build())) {
                    self.assertFlagKept("open");
                    assertThat(AllRecords.of(log)).isEqualTo(expected.records());
                    for (int j = 0; j < 12; j++) {
                        expected.append(log, 500 + 100 * j);
                        self.assertFlagKept("append");
                    }
                    expected.truncate(log, expected.lastId() - 3);
                    self.assertFlagKept("truncate");
                    expected.trim(log, expected.records().get(0).id() + 2);
                    self.assertFlagKept("trim");
                    if (i % 20 == 19) {
                        expected.reset(log, i);
                        self.assertFlagKept("reset");
                    }
                    assertThat(log.stats().state()).isEqualTo(LogStats.State.OPEN);
                }
                self.assertFlagKept("close");
                rounds.incrementAndGet();
            }
        });
        threads.start("storm", () -> {
            while (rounds.get() < 60 && !threads.haveFailed()) {
                synchronized (victims) {
                    victims.forEach(Victim::interrupt);
                }
                LockSupport.parkNanos(5_000);
            }
        });
        threads.join();
        assertThat(interrupts.get()).isGreaterThan(200);
    }

    @Test
    void interruptsDoNotAffectCursorsOverRemovedRecords() throws Exception {
        System.out.println("InterruptStormTest: rerun with -Dholdfast.seed=" + seed);
        AtomicInteger done = new AtomicInteger();
        try (FileLog log = FileLog.open(
                directory, FileLogOptions.builder().segmentBytes(8 << 10).build())) {
            threads.start("writer", () -> {
                Expected expected = new Expected();
                expected.append(log, 100);
                for (int i = 0; i < 150; i++) {
                    expected.append(log, 1000, 1000);
                    expected.append(log, 1000);
                    expected.truncate(log, expected.lastId() - 1);
                    expected.trim(log, expected.lastId() - 4);
                }
                done.incrementAndGet();
            });
            for (int i = 0; i < 2; i++) {
                threads.start("reader " + i, () -> {
                    Victim self = victim();
                    while (done.get() == 0 && !threads.haveFailed()) {
                        try (LogCursor cursor = log.cursor(0)) {
                            while (cursor.next()) {
                                Stamp.read(cursor.id(), cursor.data());
                                self.assertFlagKept("next()");
                            }
                        } catch (RecordsRemovedException e) {
                            assertThat(e.firstRemovedId()).isNotNegative();
                        }
                        self.assertFlagKept("next()");
                    }
                });
            }
            threads.start("storm", () -> {
                while (done.get() == 0 && !threads.haveFailed()) {
                    synchronized (victims) {
                        victims.forEach(Victim::interrupt);
                    }
                    Thread.onSpinWait();
                }
            });
            threads.join();
            assertThat(log.stats().state()).isEqualTo(LogStats.State.OPEN);
        }
    }
}
