package dev.holdfast.wal.recovery;

import static dev.holdfast.wal.recovery.KilledLog.FIRST;
import static dev.holdfast.wal.recovery.KilledLog.SECOND;
import static dev.holdfast.wal.recovery.KilledLog.append;
import static dev.holdfast.wal.recovery.KilledLog.assertHolds;
import static dev.holdfast.wal.recovery.KilledLog.data;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.engine.StoredLog;
import dev.holdfast.wal.format.Checksum;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.Predecessor;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.segment.SameThread;
import dev.holdfast.wal.storage.ForwardingStorage;
import dev.holdfast.wal.storage.HeapStorage;
import dev.holdfast.wal.storage.ReadableFile;
import dev.holdfast.wal.storage.Storage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Opens logs whose segments do not fit together. Each damage is reported with the records at risk. */
class LiveChainTest {
    private final KilledLog killed = new KilledLog();

    @Test
    void failedOpenClosesItsFilesAndChangesNothing() throws IOException {
        append(killed.open(), 7);
        killed.threads.idle();
        killed.kill();
        List<String> segments = killed.storage.snapshot().keySet().stream()
                .filter(name -> name.endsWith(".seg"))
                .toList();
        for (String segment : segments) {
            for (int offset : new int[] {100, 4200, (int) Layout.footerOffset(8192) + 50}) {
                byte[] whole = killed.storage.bytes(segment).clone();
                killed.storage.bytes(segment)[offset] ^= 1;
                assertOpensOrChangesNothing();
                killed.storage.put(segment, whole);
            }
            byte[] removed = killed.storage.bytes(segment).clone();
            killed.storage.delete(segment);
            assertOpensOrChangesNothing();
            killed.storage.put(segment, removed);
        }
    }

    private void assertOpensOrChangesNothing() throws IOException {
        HeapStorage before = killed.storage.copy();
        killed.storage.takeSteps();
        CorruptLogException readOnly = catchThrowableOfType(
                CorruptLogException.class,
                () -> killed.threads.openReadOnly(killed.storage).close());
        assertThat(killed.storage.takeSteps()).isEmpty();
        CorruptLogException e = catchThrowableOfType(
                CorruptLogException.class, () -> killed.open().close());
        assertThat(e == null).isEqualTo(readOnly == null);
        if (e != null) {
            assertThat(killed.storage.takeSteps()).containsExactly("sync names");
        }
        assertThat(killed.storage.openFiles()).isZero();
        killed.storage = before;
    }

    /** Records which segments are opened, and fails to read the footer of one. */
    private static final class Watched extends ForwardingStorage {
        private final List<String> opened = new ArrayList<>();
        private final String unreadable;

        private Watched(Storage storage, String unreadable) {
            super(storage);
            this.unreadable = unreadable;
        }

        @Override
        public ReadableFile openForReading(String name) throws IOException {
            opened.add(name);
            return new Reader(super.openForReading(name)) {
                @Override
                public int read(long offset, ByteBuffer into) throws IOException {
                    if (name.equals(unreadable) && offset > 0) throw new IOException("bad sector");
                    return super.read(offset, into);
                }
            };
        }
    }

    private List<String> segments() {
        return killed.storage.snapshot().keySet().stream()
                .filter(name -> name.endsWith(".seg"))
                .sorted()
                .toList();
    }

    @Test
    void segmentsBeforeTheTailAreOpenedOnce() throws IOException {
        append(killed.open(), 7);
        killed.threads.idle();
        killed.kill();
        Watched storage = new Watched(killed.storage, "");
        killed.threads.openReadOnly(storage).close();
        List<String> sealed = segments().subList(0, segments().size() - 1);
        storage.opened.retainAll(sealed);
        assertThat(sealed).hasSizeGreaterThan(2);
        assertThat(storage.opened).containsExactlyInAnyOrderElementsOf(sealed);
    }

    @Test
    void unreadableFooterPreventsOpeningOnlyIfTheSegmentIsLive() throws IOException {
        Log log = killed.open();
        append(log, 7);
        String first = segments().get(0);
        byte[] bytes = killed.storage.bytes(first).clone();
        killed.threads.idle();
        killed.kill();
        assertThatThrownBy(() -> killed.threads.openReadOnly(new Watched(killed.storage, first)))
                .hasMessage("bad sector");
        try (Log again = killed.open()) {
            again.trim(5);
        }
        killed.storage.put(first, bytes); // a deleted name that a power failure brings back
        try (StoredLog found = killed.threads.openReadOnly(new Watched(killed.storage, first))) {
            assertHolds(found, 6, 7);
        }
    }

    /** A forged segment. Opening it would work once and never again, because the next epoch is invalid. */
    @Test
    void segmentOfTheLargestEpochIsRefusedBeforeAnotherFollows() throws IOException {
        SegmentHeader header = new SegmentHeader(
                SegmentHeader.MAX_EPOCH, 5, 8192, 100, false, new UUID(1, 2), 3, 4, new Predecessor.None());
        killed.storage.put(header.name().fileName(), Arrays.copyOf(header.encode(new Checksum()), 8192));
        CorruptLogException e = catchThrowableOfType(CorruptLogException.class, killed::open);
        assertThat(e)
                .hasMessage(
                        "4000000000000000-0000000000000005.seg at byte 24: the epoch is the largest possible one, so "
                                + "no segment"
                                + " can follow. No log wrote the records from 5 on. Restore the log from a copy.");
        assertThat(e.file()).isEqualTo("4000000000000000-0000000000000005.seg");
        assertThat(e.offset()).isEqualTo(24);
        assertThat(e.firstIdAtRisk()).isEqualTo(5);
        assertThat(e.lastIdAtRisk()).isEqualTo(Long.MAX_VALUE);
        assertThat(killed.threads.openReadOnly(killed.storage).nextId()).isEqualTo(5);
    }

    /** The power failed after a segment was published and before the footer of its predecessor was written. */
    @Test
    void missingFooterOfAnInterruptedRollIsWritten() throws IOException {
        append(killed.open(), 3);
        Arrays.fill(killed.storage.bytes(FIRST), (int) Layout.footerOffset(8192), 8192, (byte) 0);
        killed.kill();
        append(killed.open(), 6);
        killed.kill();
        assertHolds(killed.open(), 1, 9);
    }

    /** A restore mixed two backups: all checksums match, but the last record is another record. */
    @Test
    void segmentThatEndsWithAnotherRecordThanItsCutIsRefused() throws IOException {
        HeapStorage other = new HeapStorage();
        for (HeapStorage each : List.of(killed.storage, other)) {
            StoredLog log = new SameThread(7).open(each);
            byte[] data = new byte[2000];
            data[0] = (byte) (each == killed.storage ? 1 : 2);
            log.append(data);
            log.append(new byte[100]);
            log.truncate(1);
            log.close();
        }
        assertThat(other.bytes(FIRST))
                .hasSameSizeAs(killed.storage.bytes(FIRST))
                .isNotEqualTo(killed.storage.bytes(FIRST));
        killed.storage.put(FIRST, other.bytes(FIRST));
        CorruptLogException e = catchThrowableOfType(CorruptLogException.class, killed::open);
        assertThat(e)
                .hasMessageStartingWith(
                        FIRST + " at byte 4136: record 1 is not the record after which this segment was cut (it ends"
                                + " at byte 6144, expected 6144). The file is older than the segments after it, so "
                                + "the log was not opened. ");
        assertThat(e.firstIdAtRisk()).isEqualTo(1);
        assertThat(e.lastIdAtRisk()).isEqualTo(1);
    }

    private static final String THIRD = "00000003-0000000000000005.seg";

    private CorruptLogException refused() {
        CorruptLogException e = catchThrowableOfType(CorruptLogException.class, killed::open);
        assertThat(killed.storage.openFiles()).isZero();
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
        append(killed.open(), 9);
        killed.kill();
        killed.storage.delete(SECOND);
        CorruptLogException e = refused();
        assertAtRisk(e, SECOND, 0, 3, 4);
        assertThat(e)
                .hasMessageStartingWith("heap: the segment " + SECOND + " is missing, but " + THIRD
                        + " follows it. Records 3 to 4 may be lost with it, so the log was not opened. ");
        killed.storage.delete(FIRST);
        e = refused();
        assertAtRisk(e, "00000002-*.seg", 0, 1, 4);
        killed.storage.delete(THIRD);
        e = refused();
        assertAtRisk(e, "00000003-*.seg", 0, 1, 6);
    }

    @Test
    void damagedFooterIsNamedWithTheRecordsOfItsSegment() throws IOException {
        append(killed.open(), 7);
        killed.kill();
        int footer = (int) Layout.footerOffset(8192);
        killed.storage.bytes(SECOND)[footer + 50] ^= 1;
        CorruptLogException e = refused();
        assertAtRisk(e, SECOND, footer, 3, 4);
        assertThat(e)
                .hasMessageStartingWith(SECOND + " at byte " + footer
                        + ": no valid footer, expected a footer that ends with record 4, because " + THIRD
                        + " follows. The file is damaged or older than the segments after it; records 3 to 4 "
                        + "may be lost");
    }

    @Test
    void missingFooterAfterAFinishedRollIsDamage() throws IOException {
        StoredLog log = killed.open();
        append(log, 3);
        log.append(new byte[300]);
        log.append(new byte[300]);
        killed.kill();
        Arrays.fill(killed.storage.bytes(FIRST), (int) Layout.footerOffset(8192), 8192, (byte) 0);
        assertAtRisk(refused(), FIRST, Layout.footerOffset(8192), 1, 2);
    }

    @Test
    void segmentWithoutAFooterIsScannedAndItsDamageReported() throws IOException {
        append(killed.open(), 3);
        killed.kill();
        Arrays.fill(killed.storage.bytes(FIRST), (int) Layout.footerOffset(8192), 8192, (byte) 0);
        killed.storage.bytes(FIRST)[5144 + 60] ^= 1;
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
        for (HeapStorage each : List.of(killed.storage, other)) {
            StoredLog log = new SameThread(7).open(each);
            log.append(new byte[each == killed.storage ? 1000 : 1008]);
            append(log, 2);
            log.append(new byte[300]);
            log.append(new byte[300]);
        }
        killed.kill();
        killed.storage.put(FIRST, other.bytes(FIRST));
        assertAtRisk(refused(), FIRST, Layout.footerOffset(8192), 1, 2);
    }

    @Test
    void damagedTrimMarkerDoesNotBringTrimmedRecordsBack() throws IOException {
        StoredLog log = killed.open();
        log.append(new byte[100]);
        log.append(new byte[100]);
        log.trim(1);
        long marker = 4096 + 2 * 152;
        log.append(new byte[100]);
        killed.kill();
        killed.storage.bytes(FIRST)[(int) marker] ^= 1;
        CorruptLogException e = refused();
        assertAtRisk(e, FIRST, marker, 1, 1);
        assertThat(e).hasMessageContaining("records up to 1 had been trimmed").hasMessageContaining("--drop-from 3`");
    }
}
