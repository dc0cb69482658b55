package dev.holdfast.testkit.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.file.FileLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Repeatedly kills processes whose threads append, truncate and trim. Acknowledged records must be present, removed
 * records must be absent, and every other batch must be complete or absent. {@code -Dholdfast.kills=N} sets the number
 * of kills.
 */
class KillStormTest {
    private static final int KILLS = Integer.getInteger("holdfast.kills", 60);
    private static final int LOGS = 2;

    /** A kill takes about a third of a second on an idle machine. */
    private static final long HANGING_SECONDS = Math.max(120, 3L * KILLS);

    @TempDir
    Path parent;

    private final long seed = Long.getLong("holdfast.seed", new Random().nextLong());
    private final Threads threads = new Threads();
    private final AtomicLong kills = new AtomicLong();
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong words = new AtomicLong();

    @Test
    void killedProcessesLoseNoAcknowledgedRecordAndRestoreNoRemovedRecord() throws Exception {
        System.out.println("KillStormTest: rerun with -Dholdfast.seed=" + seed);
        for (int i = 0; i < LOGS; i++) {
            Path directory = parent.resolve("log" + i);
            SplittableRandom random = new SplittableRandom(seed + i);
            threads.start("log " + i, () -> storm(directory, random));
        }
        threads.join(HANGING_SECONDS);
        System.out.println("KillStormTest: " + kills + " kills, " + acknowledged + " records acknowledged, " + words
                + " lines read");
        assertThat(kills).hasValue(KILLS / LOGS * LOGS);
        assertThat(acknowledged.get()).isGreaterThan(KILLS);
    }

    private void storm(Path directory, SplittableRandom random) throws Exception {
        StormLedger ledger = new StormLedger();
        for (int round = 0; round < KILLS / LOGS && !threads.haveFailed(); round++) {
            kill(directory, random, round, ledger);
            // A log that was opened read-only is recovered by the next process.
            try (Log log = random.nextBoolean() ? FileLog.openReadOnly(directory) : FileLog.open(directory)) {
                settle(log, ledger);
            } catch (AssertionError e) {
                throw new AssertionError("round " + round + ", seed " + seed + ": " + e.getMessage(), e);
            }
        }
        acknowledged.addAndGet(ledger.acknowledged());
    }

    private void kill(Path directory, SplittableRandom random, int round, StormLedger ledger) throws Exception {
        int most = random.nextInt(10) == 0 ? 0 : 1 + random.nextInt(600);
        try (ChildJvm jvm = ChildJvm.start(
                StormProcess.class,
                directory.toString(),
                Long.toString(random.nextLong()),
                Long.toString((round + 1) * 10_000_000L))) {
            String word = jvm.word();
            assertThat(word).isEqualTo("open");
            int heard = 0;
            do {
                if (heard++ == most) {
                    jvm.kill();
                }
                word = jvm.word();
                if (word != null) {
                    ledger.hear(word);
                }
            } while (word != null);
            assertThat(jvm.exitCode()).isEqualTo(137);
            words.addAndGet(heard);
            kills.incrementAndGet();
        }
    }

    private static void settle(Log log, StormLedger ledger) throws IOException {
        List<Long> found = new ArrayList<>();
        try (LogCursor cursor = log.cursor(0)) {
            long first = -1;
            while (cursor.next()) {
                first = first < 0 ? cursor.id() : first;
                assertThat(cursor.id()).isEqualTo(first + found.size());
                found.add(Stamp.mark(cursor.data()));
            }
            ledger.settle(first, found);
        }
    }
}
