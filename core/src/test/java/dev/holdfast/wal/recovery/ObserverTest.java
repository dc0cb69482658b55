package dev.holdfast.wal.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.catalog.Catalog;
import dev.holdfast.wal.engine.StoredLog;
import dev.holdfast.wal.format.Checksum;
import dev.holdfast.wal.format.Declaration;
import dev.holdfast.wal.format.GroupBuffer;
import dev.holdfast.wal.format.GroupHeader;
import dev.holdfast.wal.format.GroupKind;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.segment.SameThread;
import dev.holdfast.wal.storage.HeapStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Tests a reader beside a writer, and without a writer. The writer publishes no hints, like a writer of an older
 * version, so only the files prove records.
 */
class ObserverTest {
    private static final String FIRST = "00000001-0000000000000001.seg";

    private final SameThread threads = new SameThread(5);
    private final HeapStorage storage = new HeapStorage().failHints();
    private final Observer observer = new Observer(storage);

    /** Returns an open log with records of 1000 bytes, two per segment. */
    private StoredLog written(int records) throws IOException {
        StoredLog log = threads.open(storage);
        append(log, records);
        storage.setHolder(Optional.of("process 1"));
        return log;
    }

    private static void append(StoredLog log, int records) throws IOException {
        for (int i = 0; i < records; i++) {
            log.append(new byte[1000]);
        }
    }

    private static void assertShows(Catalog catalog, long first, long last) {
        assertThat(catalog.firstId()).isEqualTo(first);
        assertThat(catalog.lastId()).isEqualTo(last);
        assertThat(catalog.isEmpty()).isEqualTo(last < first);
    }

    @Test
    void directoryWithoutASegmentIsNotALog() throws IOException {
        storage.put("spare-00000001.tmp", new byte[8192]);
        assertThatThrownBy(observer::look)
                .isInstanceOf(NoSuchFileException.class)
                .hasMessage("heap: the directory holds no log");
    }

    @Test
    void logIsFoundAfterItIsCreated() throws IOException {
        assertThatThrownBy(observer::look).isInstanceOf(NoSuchFileException.class);
        written(2);
        assertShows(observer.look().catalog(), 1, 1);
    }

    @Test
    void recordsUpToTheLastProvenAreVisibleWhileAWriterIsOpen() throws IOException {
        StoredLog log = written(1);
        Observer.Observation none = observer.look();
        assertShows(none.catalog(), 1, 0);
        assertThat(none.report().unprovenFrom()).isEmpty();
        assertThat(none.report().ending()).isEqualTo(OpenReport.Ending.OPEN);
        append(log, 1);
        assertShows(observer.look().catalog(), 1, 1);
        threads.idle();
        assertShows(observer.look().catalog(), 1, 2);
    }

    @Test
    void everyWholeBatchIsVisibleWithoutAWriter() throws IOException {
        written(4);
        storage.setHolder(Optional.empty());
        Observer.Observation all = observer.look();
        assertShows(all.catalog(), 1, 4);
        assertThat(all.report().unprovenFrom()).hasValue(4);
        assertThat(all.report().tornBytes()).isZero();
        assertThat(all.catalog().limit(all.catalog().tail())).isEqualTo(4096 + 2 * 1048);
    }

    /** Returns a group of records for an offset of the first segment. */
    private byte[] group(long offset, long firstId, int... lengths) throws IOException {
        GroupBuffer group = new GroupBuffer();
        group.clear(firstId);
        group.reserve(1 << 12);
        for (int length : lengths) {
            group.add(new byte[length], 0, length);
        }
        group.seal(new Checksum(), salt(), offset, new Declaration(firstId - 1, 0));
        return Arrays.copyOf(group.bytes(), group.alignedLength());
    }

    private long salt() throws IOException {
        byte[] block = Arrays.copyOf(storage.bytes(FIRST), Layout.HEADER_BYTES);
        return ((SegmentHeader.Parsed.Valid) SegmentHeader.parse(block, new Checksum()))
                .header()
                .salt();
    }

    private ByteBuffer bytes() throws IOException {
        return ByteBuffer.wrap(storage.bytes(FIRST)).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Does to the group of record 2 what a writer does if the disk has no space for the group. */
    private void erase() throws IOException {
        bytes().put(5144, new byte[1048]);
        Declaration first = new Declaration(1, 0);
        GroupHeader.encode(bytes(), 5144, GroupKind.PADDING, 0, 0, 2, first, new Checksum(), salt(), 5144);
    }

    @Test
    void groupThatWasSeenAndThenRefusedIsForgotten() throws IOException {
        written(2);
        assertShows(observer.look().catalog(), 1, 1);
        erase();
        storage.setHolder(Optional.empty());
        assertShows(observer.look().catalog(), 1, 1);
        byte[] next = group(5184, 2, 60, 30);
        bytes().put(5184, next);
        Catalog seen = observer.look().catalog();
        assertShows(seen, 1, 3);
        assertThat(seen.limit(seen.tail())).isEqualTo(5184 + next.length);
    }

    @Test
    void groupThatEndsWhereARefusedGroupEndedIsReadAgain() throws IOException {
        written(2);
        Catalog before = observer.look().catalog();
        erase();
        bytes().put(5184, group(5184, 2, 960)).put(6192, group(6192, 3, 10));
        assertIsReadAgain(before, 2);
    }

    @Test
    void groupThatWasSeenInPartAndThenRefusedIsReadAgain() throws IOException {
        written(1);
        byte[] refused = group(5144, 2, 300, 300, 300);
        bytes().put(5144, refused, 0, refused.length - 8);
        Catalog before = observer.look().catalog();
        erase();
        byte[] next = group(5184, 2, 20, 500, 200);
        bytes().put(5184, next).put(5184 + next.length, group(5184 + next.length, 5, 10));
        assertIsReadAgain(before, 4);
    }

    @Test
    void refusedGroupThatWasSeenIsNotProvenByALaterHint() throws IOException {
        written(2);
        Catalog before = observer.look().catalog();
        erase();
        byte[] next = group(5184, 2, 60, 30);
        bytes().put(5184, next);
        ByteBuffer hint = ByteBuffer.allocate(Layout.GROUP_HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        Declaration synced = new Declaration(3, 0);
        GroupHeader.encode(hint, 0, GroupKind.IDLE, 0, 0, 4, synced, new Checksum(), salt(), -1);
        storage.setHint(hint);
        assertIsReadAgain(before, 3);
        Catalog seen = observer.look().catalog();
        assertThat(seen.limit(seen.tail())).isEqualTo(5184 + next.length);
    }

    /** Checks that a look shows records up to an id, and nothing that was read before the last catalog. */
    private void assertIsReadAgain(Catalog before, long last) throws IOException {
        assertShows(before, 1, 1);
        Catalog seen = observer.look().catalog();
        assertShows(seen, 1, last);
        assertThat(seen.tail())
                .as("has another index, and no cursor has bytes of it")
                .isNotSameAs(before.tail());
    }

    @Test
    void provenRecordsAreNotReportedAsUnproven() throws IOException {
        written(1);
        threads.idle();
        storage.setHolder(Optional.empty());
        assertThat(observer.look().report().unprovenFrom()).isEmpty();
    }

    @Test
    void closedLogIsVisibleWholeEvenIfItIsOpenAgain() throws IOException {
        written(3).close();
        Observer.Observation closed = observer.look();
        assertThat(closed.report().ending()).isEqualTo(OpenReport.Ending.CLOSED);
        assertThat(closed.report().unprovenFrom()).isEmpty();
        assertShows(closed.catalog(), 1, 3);
    }

    @Test
    void tornBytesAreCountedWithoutAWriter() throws IOException {
        written(1);
        storage.bytes(FIRST)[5144 + 9] = 1;
        assertThat(observer.look().report().tornBytes()).isZero();
        storage.setHolder(Optional.empty());
        assertThat(observer.look().report().tornBytes()).isEqualTo(16);
    }

    private void assertReportsDamage(long firstId, long lastId) {
        for (int look = 0; look < 2; look++) {
            assertThatThrownBy(observer::look).isInstanceOfSatisfying(CorruptLogException.class, e -> {
                assertThat(e.firstIdAtRisk()).isEqualTo(firstId);
                assertThat(e.lastIdAtRisk()).isEqualTo(lastId);
            });
        }
    }

    @Test
    void damageProvenByALaterGroupIsReportedBesideAWriter() throws IOException {
        for (int at : new int[] {4096 + 4, 4096 + 16, 4096 + 41, 4096 + 60}) {
            storage.setHolder(Optional.empty());
            written(2);
            HeapStorage damaged = storage.copy();
            damaged.setHolder(Optional.of("process 1"));
            damaged.bytes(FIRST)[at] ^= 1;
            assertThatThrownBy(() -> new Observer(damaged).look())
                    .isInstanceOf(CorruptLogException.class)
                    .hasMessageContaining(
                            "Record 1 was acknowledged and is damaged, and its writer, process 1, may not have noticed. ");
            storage.snapshot()
                    .keySet()
                    .forEach(name -> assertThat(damaged.snapshot()).containsKey(name));
            storage.snapshot().keySet().forEach(this::delete);
        }
    }

    private void delete(String name) {
        try {
            storage.delete(name);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void damageThatAppearsWhileFollowingIsReported() throws IOException {
        StoredLog log = written(3);
        assertShows(observer.look().catalog(), 1, 2);
        String tail = observer.look().catalog().tail().fileName();
        append(log, 1);
        storage.bytes(tail)[5144 + 60] ^= 1;
        assertShows(observer.look().catalog(), 1, 2);
        threads.idle();
        assertReportsDamage(4, 4);
        storage.bytes(tail)[5144 + 60] ^= 1;
        assertShows(observer.look().catalog(), 1, 4);
    }

    @Test
    void damageOfTheLastRecordsIsReportedOnceTheWriterIsIdle() throws IOException {
        written(2);
        storage.bytes(FIRST)[5144 + 60] ^= 1;
        assertShows(observer.look().catalog(), 1, 0);
        threads.idle();
        // Damage first the marker in the slot, so that only the marker after the groups is left; then the other way
        // round.
        int marker = 5144 + 1048;
        int slot = 8192 - 96 - 40;
        storage.bytes(FIRST)[slot] ^= 1;
        assertReportsDamage(2, 2);
        storage.bytes(FIRST)[slot] ^= 1;
        storage.bytes(FIRST)[marker] ^= 1;
        assertReportsDamage(2, 2);
    }

    @Test
    void damagedTrimMarkerIsReportedBesideAWriter() throws IOException {
        StoredLog log = threads.open(storage);
        log.append(new byte[10]);
        log.append(new byte[10]);
        log.trim(1);
        log.append(new byte[10]);
        storage.setHolder(Optional.of("process 1"));
        assertShows(observer.look().catalog(), 2, 2);
        int marker = 4096 + 2 * 64;
        storage.bytes(FIRST)[marker + 32] ^= 1;
        assertThatThrownBy(new Observer(storage)::look)
                .isInstanceOf(CorruptLogException.class)
                .hasMessageContaining("records up to 1 had been trimmed");
        // An observer that had read the marker before still knows the trim point.
        assertShows(observer.look().catalog(), 2, 2);
    }

    @Test
    void damagedHeaderOfTheNewestSegmentIsReportedBesideAWriter() throws IOException {
        written(3);
        String tail = observer.look().catalog().tail().fileName();
        storage.bytes(tail)[40] ^= 1;
        assertThatThrownBy(observer::look)
                .isInstanceOf(CorruptLogException.class)
                .hasMessageContaining("no valid header");
    }

    /** The proof exists before the place is read, because the writer was writing the place during the read. */
    @Test
    void placeThatIsIntactWhenReadAgainIsNotDamage() throws IOException {
        StoredLog log = written(1);
        observer.look();
        for (int read = 1; read <= 12; read++) {
            log.truncate(0);
            append(log, 1);
            observer.look();
            String tail = observer.look().catalog().tail().fileName();
            append(log, 1);
            threads.idle();
            AtomicInteger reads = new AtomicInteger();
            int last = read;
            storage.bytes(tail)[5144] ^= 1;
            byte[] bytes = storage.bytes(tail);
            storage.beforeReading(() -> {
                if (reads.incrementAndGet() == last) {
                    bytes[5144] ^= 1;
                }
            });
            Catalog catalog = observer.look().catalog();
            assertThat(catalog.lastId()).isEqualTo(2);
            storage.beforeReading(() -> {});
        }
    }

    @Test
    void unchangedLogReturnsTheSameCatalog() throws IOException {
        StoredLog log = written(5);
        Catalog before = observer.look().catalog();
        assertThat(observer.look().catalog()).isSameAs(before);
        append(log, 1);
        Catalog after = observer.look().catalog();
        assertThat(after).isNotSameAs(before);
        assertThat(after.history().count()).isZero();
    }

    @Test
    void rollIsSeenAndRemovesNothing() throws IOException {
        StoredLog log = written(3);
        Catalog before = observer.look().catalog();
        append(log, 4);
        Catalog after = observer.look().catalog();
        assertThat(after.segments()).hasSizeGreaterThan(before.segments().size());
        assertShows(after, 1, 6);
        assertThat(after.history().count()).isZero();
    }

    @Test
    void trimmedRecordsAreNoLongerVisible() throws IOException {
        StoredLog log = written(7);
        observer.look();
        log.trim(3);
        Catalog catalog = observer.look().catalog();
        assertShows(catalog, 4, 7);
        log.trim(7);
        assertShows(observer.look().catalog(), 8, 7);
    }

    @Test
    void truncatedRecordsCountAsRemoved() throws IOException {
        StoredLog log = written(7);
        threads.idle();
        Catalog before = observer.look().catalog();
        log.truncate(4);
        append(log, 2);
        Catalog after = observer.look().catalog();
        assertThat(after.history().count()).isEqualTo(1);
        assertThat(after.history().removed(5, before.history().count())).isTrue();
        assertThat(after.history().removed(4, before.history().count())).isFalse();
    }

    @Test
    void resetRemovesAll() throws IOException {
        StoredLog log = written(3);
        threads.idle();
        observer.look();
        log.reset(50);
        Catalog after = observer.look().catalog();
        assertShows(after, 50, 49);
        assertThat(after.isPinned()).isTrue();
        assertThat(after.history().removed(1, 0)).isTrue();
        log.append(new byte[1]);
        log.append(new byte[1]);
        assertThat(observer.look().catalog().isPinned()).isFalse();
    }

    @Test
    void pinStaysUntilTheFirstRecordIsVisible() throws IOException {
        StoredLog log = written(1);
        log.reset(50);
        log.append(new byte[1]);
        Catalog catalog = observer.look().catalog();
        assertShows(catalog, 50, 49);
        assertThat(catalog.isPinned()).isTrue();
    }

    @Test
    void errorWhileFilesChangeIsReadAgain() throws IOException {
        StoredLog log = written(7);
        observer.look();
        Map<String, byte[]> before = storage.snapshot();
        AtomicInteger looks = new AtomicInteger();
        // The tail's predecessor is missing until the first listing. Another file changes with every listing.
        storage.delete("00000002-0000000000000003.seg");
        storage.beforeListing(() -> {
            int look = looks.incrementAndGet();
            storage.put("00000000-0000000000000001.seg.torn", new byte[look]);
            if (look == 1) {
                storage.put("00000002-0000000000000003.seg", before.get("00000002-0000000000000003.seg"));
            }
        });
        assertShows(observer.look().catalog(), 1, 6);
        append(log, 1);
        assertShows(observer.look().catalog(), 1, 7);
    }

    @Test
    void errorThatRepeatsIsReported() throws IOException {
        written(7);
        storage.delete("00000002-0000000000000003.seg");
        AtomicInteger looks = new AtomicInteger();
        storage.beforeListing(looks::incrementAndGet);
        assertThatThrownBy(observer::look).isInstanceOf(CorruptLogException.class);
        assertThat(looks).hasValue(4);
        assertThat(storage.openFiles()).isLessThanOrEqualTo(1);
    }

    @Test
    void readerGivesUpOnADirectoryThatKeepsChanging() throws IOException {
        written(7);
        storage.delete("00000002-0000000000000003.seg");
        AtomicInteger looks = new AtomicInteger();
        byte[] damaged = new byte[8192];
        storage.beforeListing(() -> {
            String old = String.format("%08x-0000000000000001.seg", 100 + looks.get());
            String next = String.format("%08x-0000000000000001.seg", 100 + looks.incrementAndGet());
            storage.put(next, damaged);
            if (storage.snapshot().containsKey(old)) {
                try {
                    storage.delete(old);
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }
        });
        assertThatThrownBy(observer::look).isInstanceOf(CorruptLogException.class);
        assertThat(looks.get()).isBetween(100, 200);
    }

    @Test
    void filesAreGivenBack() throws IOException {
        StoredLog log = written(7);
        int before = storage.openFiles();
        observer.look();
        assertThat(storage.openFiles()).isEqualTo(before + 1);
        append(log, 3);
        observer.look();
        assertThat(storage.openFiles()).isEqualTo(before + 1);
        observer.close();
        assertThat(storage.openFiles()).isEqualTo(before);
        observer.close();
        assertThat(storage.openFiles()).isEqualTo(before);
        assertShows(observer.look().catalog(), 1, 9);
    }

    /** The writer has written its trim but not removed the files yet. */
    @Test
    void trimmedSegmentIsOmittedEvenIfItsFileStillExists() throws IOException {
        StoredLog log = written(5);
        assertThat(observer.look().catalog().segments()).hasSize(3);
        HeapStorage before = storage.copy();
        log.trim(3);
        for (String name : before.snapshot().keySet()) {
            if (name.endsWith(".seg") && !storage.snapshot().containsKey(name)) {
                storage.put(name, before.bytes(name));
            }
        }
        Catalog catalog = observer.look().catalog();
        assertThat(catalog.firstId()).isEqualTo(4);
        assertThat(catalog.segments()).hasSize(2);
        log.trim(4);
        assertThat(observer.look().catalog().segments()).hasSize(1);
    }
}
