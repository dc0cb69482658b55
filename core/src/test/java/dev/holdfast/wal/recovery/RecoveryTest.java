package dev.holdfast.wal.recovery;

import static dev.holdfast.wal.recovery.KilledLog.FIRST;
import static dev.holdfast.wal.recovery.KilledLog.SECOND;
import static dev.holdfast.wal.recovery.KilledLog.append;
import static dev.holdfast.wal.recovery.KilledLog.assertHolds;
import static dev.holdfast.wal.recovery.KilledLog.data;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.chain.Spares;
import dev.holdfast.wal.commit.LogSettings;
import dev.holdfast.wal.engine.StoredLog;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.storage.HeapStorage;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Tests the effect of opening on a directory, file by file. The crash explorer crashes at every step; these tests name
 * single cases.
 */
class RecoveryTest {
    private final KilledLog killed = new KilledLog();

    @Test
    void killedLogHasAllItsRecords() throws IOException {
        append(killed.open(), 7);
        killed.kill();
        StoredLog log = killed.open();
        assertHolds(log, 1, 7);
        assertThat(log.opened().ending()).isEqualTo(OpenReport.Ending.UNCLOSED);
        assertThat(log.opened().changes().rewrittenRecords()).isOne();
        assertThat(log.opened().tornBytes()).isZero();
        assertThat(log.opened().changes().tornFile()).isEmpty();
        append(log, 1);
        log.close();
        assertHolds(killed.open(), 1, 8);
    }

    @Test
    void idleLogHasNothingToRewrite() throws IOException {
        append(killed.open(), 1);
        killed.threads.idle();
        killed.kill();
        StoredLog log = killed.open();
        assertThat(log.opened().changes().rewrittenRecords()).isZero();
        assertThat(log.opened().tornBytes()).isZero();
        assertHolds(log, 1, 1);
    }

    @Test
    void repeatedKillsLeaveFewFiles() throws IOException {
        for (int i = 0; i < 20; i++) {
            append(killed.open(), 1);
            killed.kill();
        }
        assertHolds(killed.open(), 1, 20);
        assertThat(killed.storage.list()).hasSizeLessThan(30);
    }

    @Test
    void deadFilesBecomeSparesOrAreDeleted() throws IOException {
        StoredLog log = killed.open();
        append(log, 6);
        Map<String, byte[]> before = killed.storage.snapshot();
        log.reset(70);
        log.close();
        before.forEach((name, bytes) -> {
            if (name.endsWith(".seg")) {
                killed.storage.put(name, bytes);
            }
        });
        log = killed.open();
        assertThat(log.firstId()).isEmpty();
        assertThat(log.nextId()).isEqualTo(70);
        assertThat(log.opened().changes().removedFiles()).hasSize(3);
        assertThat(killed.storage.snapshot().keySet())
                .noneMatch(name -> before.containsKey(name) && name.endsWith(".seg"));
    }

    @Test
    void unfinishedSparesAreDeleted() throws IOException {
        killed.open().close();
        killed.storage.put("spare-000000ff.new.tmp", new byte[100]);
        killed.open();
        assertThat(killed.storage.snapshot()).doesNotContainKey("spare-000000ff.new.tmp");
    }

    @Test
    void directoryWithOnlySparesBecomesANewLog() throws IOException {
        killed.open().close();
        for (String name : List.copyOf(killed.storage.snapshot().keySet())) {
            if (name.endsWith(".seg")) {
                killed.storage.delete(name);
            }
        }
        StoredLog log = killed.open();
        assertThat(log.opened().ending()).isEqualTo(OpenReport.Ending.NEW);
        assertThat(log.nextId()).isEqualTo(1);
    }

    @Test
    void pinSurvivesAKill() throws IOException {
        killed.open().reset(50);
        killed.kill();
        StoredLog log = killed.open();
        assertThatIllegalArgumentException().isThrownBy(() -> log.append(LogRecord.of(51, new byte[1])));
        log.append(LogRecord.of(50, new byte[1]));
    }

    @Test
    void trimSurvivesAKill() throws IOException {
        StoredLog log = killed.open();
        append(log, 6);
        log.trim(5);
        killed.kill();
        assertHolds(killed.open(), 6, 6);
        killed.kill();
        killed.open().trim(6);
        killed.kill();
        log = killed.open();
        assertThat(log.firstId()).isEmpty();
        assertThat(log.nextId()).isEqualTo(7);
    }

    @Test
    void truncationSurvivesAKill() throws IOException {
        StoredLog log = killed.open();
        append(log, 6);
        log.truncate(3);
        killed.kill();
        log = killed.open();
        assertHolds(log, 1, 3);
        append(log, 2);
        killed.kill();
        assertHolds(killed.open(), 1, 5);
    }

    @Test
    void batchLargerThanAnEmptyTailLeavesALogThatOpens() throws IOException {
        StoredLog log = killed.open();
        append(log, 2);
        killed.threads.idle();
        killed.kill();
        log = killed.open(); // the new tail is empty, because both records are proven and too large to be copied
        log.append(new byte[20_000]);
        append(log, 1);
        log.close();
        log = killed.open();
        assertThat(log.lastId()).hasValue(4);
        assertThat(log.read(2)).contains(LogRecord.of(2, data(2)));
        assertThat(log.read(3).orElseThrow().data().remaining()).isEqualTo(20_000);
    }

    @Test
    void emptyTailOfOtherOptionsLeavesALogThatOpens() throws IOException {
        StoredLog log = killed.open();
        append(log, 2);
        killed.threads.idle();
        killed.kill();
        killed.open().close();
        LogSettings other = new LogSettings(8192, 8192, 2000, 1 << 20, true, Layout.ALIGNMENT);
        log = killed.threads.open(killed.storage, other);
        append(log, 1);
        log.close();
        assertHolds(killed.open(), 1, 3);
    }

    @Test
    void pinOutlivesAnEmptyTailThatIsTooSmall() throws IOException {
        killed.open().reset(50);
        killed.kill();
        StoredLog log = killed.open();
        log.append(LogRecord.of(50, new byte[20_000]));
        log.truncate(0);
        assertThat(log.nextId()).isEqualTo(50);
    }

    @Test
    void openingAgainTakesNoMoreFiles() throws IOException {
        append(killed.open(), 5);
        killed.kill();
        killed.open().close();
        int files = killed.storage.list().size();
        for (int i = 0; i < 20; i++) {
            killed.open().close();
        }
        assertThat(killed.storage.list()).hasSize(files);
        assertThat(killed.storage.openFiles()).isZero();
    }

    @Test
    void openFilesAreClosed() throws IOException {
        StoredLog log = killed.open();
        append(log, 7);
        log.read(3);
        try (var cursor = log.cursor(1)) {
            while (cursor.next()) {
                assertThat(killed.storage.openFiles()).isLessThan(5);
            }
        }
        log.close();
        assertThat(killed.storage.openFiles()).isZero();
        StoredLog reader = killed.threads.openReadOnly(killed.storage);
        reader.read(3);
        reader.close();
        assertThat(killed.storage.openFiles()).isZero();
    }

    @Test
    void logOpensOnAFullDisk() throws IOException {
        append(killed.open(), 7);
        killed.kill();
        killed.storage.leaveFree(0);
        StoredLog log = killed.open();
        assertHolds(log, 1, 7);
        log.truncate(5);
        log.truncate(3);
        log.close();
        assertHolds(killed.open(), 1, 3);
    }

    @Test
    void logOpensOnAFullDiskForAnySizeOfItsLastRecord() throws IOException {
        for (int bytes = 2000; bytes <= 3200; bytes += 8) {
            killed.storage = new HeapStorage();
            killed.open().append(new byte[bytes]);
            killed.kill();
            killed.storage.leaveFree(0);
            StoredLog log = killed.open();
            assertThat(log.lastId()).as("%d bytes", bytes).hasValue(1);
            log.truncate(0);
        }
    }

    private List<String> spares() {
        return killed.storage.snapshot().keySet().stream()
                .filter(name -> name.startsWith("spare-"))
                .toList();
    }

    @Test
    void reserveOfSparesIsCompleteAfterOpening() throws IOException {
        killed.open();
        assertThat(spares()).hasSize(Spares.RESERVED);
        killed.kill();
        for (String spare : spares()) {
            killed.storage.delete(spare);
        }
        killed.open();
        assertThat(spares()).hasSizeGreaterThanOrEqualTo(Spares.RESERVED);
    }

    @Test
    void recordsAreCopiedAgainIfOtherwiseNoSpareWouldBeLeft() throws IOException {
        killed.open().append(new byte[2000]);
        killed.threads.idle();
        killed.kill();
        for (String spare : spares().subList(1, spares().size())) {
            killed.storage.delete(spare);
        }
        killed.storage.leaveFree(0);
        StoredLog log = killed.open();
        assertThat(log.lastId()).hasValue(1);
        assertThat(killed.storage.snapshot().keySet()).doesNotContain(FIRST);
        assertThat(spares()).hasSize(1);
        log.truncate(0);
        log.close();
        assertThat(killed.open().lastId()).isEmpty();
    }

    @Test
    void namesAreSyncedBeforeAnythingElseIsDone() throws IOException {
        StoredLog log = killed.open();
        append(log, 6);
        Map<String, byte[]> before = killed.storage.snapshot();
        log.reset(70);
        before.forEach((name, bytes) -> {
            if (name.endsWith(".seg")) {
                killed.storage.put(name, bytes);
            }
        });
        killed.kill();
        killed.storage.takeSteps();
        killed.open();
        List<String> steps = killed.storage.takeSteps();
        int lastDead = 0;
        for (int i = 0; i < steps.size(); i++) {
            if (before.keySet().stream().anyMatch(steps.get(i)::contains)
                    && !steps.get(i).startsWith("sync")) {
                lastDead = steps.get(i).contains(".seg") ? i : lastDead;
            }
        }
        assertThat(steps.get(lastDead + 1)).isEqualTo("sync names");
    }

    @Test
    void filesOfTrimmedSegmentsAreDeletedAndReported() throws IOException {
        StoredLog log = killed.open();
        append(log, 5);
        Map<String, byte[]> before = killed.storage.snapshot();
        log.trim(4);
        before.forEach((name, bytes) -> {
            if (name.endsWith(".seg") && !killed.storage.snapshot().containsKey(name)) {
                killed.storage.put(name, bytes);
            }
        });
        killed.kill();
        log = killed.open();
        assertThat(log.opened().changes().removedFiles()).contains(FIRST, SECOND);
        assertThat(killed.storage.snapshot()).doesNotContainKeys(FIRST, SECOND);
        assertHolds(log, 5, 5);
    }
}
