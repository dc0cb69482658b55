package dev.holdfast.testkit.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogLockedException;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.RecordsRemovedException;
import dev.holdfast.wal.file.FileLog;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs a writer in another process and readers in this process until the writer ends or is killed. */
class OtherProcessTest {
    private static final int READERS = 2;

    @TempDir
    Path directory;

    private final long seed = Long.getLong("holdfast.seed", new Random().nextLong());
    private final WriterModel model = new WriterModel();

    /** The ids of the records that readers received, by generation. */
    private final Map<Long, Long> returned = new ConcurrentHashMap<>();

    private volatile boolean over;

    @Test
    void readersOfALiveWriterReturnOnlyAcknowledgedRecords() throws Exception {
        System.out.println("OtherProcessTest: rerun with -Dholdfast.seed=" + seed);
        try (WriterProcess writer = WriterProcess.start(directory, seed, 0, 1000)) {
            hear(writer, "open");
            Threads readers = startReaders();
            String last = "";
            for (String word = writer.word(); word != null; word = writer.word()) {
                model.hear(word);
                last = word;
            }
            assertThat(writer.exitCode()).isZero();
            assertThat(last).isEqualTo("closed");
            over = true;
            readers.join();
        }
        assertThat(returned.size()).isGreaterThan(100);
        assertThat(model.acknowledged()).containsAll(returned.keySet());
        try (Log log = FileLog.openReadOnly(directory)) {
            assertThat(stamps(log)).isEqualTo(model.records());
        }
        try (Log log = FileLog.open(directory)) {
            assertThat(stamps(log)).isEqualTo(model.records());
        }
    }

    @Test
    void killedWriterLosesNoAcknowledgedOrReturnedRecord() throws Exception {
        System.out.println("OtherProcessTest: rerun with -Dholdfast.seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 4; round++) {
            returned.clear();
            over = false;
            int words = 5 + random.nextInt(700);
            try (WriterProcess writer =
                    WriterProcess.start(directory, random.nextLong(), model.newestGeneration(), Integer.MAX_VALUE)) {
                hear(writer, "open");
                Threads readers = startReaders();
                int heard = 0;
                for (String word = writer.word(); word != null; word = writer.word()) {
                    model.hear(word);
                    if (++heard == words) {
                        writer.kill();
                    }
                }
                assertThat(writer.exitCode()).isNotZero();
                over = true;
                readers.join();
            }
            List<Stamp> found;
            try (FileLog log = FileLog.open(directory)) {
                found = stamps(log);
                assertThat(found).isIn(model.records(), model.attempted());
                assertThat(log.nextId()).isPositive();
            }
            List<Stamp> begun = model.attempted();
            model.settle(found);
            returned.forEach((generation, id) -> assertThat(model.acknowledged())
                    .as("record " + id + " was returned to a reader; found " + found + ", requested " + begun)
                    .contains(generation));
        }
    }

    /** No further group and no marker proves the record: only the writer's hint does. */
    @Test
    void lastRecordBeforeSilenceReachesAReader() throws Exception {
        try (ChildJvm writer = SilentWriterProcess.start(directory)) {
            assertThat(writer.word()).isEqualTo("open");
            try (Log log = FileLog.openReadOnly(directory);
                    LogCursor cursor = log.cursor(0)) {
                for (long id = 1; id <= 5; id++) {
                    writer.tell("");
                    assertThat(writer.word()).isEqualTo(Long.toString(id));
                    assertThat(cursor.next(Duration.ofMinutes(1))).isTrue();
                    assertThat(cursor.id()).isEqualTo(id);
                    assertThat(log.lastDurableId()).hasValue(id);
                }
                assertThat(cursor.next()).isFalse();
                writer.kill();
                assertThat(writer.exitCode()).isNotZero();
            }
            try (FileLog log = FileLog.openReadOnly(directory)) {
                assertThat(log.lastId()).hasValue(5);
                assertThat(log.recovery().unprovenFrom()).hasValue(5);
            }
        }
    }

    @Test
    void secondWriterIsRefusedWithTheProcessOfTheFirst() throws Exception {
        try (WriterProcess writer = WriterProcess.start(directory, seed, 0, WriterProcess.HOLD)) {
            hear(writer, "open");
            assertThatThrownBy(() -> FileLog.open(directory))
                    .isInstanceOf(LogLockedException.class)
                    .hasMessageContaining(directory.toString())
                    .hasMessageContaining("process " + writer.pid());
            writer.kill();
            writer.exitCode();
            FileLog.open(directory).close();
        }
    }

    private void hear(WriterProcess writer, String wanted) throws IOException {
        for (String word = writer.word(); word != null; word = writer.word()) {
            model.hear(word);
            if (word.equals(wanted)) {
                return;
            }
        }
        throw new AssertionError("the writer ended before it printed " + wanted);
    }

    private Threads startReaders() {
        Threads readers = new Threads();
        for (int i = 0; i < READERS; i++) {
            readers.start("reader " + i, () -> {
                while (!over) {
                    try (Log log = FileLog.openReadOnly(directory)) {
                        follow(log);
                        follow(log);
                    }
                }
            });
        }
        return readers;
    }

    private void follow(Log log) throws IOException, InterruptedException {
        try (LogCursor cursor = log.cursor(0)) {
            long expected = -1;
            for (int i = 0; i < 200 && !over && cursor.next(Duration.ofMillis(100)); i++) {
                assertThat(expected == -1 || cursor.id() == expected)
                        .as("record " + cursor.id() + " was returned after record " + (expected - 1))
                        .isTrue();
                expected = cursor.id() + 1;
                Stamp stamp = Stamp.read(cursor.id(), cursor.data());
                returned.put(stamp.generation(), stamp.id());
            }
        } catch (RecordsRemovedException e) {
            assertThat(e.lastRemovedId()).isGreaterThanOrEqualTo(e.firstRemovedId());
        }
    }

    private static List<Stamp> stamps(Log log) throws IOException {
        return AllRecords.of(log).stream().map(OtherProcessTest::stamp).toList();
    }

    private static Stamp stamp(LogRecord record) {
        return Stamp.read(record.id(), record.data());
    }
}
