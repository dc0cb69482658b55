package dev.holdfast.wal.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.chain.Spares;
import dev.holdfast.wal.engine.LogSettings;
import dev.holdfast.wal.engine.StoredLog;
import dev.holdfast.wal.format.Checksum;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.Predecessor;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.segment.SameThread;
import dev.holdfast.wal.storage.HeapStorage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * Tests the effect of opening on a directory, file by file. The crash explorer crashes at every step; these tests name
 * single cases.
 */
class RecoveryTest {
    private static final String FIRST = "00000001-0000000000000001.seg";

    private final SameThread threads = new SameThread(7);
    private HeapStorage storage = new HeapStorage().recordSteps();

    private StoredLog open() throws IOException {
        return threads.open(storage);
    }

    /** Appends records of 1000 bytes. Two of them fill a segment of 8 KiB. */
    private static void append(Log log, int records) throws IOException {
        for (int i = 0; i < records; i++) {
            long id = log.nextId();
            log.append(LogRecord.of(id, data(id)));
        }
    }

    private static byte[] data(long id) {
        byte[] data = new byte[1000];
        Arrays.fill(data, (byte) (id * 7 + 1));
        return data;
    }

    private static void assertHolds(Log log, long first, long last) throws IOException {
        assertThat(log.firstId()).hasValue(first);
        assertThat(log.lastId()).hasValue(last);
        for (long id = first; id <= last; id++) {
            assertThat(log.read(id)).contains(LogRecord.of(id, data(id)));
        }
    }

    /** Simulates a kill of the process, or a power failure after everything was synced. */
    private void kill() {
        storage = storage.copy();
    }

    @Test
    void killedLogHasAllItsRecords() throws IOException {
        append(open(), 7);
        kill();
        StoredLog log = open();
        assertHolds(log, 1, 7);
        assertThat(log.opened().ending()).isEqualTo(OpenReport.Ending.UNCLOSED);
        assertThat(log.opened().changes().rewrittenRecords()).isOne();
        assertThat(log.opened().tornBytes()).isZero();
        assertThat(log.opened().changes().tornFile()).isEmpty();
        append(log, 1);
        log.close();
        assertHolds(open(), 1, 8);
    }

    @Test
    void idleLogHasNothingToRewrite() throws IOException {
        append(open(), 1);
        threads.idle();
        kill();
        StoredLog log = open();
        assertThat(log.opened().changes().rewrittenRecords()).isZero();
        assertThat(log.opened().tornBytes()).isZero();
        assertHolds(log, 1, 1);
    }

    @Test
    void repeatedKillsLeaveFewFiles() throws IOException {
        for (int i = 0; i < 20; i++) {
            append(open(), 1);
            kill();
        }
        assertHolds(open(), 1, 20);
        assertThat(storage.list()).hasSizeLessThan(30);
    }

    @Test
    void tornBytesAreKeptAndOlderTornBytesAreDeleted() throws IOException {
        append(open(), 1);
        kill();
        storage.put("00000000-0000000000000001.seg.torn", new byte[5]);
        storage.bytes(FIRST)[5144] = 1;
        storage.bytes(FIRST)[5144 + 99] = 1;
        StoredLog log = open();
        assertThat(log.opened().tornBytes()).isEqualTo(104);
        assertThat(log.opened().changes().tornFile()).contains(FIRST + ".torn");
        assertThat(storage.bytes(FIRST + ".torn")).hasSize(104).startsWith(1, 0, 0);
        assertThat(storage.snapshot()).doesNotContainKey("00000000-0000000000000001.seg.torn");
        assertHolds(log, 1, 1);
    }

    @Test
    void residueOfAnInterruptedWriteNeverBecomesValidAgain() throws IOException {
        StoredLog log = open();
        append(log, 1);
        byte[] before = storage.bytes(FIRST).clone();
        append(log, 1);
        // Lose the first sector of the second record, but not the sectors after it.
        System.arraycopy(before, 5144, storage.bytes(FIRST), 5144, 400);
        kill();
        log = open();
        assertHolds(log, 1, 1);
        append(log, 1);
        kill();
        assertHolds(open(), 1, 2);
    }

    @Test
    void deadFilesBecomeSparesOrAreDeleted() throws IOException {
        StoredLog log = open();
        append(log, 6);
        Map<String, byte[]> before = storage.snapshot();
        log.reset(70);
        log.close();
        before.forEach((name, bytes) -> {
            if (name.endsWith(".seg")) {
                storage.put(name, bytes);
            }
        });
        log = open();
        assertThat(log.firstId()).isEmpty();
        assertThat(log.nextId()).isEqualTo(70);
        assertThat(log.opened().changes().removedFiles()).hasSize(3);
        assertThat(storage.snapshot().keySet()).noneMatch(name -> before.containsKey(name) && name.endsWith(".seg"));
    }

    @Test
    void unfinishedSparesAreDeleted() throws IOException {
        open().close();
        storage.put("spare-000000ff.new.tmp", new byte[100]);
        open();
        assertThat(storage.snapshot()).doesNotContainKey("spare-000000ff.new.tmp");
    }

    @Test
    void directoryWithOnlySparesBecomesANewLog() throws IOException {
        open().close();
        for (String name : List.copyOf(storage.snapshot().keySet())) {
            if (name.endsWith(".seg")) {
                storage.delete(name);
            }
        }
        StoredLog log = open();
        assertThat(log.opened().ending()).isEqualTo(OpenReport.Ending.NEW);
        assertThat(log.nextId()).isEqualTo(1);
    }

    @Test
    void pinSurvivesAKill() throws IOException {
        open().reset(50);
        kill();
        StoredLog log = open();
        assertThatIllegalArgumentException().isThrownBy(() -> log.append(LogRecord.of(51, new byte[1])));
        log.append(LogRecord.of(50, new byte[1]));
    }

    @Test
    void trimSurvivesAKill() throws IOException {
        StoredLog log = open();
        append(log, 6);
        log.trim(5);
        kill();
        assertHolds(open(), 6, 6);
        kill();
        open().trim(6);
        kill();
        log = open();
        assertThat(log.firstId()).isEmpty();
        assertThat(log.nextId()).isEqualTo(7);
    }

    @Test
    void truncationSurvivesAKill() throws IOException {
        StoredLog log = open();
        append(log, 6);
        log.truncate(3);
        kill();
        log = open();
        assertHolds(log, 1, 3);
        append(log, 2);
        kill();
        assertHolds(open(), 1, 5);
    }

    @Test
    void batchLargerThanAnEmptyTailLeavesALogThatOpens() throws IOException {
        StoredLog log = open();
        append(log, 2);
        threads.idle();
        kill();
        log = open(); // the new tail is empty, because both records are proven and too large to be copied
        log.append(new byte[20_000]);
        append(log, 1);
        log.close();
        log = open();
        assertThat(log.lastId()).hasValue(4);
        assertThat(log.read(2)).contains(LogRecord.of(2, data(2)));
        assertThat(log.read(3).orElseThrow().data().remaining()).isEqualTo(20_000);
    }

    @Test
    void emptyTailOfOtherOptionsLeavesALogThatOpens() throws IOException {
        StoredLog log = open();
        append(log, 2);
        threads.idle();
        kill();
        open().close();
        LogSettings other = new LogSettings(8192, 8192, 2000, 1 << 20, true, Layout.ALIGNMENT);
        log = threads.open(storage, other);
        append(log, 1);
        log.close();
        assertHolds(open(), 1, 3);
    }

    @Test
    void pinOutlivesAnEmptyTailThatIsTooSmall() throws IOException {
        open().reset(50);
        kill();
        StoredLog log = open();
        log.append(LogRecord.of(50, new byte[20_000]));
        log.truncate(0);
        assertThat(log.nextId()).isEqualTo(50);
    }

    @Test
    void openingAgainTakesNoMoreFiles() throws IOException {
        append(open(), 5);
        kill();
        open().close();
        int files = storage.list().size();
        for (int i = 0; i < 20; i++) {
            open().close();
        }
        assertThat(storage.list()).hasSize(files);
        assertThat(storage.openFiles()).isZero();
    }

    @Test
    void openFilesAreClosed() throws IOException {
        StoredLog log = open();
        append(log, 7);
        log.read(3);
        try (var cursor = log.cursor(1)) {
            while (cursor.next()) {
                assertThat(storage.openFiles()).isLessThan(5);
            }
        }
        log.close();
        assertThat(storage.openFiles()).isZero();
        StoredLog reader = threads.openReadOnly(storage);
        reader.read(3);
        reader.close();
        assertThat(storage.openFiles()).isZero();
    }

    @Test
    void failedOpenClosesItsFilesAndChangesNothing() throws IOException {
        append(open(), 7);
        threads.idle();
        kill();
        List<String> segments = storage.snapshot().keySet().stream()
                .filter(name -> name.endsWith(".seg"))
                .toList();
        for (String segment : segments) {
            for (int offset : new int[] {100, 4200, (int) Layout.footerOffset(8192) + 50}) {
                byte[] whole = storage.bytes(segment).clone();
                storage.bytes(segment)[offset] ^= 1;
                assertOpensOrChangesNothing();
                storage.put(segment, whole);
            }
            byte[] removed = storage.bytes(segment).clone();
            storage.delete(segment);
            assertOpensOrChangesNothing();
            storage.put(segment, removed);
        }
    }

    private void assertOpensOrChangesNothing() throws IOException {
        HeapStorage before = storage.copy();
        storage.takeSteps();
        CorruptLogException readOnly = catchThrowableOfType(
                CorruptLogException.class, () -> threads.openReadOnly(storage).close());
        assertThat(storage.takeSteps()).isEmpty();
        CorruptLogException e = catchThrowableOfType(CorruptLogException.class, () -> open().close());
        assertThat(e == null).isEqualTo(readOnly == null);
        if (e != null) {
            assertThat(storage.takeSteps()).containsExactly("sync names");
        }
        assertThat(storage.openFiles()).isZero();
        storage = before;
    }

    @Test
    void logOpensOnAFullDisk() throws IOException {
        append(open(), 7);
        kill();
        storage.leaveFree(0);
        StoredLog log = open();
        assertHolds(log, 1, 7);
        log.truncate(5);
        log.truncate(3);
        log.close();
        assertHolds(open(), 1, 3);
    }

    @Test
    void logOpensOnAFullDiskForAnySizeOfItsLastRecord() throws IOException {
        for (int bytes = 2000; bytes <= 3200; bytes += 8) {
            storage = new HeapStorage();
            open().append(new byte[bytes]);
            kill();
            storage.leaveFree(0);
            StoredLog log = open();
            assertThat(log.lastId()).as("%d bytes", bytes).hasValue(1);
            log.truncate(0);
        }
    }

    @Test
    void lastGroupMayBeTornAtAnyPlace() throws IOException {
        StoredLog log = open();
        append(log, 3);
        log.appendAll(List.of(
                LogRecord.of(0, new byte[100]).data(),
                LogRecord.of(0, new byte[100]).data()));
        Map<String, byte[]> whole = storage.snapshot();
        String tail = whole.keySet().stream()
                .filter(name -> name.startsWith("00000002"))
                .findFirst()
                .orElseThrow();
        List<Long> lastIds = new ArrayList<>();
        for (int end = 5144; end <= 5144 + 256; end += 8) {
            storage = new HeapStorage();
            whole.forEach(storage::put);
            Arrays.fill(storage.bytes(tail), end, 8192, (byte) 0);
            log = open();
            long last = log.lastId().orElseThrow();
            assertThat(last).isIn(3L, 5L);
            assertThat(log.opened().tornBytes() > 0).isEqualTo(last == 3 && end > 5144);
            lastIds.add(last);
        }
        assertThat(lastIds).isSorted().startsWith(3L).endsWith(5L);
    }

    /** A forged segment. Opening it would work once and never again, because the next epoch is invalid. */
    @Test
    void segmentOfTheLargestEpochIsRefusedBeforeAnotherFollows() throws IOException {
        SegmentHeader header = new SegmentHeader(
                SegmentHeader.MAX_EPOCH, 5, 8192, 100, false, new UUID(1, 2), 3, 4, new Predecessor.None());
        storage.put(header.name().fileName(), Arrays.copyOf(header.encode(new Checksum()), 8192));
        CorruptLogException e = catchThrowableOfType(CorruptLogException.class, this::open);
        assertThat(e)
                .hasMessage(
                        "4000000000000000-0000000000000005.seg at byte 24: the epoch is the largest possible one, so no segment"
                                + " can follow. No log wrote the records from 5 on. Restore the log from a copy.");
        assertThat(e.file()).isEqualTo("4000000000000000-0000000000000005.seg");
        assertThat(e.offset()).isEqualTo(24);
        assertThat(e.firstIdAtRisk()).isEqualTo(5);
        assertThat(e.lastIdAtRisk()).isEqualTo(Long.MAX_VALUE);
        assertThat(threads.openReadOnly(storage).nextId()).isEqualTo(5);
    }

    /** The power failed after a segment was published and before the footer of its predecessor was written. */
    @Test
    void missingFooterOfAnInterruptedRollIsWritten() throws IOException {
        append(open(), 3);
        Arrays.fill(storage.bytes(FIRST), (int) Layout.footerOffset(8192), 8192, (byte) 0);
        kill();
        append(open(), 6);
        kill();
        assertHolds(open(), 1, 9);
    }

    /** A restore mixed two backups: all checksums match, but the last record is another record. */
    @Test
    void segmentThatEndsWithAnotherRecordThanItsCutIsRefused() throws IOException {
        HeapStorage other = new HeapStorage();
        for (HeapStorage each : List.of(storage, other)) {
            StoredLog log = new SameThread(7).open(each);
            byte[] data = new byte[2000];
            data[0] = (byte) (each == storage ? 1 : 2);
            log.append(data);
            log.append(new byte[100]);
            log.truncate(1);
            log.close();
        }
        assertThat(other.bytes(FIRST)).hasSameSizeAs(storage.bytes(FIRST)).isNotEqualTo(storage.bytes(FIRST));
        storage.put(FIRST, other.bytes(FIRST));
        CorruptLogException e = catchThrowableOfType(CorruptLogException.class, this::open);
        assertThat(e)
                .hasMessageStartingWith(
                        FIRST + " at byte 4136: record 1 is not the record after which this segment was cut (it ends"
                                + " at byte 6144, expected 6144). The file is older than the segments after it, so the log was not opened. ");
        assertThat(e.firstIdAtRisk()).isEqualTo(1);
        assertThat(e.lastIdAtRisk()).isEqualTo(1);
    }

    private static final String SECOND = "00000002-0000000000000003.seg";
    private static final String THIRD = "00000003-0000000000000005.seg";

    private CorruptLogException refused() {
        CorruptLogException e = catchThrowableOfType(CorruptLogException.class, this::open);
        assertThat(storage.openFiles()).isZero();
        return e;
    }

    private static void assertAtRisk(CorruptLogException e, String file, long offset, long firstId, long lastId) {
        assertThat(e.file()).isEqualTo(file);
        assertThat(e.offset()).isEqualTo(offset);
        assertThat(e.firstIdAtRisk()).isEqualTo(firstId);
        assertThat(e.lastIdAtRisk()).isEqualTo(lastId);
    }

    @Test
    void missingSegmentIsNamedWithTheRecordsThatItHeld() throws IOException {
        append(open(), 9);
        kill();
        storage.delete(SECOND);
        CorruptLogException e = refused();
        assertAtRisk(e, SECOND, 0, 3, 4);
        assertThat(e)
                .hasMessageStartingWith("heap: the segment " + SECOND + " is missing, but " + THIRD
                        + " follows it. Records 3 to 4 may be lost with it, so the log was not opened. ");
        storage.delete(FIRST);
        e = refused();
        assertAtRisk(e, "00000002-*.seg", 0, 1, 4);
        storage.delete(THIRD);
        e = refused();
        assertAtRisk(e, "00000003-*.seg", 0, 1, 6);
    }

    @Test
    void damagedFooterIsNamedWithTheRecordsOfItsSegment() throws IOException {
        append(open(), 7);
        kill();
        int footer = (int) Layout.footerOffset(8192);
        storage.bytes(SECOND)[footer + 50] ^= 1;
        CorruptLogException e = refused();
        assertAtRisk(e, SECOND, footer, 3, 4);
        assertThat(e)
                .hasMessageStartingWith(
                        SECOND + " at byte " + footer
                                + ": no valid footer, expected a footer that ends with record 4, because " + THIRD
                                + " follows. The file is damaged or older than the segments after it; records 3 to 4 may be lost");
    }

    @Test
    void missingFooterAfterAFinishedRollIsDamage() throws IOException {
        StoredLog log = open();
        append(log, 3);
        log.append(new byte[300]);
        log.append(new byte[300]);
        kill();
        Arrays.fill(storage.bytes(FIRST), (int) Layout.footerOffset(8192), 8192, (byte) 0);
        assertAtRisk(refused(), FIRST, Layout.footerOffset(8192), 1, 2);
    }

    @Test
    void segmentWithoutAFooterIsScannedAndItsDamageReported() throws IOException {
        append(open(), 3);
        kill();
        Arrays.fill(storage.bytes(FIRST), (int) Layout.footerOffset(8192), 8192, (byte) 0);
        storage.bytes(FIRST)[5144 + 60] ^= 1;
        CorruptLogException e = refused();
        assertAtRisk(e, FIRST, 5144 + 40, 2, 2);
        assertThat(e)
                .hasMessageStartingWith(FIRST
                        + " at byte 5184: frame of record 2 is not whole, expected groups up to byte 6192. Record 2 was"
                        + " synced before " + SECOND + " was created, so record 2 may be lost");
    }

    /** All checksums match, because a restore mixed two backups. */
    @Test
    void segmentWhoseEndDiffersFromItsSuccessorsHeaderIsRefused() throws IOException {
        HeapStorage other = new HeapStorage();
        for (HeapStorage each : List.of(storage, other)) {
            StoredLog log = new SameThread(7).open(each);
            log.append(new byte[each == storage ? 1000 : 1008]);
            append(log, 2);
            log.append(new byte[300]);
            log.append(new byte[300]);
        }
        kill();
        storage.put(FIRST, other.bytes(FIRST));
        assertAtRisk(refused(), FIRST, Layout.footerOffset(8192), 1, 2);
    }

    @Test
    void damagedTrimMarkerDoesNotBringTrimmedRecordsBack() throws IOException {
        StoredLog log = open();
        log.append(new byte[100]);
        log.append(new byte[100]);
        log.trim(1);
        long marker = 4096 + 2 * 152;
        log.append(new byte[100]);
        kill();
        storage.bytes(FIRST)[(int) marker] ^= 1;
        CorruptLogException e = refused();
        assertAtRisk(e, FIRST, marker, 1, 1);
        assertThat(e).hasMessageContaining("records up to 1 had been trimmed").hasMessageContaining("--drop-from 3`");
    }

    private List<String> spares() {
        return storage.snapshot().keySet().stream()
                .filter(name -> name.startsWith("spare-"))
                .toList();
    }

    @Test
    void reserveOfSparesIsCompleteAfterOpening() throws IOException {
        open();
        assertThat(spares()).hasSize(Spares.RESERVED);
        kill();
        for (String spare : spares()) {
            storage.delete(spare);
        }
        open();
        assertThat(spares()).hasSizeGreaterThanOrEqualTo(Spares.RESERVED);
    }

    @Test
    void recordsAreCopiedAgainIfOtherwiseNoSpareWouldBeLeft() throws IOException {
        open().append(new byte[2000]);
        threads.idle();
        kill();
        for (String spare : spares().subList(1, spares().size())) {
            storage.delete(spare);
        }
        storage.leaveFree(0);
        StoredLog log = open();
        assertThat(log.lastId()).hasValue(1);
        assertThat(storage.snapshot().keySet()).doesNotContain(FIRST);
        assertThat(spares()).hasSize(1);
        log.truncate(0);
        log.close();
        assertThat(open().lastId()).isEmpty();
    }

    @Test
    void namesAreSyncedBeforeAnythingElseIsDone() throws IOException {
        StoredLog log = open();
        append(log, 6);
        Map<String, byte[]> before = storage.snapshot();
        log.reset(70);
        before.forEach((name, bytes) -> {
            if (name.endsWith(".seg")) {
                storage.put(name, bytes);
            }
        });
        kill();
        storage.takeSteps();
        open();
        List<String> steps = storage.takeSteps();
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
        StoredLog log = open();
        append(log, 5);
        Map<String, byte[]> before = storage.snapshot();
        log.trim(4);
        before.forEach((name, bytes) -> {
            if (name.endsWith(".seg") && !storage.snapshot().containsKey(name)) {
                storage.put(name, bytes);
            }
        });
        kill();
        log = open();
        assertThat(log.opened().changes().removedFiles()).contains(FIRST, SECOND);
        assertThat(storage.snapshot()).doesNotContainKeys(FIRST, SECOND);
        assertHolds(log, 5, 5);
    }

    @Test
    void longTornBytesAreKeptWhole() throws IOException {
        LogSettings large = SameThread.settings(4 << 20);
        StoredLog log = threads.open(storage, large);
        append(log, 1);
        log.reset(1);
        for (int i = 0; i < 4; i++) {
            log.append(new byte[900_000]);
        }
        kill();
        String tail = storage.snapshot().keySet().stream()
                .filter(name -> name.endsWith(".seg"))
                .reduce((first, second) -> second)
                .orElseThrow();
        byte[] bytes = storage.bytes(tail);
        int end = (int) Layout.groupsEnd(bytes.length);
        int from = (int) Layout.aligned(end - 2_200_000);
        for (int i = from; i < end; i++) {
            bytes[i] = (byte) (i % 251 + 1);
        }
        byte[] whole = bytes.clone();
        log = threads.open(storage, large);
        assertThat(log.opened().tornBytes()).isGreaterThan(2 << 20);
        String torn = log.opened().changes().tornFile().orElseThrow();
        int length = storage.bytes(torn).length;
        assertThat(storage.bytes(torn)).isEqualTo(Arrays.copyOfRange(whole, end - length, end));
        assertThat((long) length).isEqualTo(log.opened().tornBytes());
    }

    @Test
    void tornBytesAreNotKeptInPartOnAFullDisk() throws IOException {
        append(open(), 1);
        kill();
        storage.bytes(FIRST)[5144 + 999] = 1;
        storage.leaveFree(500);
        StoredLog log = open();
        assertThat(log.opened().tornBytes()).isGreaterThan(900);
        assertThat(log.opened().changes().tornFile()).isEmpty();
        assertThat(storage.snapshot()).doesNotContainKey(FIRST + ".torn");
        log.close();
        assertThat(storage.openFiles()).isZero();
    }

    @Test
    void filesAreClosedAfterARewriteInPlace() throws IOException {
        open().append(new byte[20_000]);
        kill();
        storage.leaveFree(0);
        StoredLog log = open();
        assertThat(log.lastId()).hasValue(1);
        log.close();
        assertThat(storage.openFiles()).isZero();
    }

    /**
     * Bytes that a failed sync left visible become durable only if they are written again; a second sync is not enough.
     */
    @Test
    void recordsThatFitIntoNoSpareAreRewrittenInPlaceAndSynced() throws IOException {
        open().append(new byte[20_000]);
        kill();
        storage.takeSteps();
        assertThat(open().lastId()).hasValue(1);
        List<String> steps = storage.takeSteps();
        String tail = steps.stream()
                .filter(step -> step.matches("write [0-9a-f-]+\\.seg 4096"))
                .map(step -> step.split(" ", -1)[1])
                .findFirst()
                .orElseThrow(() -> new AssertionError(steps.toString()));
        assertThat(steps).containsSubsequence("write " + tail + " 4096", "sync " + tail);
    }
}
