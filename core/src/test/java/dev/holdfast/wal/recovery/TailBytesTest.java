package dev.holdfast.wal.recovery;

import static dev.holdfast.wal.recovery.KilledLog.FIRST;
import static dev.holdfast.wal.recovery.KilledLog.append;
import static dev.holdfast.wal.recovery.KilledLog.assertHolds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.commit.LogSettings;
import dev.holdfast.wal.engine.StoredLog;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.segment.SameThread;
import dev.holdfast.wal.storage.HeapStorage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Bytes at the end of a killed log that recovery keeps in another file or rewrites in place. */
class TailBytesTest {
    private final KilledLog killed = new KilledLog();

    @Test
    void tornBytesAreKeptAndOlderTornBytesAreDeleted() throws IOException {
        append(killed.open(), 1);
        killed.kill();
        killed.storage.put("00000000-0000000000000001.seg.torn", new byte[5]);
        killed.storage.bytes(FIRST)[5144] = 1;
        killed.storage.bytes(FIRST)[5144 + 99] = 1;
        StoredLog log = killed.open();
        assertThat(log.opened().tornBytes()).isEqualTo(104);
        assertThat(log.opened().changes().tornFile()).contains(FIRST + ".torn");
        assertThat(killed.storage.bytes(FIRST + ".torn")).hasSize(104).startsWith(1, 0, 0);
        assertThat(killed.storage.snapshot()).doesNotContainKey("00000000-0000000000000001.seg.torn");
        assertHolds(log, 1, 1);
    }

    @Test
    void residueOfAnInterruptedWriteNeverBecomesValidAgain() throws IOException {
        StoredLog log = killed.open();
        append(log, 1);
        byte[] before = killed.storage.bytes(FIRST).clone();
        append(log, 1);
        // Lose the first sector of the second record, but not the sectors after it.
        System.arraycopy(before, 5144, killed.storage.bytes(FIRST), 5144, 400);
        killed.kill();
        log = killed.open();
        assertHolds(log, 1, 1);
        append(log, 1);
        killed.kill();
        assertHolds(killed.open(), 1, 2);
    }

    @Test
    void lastGroupMayBeTornAtAnyPlace() throws IOException {
        StoredLog log = killed.open();
        append(log, 3);
        log.appendAll(List.of(
                LogRecord.of(0, new byte[100]).data(),
                LogRecord.of(0, new byte[100]).data()));
        Map<String, byte[]> whole = killed.storage.snapshot();
        String tail = whole.keySet().stream()
                .filter(name -> name.startsWith("00000002"))
                .findFirst()
                .orElseThrow();
        List<Long> lastIds = new ArrayList<>();
        for (int end = 5144; end <= 5144 + 256; end += 8) {
            killed.storage = new HeapStorage();
            whole.forEach(killed.storage::put);
            Arrays.fill(killed.storage.bytes(tail), end, 8192, (byte) 0);
            log = killed.open();
            long last = log.lastId().orElseThrow();
            assertThat(last).isIn(3L, 5L);
            assertThat(log.opened().tornBytes() > 0).isEqualTo(last == 3 && end > 5144);
            lastIds.add(last);
        }
        assertThat(lastIds).isSorted().startsWith(3L).endsWith(5L);
    }

    @Test
    void longTornBytesAreKeptWhole() throws IOException {
        LogSettings large = SameThread.settings(4 << 20);
        StoredLog log = killed.threads.open(killed.storage, large);
        append(log, 1);
        log.reset(1);
        for (int i = 0; i < 4; i++) {
            log.append(new byte[900_000]);
        }
        killed.kill();
        String tail = killed.storage.snapshot().keySet().stream()
                .filter(name -> name.endsWith(".seg"))
                .reduce((first, second) -> second)
                .orElseThrow();
        byte[] bytes = killed.storage.bytes(tail);
        int end = (int) Layout.groupsEnd(bytes.length);
        int from = (int) Layout.aligned(end - 2_200_000);
        for (int i = from; i < end; i++) {
            bytes[i] = (byte) (i % 251 + 1);
        }
        byte[] whole = bytes.clone();
        log = killed.threads.open(killed.storage, large);
        assertThat(log.opened().tornBytes()).isGreaterThan(2 << 20);
        String torn = log.opened().changes().tornFile().orElseThrow();
        int length = killed.storage.bytes(torn).length;
        assertThat(killed.storage.bytes(torn)).isEqualTo(Arrays.copyOfRange(whole, end - length, end));
        assertThat((long) length).isEqualTo(log.opened().tornBytes());
    }

    @Test
    void tornBytesAreNotKeptInPartOnAFullDisk() throws IOException {
        append(killed.open(), 1);
        killed.kill();
        killed.storage.bytes(FIRST)[5144 + 999] = 1;
        killed.storage.leaveFree(500);
        StoredLog log = killed.open();
        assertThat(log.opened().tornBytes()).isGreaterThan(900);
        assertThat(log.opened().changes().tornFile()).isEmpty();
        assertThat(killed.storage.snapshot()).doesNotContainKey(FIRST + ".torn");
        log.close();
        assertThat(killed.storage.openFiles()).isZero();
    }

    @Test
    void filesAreClosedAfterARewriteInPlace() throws IOException {
        killed.open().append(new byte[20_000]);
        killed.kill();
        killed.storage.leaveFree(0);
        StoredLog log = killed.open();
        assertThat(log.lastId()).hasValue(1);
        log.close();
        assertThat(killed.storage.openFiles()).isZero();
    }

    /**
     * Bytes that a failed sync left visible become durable only if they are written again; a second sync is not enough.
     */
    @Test
    void recordsThatFitIntoNoSpareAreRewrittenInPlaceAndSynced() throws IOException {
        killed.open().append(new byte[20_000]);
        killed.kill();
        killed.storage.takeSteps();
        assertThat(killed.open().lastId()).hasValue(1);
        List<String> steps = killed.storage.takeSteps();
        String tail = steps.stream()
                .filter(step -> step.matches("write [0-9a-f-]+\\.seg 4096"))
                .map(step -> step.split(" ", -1)[1])
                .findFirst()
                .orElseThrow(() -> new AssertionError(steps.toString()));
        assertThat(steps).containsSubsequence("write " + tail + " 4096", "sync " + tail);
    }
}
