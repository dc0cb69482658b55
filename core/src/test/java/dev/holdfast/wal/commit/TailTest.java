package dev.holdfast.wal.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.wal.DiskFullException;
import dev.holdfast.wal.LogStats;
import dev.holdfast.wal.catalog.CatalogHolder;
import dev.holdfast.wal.format.GroupBuffer;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.recovery.Recovery;
import dev.holdfast.wal.recovery.Recovery.Recovered;
import dev.holdfast.wal.storage.HeapStorage;
import dev.holdfast.wal.storage.WritableFile;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Checks what each change writes and syncs, in which order, and what readers see afterwards. */
class TailTest {
    private static final int SMALL = Layout.MIN_SEGMENT_BYTES;
    private static final String FIRST = "00000001-0000000000000001.seg";
    private static final String SECOND = "00000002-0000000000000003.seg";
    private static final long FOOTER = Layout.footerOffset(SMALL);
    private static final long SLOT = Layout.slotOffset(SMALL);

    private final HeapStorage storage = new HeapStorage().recordSteps();
    private final Queue<Runnable> background = new ArrayDeque<>();
    private final AtomicLong clock = new AtomicLong();
    private CatalogHolder published;
    private Tail tail;

    /** Opens a log whose groups are synced one by one, or later. Two records of 1000 bytes fill a segment. */
    private void open(boolean syncEachGroup) throws IOException {
        open(syncEachGroup, SMALL);
    }

    private void open(boolean syncEachGroup, int segmentBytes) throws IOException {
        Recovered recovered = new Recovery(storage, 1 << 20, segmentBytes, () -> 4711).run();
        recovered.chain().spares().use(segmentBytes, clock::incrementAndGet, background::add);
        published = new CatalogHolder(recovered.catalog());
        LogSettings settings =
                new LogSettings(segmentBytes, segmentBytes, 1 << 20, 1 << 20, syncEachGroup, Layout.ALIGNMENT);
        tail = new Tail(recovered.chain(), recovered.writer(), published, settings, Runnable::run);
        storage.takeSteps();
    }

    private static GroupBuffer group(long id) {
        return group(id, 1000);
    }

    private static GroupBuffer group(long id, int dataBytes) {
        GroupBuffer group = new GroupBuffer();
        group.clear(id);
        group.reserve(dataBytes + Layout.FRAME_HEADER_BYTES);
        group.add(new byte[dataBytes], 0, dataBytes);
        return group;
    }

    /** Writes records of 1000 bytes and lets spares be made in the background. */
    private void write(long firstId, long lastId) throws IOException {
        for (long id = firstId; id <= lastId; id++) {
            tail.write(group(id));
            while (!background.isEmpty()) {
                background.remove().run();
            }
        }
        storage.takeSteps();
    }

    private List<String> steps() {
        return storage.takeSteps().stream()
                .map(step -> step.replaceAll("spare-\\w+.tmp", "spare"))
                .toList();
    }

    private void assertEnds(long lastId, long durableId) {
        assertThat(published.catalog().lastId()).isEqualTo(lastId);
        assertThat(tail.durableId()).isEqualTo(durableId);
    }

    private LogStats stats() {
        return tail.addTo(published.catalog().stats(LogStats.State.OPEN)).build();
    }

    @Test
    void groupIsSyncedWithItsWriteAndPublished() throws IOException {
        open(true);
        tail.write(group(1));
        assertThat(steps()).containsExactly("write synced " + FIRST + " 4096");
        assertEnds(1, 1);
        assertThat(stats().syncs()).as("two for the new log, one for the group").isEqualTo(3);
    }

    @Test
    void groupThatIsSyncedLaterIsPublishedFirst() throws IOException {
        open(false);
        tail.write(group(1));
        assertThat(steps()).containsExactly("write " + FIRST + " 4096");
        assertEnds(1, 0);
        tail.sync();
        assertThat(steps()).containsExactly("sync " + FIRST);
        assertEnds(1, 1);
        tail.sync();
        assertThat(steps()).isEmpty();
    }

    @Test
    void rollSyncsTheFullSegmentBeforeItsSuccessorIsNamed() throws IOException {
        open(false);
        write(1, 2);
        tail.write(group(3));
        assertThat(steps())
                .containsExactly(
                        "sync " + FIRST,
                        "write synced spare 0",
                        "rename spare " + SECOND,
                        "sync names",
                        "write synced " + FIRST + " " + FOOTER,
                        "write " + SECOND + " 4096");
        assertEnds(3, 2);
        assertThat(storage.openFiles()).isOne();
    }

    @Test
    void refusedRollChangesNothing() throws IOException {
        open(true);
        tail.write(group(1));
        tail.write(group(2));
        storage.leaveFree(0);
        assertThatThrownBy(() -> tail.write(group(3))).isInstanceOf(DiskFullException.class);
        assertEnds(2, 2);
        assertThat(published.catalog().segments()).hasSize(1);
        storage.leaveFree(1 << 20);
        tail.write(group(3));
        assertEnds(3, 3);
        assertThat(stats().spareWaits()).as("one for each attempt").isEqualTo(2);
    }

    @Test
    void firstGroupOfAnEmptyLogMayHaveAnyId() throws IOException {
        open(true);
        tail.write(group(70));
        assertThat(published.catalog().firstId()).isEqualTo(70);
        assertEnds(70, 70);
        assertThatThrownBy(() -> tail.write(group(90))).isInstanceOf(AssertionError.class);
    }

    @Test
    void truncationSyncsThenSupersedesThenSeals() throws IOException {
        open(false);
        write(1, 2);
        tail.truncate(1);
        assertThat(steps())
                .containsExactly(
                        "sync " + FIRST,
                        "write synced spare 0",
                        "rename spare 00000002-0000000000000001.seg",
                        "sync names",
                        "write synced " + FIRST + " " + FOOTER);
        assertEnds(1, 1);
    }

    @Test
    void truncationThatRemovesNothingWritesNothing() throws IOException {
        open(false);
        tail.truncate(0);
        write(1, 2);
        tail.truncate(2);
        tail.truncate(9);
        assertThat(steps()).isEmpty();
        assertEnds(2, 0);
    }

    @Test
    void truncationOfAllRecordsContinuesAtTheFirstId() throws IOException {
        open(true);
        write(1, 2);
        tail.truncate(0);
        assertThat(published.catalog().isEmpty()).isTrue();
        assertThat(published.catalog().isPinned()).isFalse();
        assertEnds(0, 0);
        write(1, 1);
        assertEnds(1, 1);
    }

    @Test
    void trimIsSyncedBeforeFilesAreRemoved() throws IOException {
        open(false);
        write(1, 3);
        tail.trim(2);
        assertThat(steps()).containsExactly("sync " + SECOND, "write synced " + SECOND + " 5144");
        tail.removeDead();
        assertThat(steps()).containsExactly("rename " + FIRST + " spare", "sync names");
        assertThat(published.catalog().firstId()).isEqualTo(3);
        assertEnds(3, 3);
        tail.trim(2);
        assertThat(steps()).isEmpty();
    }

    @Test
    void trimWithoutRoomForItsMarkerRollsIntoASpareOfTheReserve() throws IOException {
        open(true);
        write(1, 1);
        int room = (int) (Layout.recordsEnd(SMALL) - Layout.HEADER_BYTES);
        tail.write(group(2, room - 1048 - Layout.GROUP_HEADER_BYTES - Layout.FRAME_HEADER_BYTES));
        storage.leaveFree(0);
        storage.takeSteps();
        tail.trim(1);
        assertThat(steps())
                .containsExactly(
                        "write synced spare 0",
                        "rename spare " + SECOND,
                        "sync names",
                        "write synced " + FIRST + " " + FOOTER);
        assertThat(published.catalog().firstId()).isEqualTo(2);
        assertEnds(2, 2);
    }

    @Test
    void resetStartsOverAtAPinnedId() throws IOException {
        open(false);
        write(1, 3);
        tail.reset(50);
        assertThat(steps())
                .containsExactly(
                        "write synced spare 0",
                        "rename spare 00000003-0000000000000032.seg",
                        "sync names",
                        "write synced " + SECOND + " " + FOOTER);
        tail.removeDead();
        assertThat(steps()).containsExactly("rename " + FIRST + " spare", "rename " + SECOND + " spare", "sync names");
        assertThat(published.catalog().isPinned()).isTrue();
        assertEnds(49, 49);
        assertThat(storage.openFiles()).isOne();
    }

    @Test
    void idleMarkersAreWrittenOnceAndAfterASync() throws IOException {
        open(false);
        tail.markIdle();
        assertThat(steps()).as("nothing was written").isEmpty();
        write(1, 1);
        tail.markIdle();
        assertThat(steps())
                .containsExactly(
                        "sync " + FIRST, "write synced " + FIRST + " 5144", "write synced " + FIRST + " " + SLOT);
        assertEnds(1, 1);
        tail.markIdle();
        assertThat(steps()).isEmpty();
    }

    @Test
    void closeSyncsBeforeItMarksTheLogClosed() throws IOException {
        open(false);
        write(1, 1);
        tail.close();
        assertThat(steps())
                .containsExactly(
                        "sync " + FIRST, "write synced " + FIRST + " 5144", "write synced " + FIRST + " " + SLOT);
        assertThat(storage.openFiles()).isZero();
    }

    @Test
    void closeOfALogThatWroteNothingSinceItWasOpenedWritesNothing() throws IOException {
        open(true);
        tail.close();
        open(true);
        tail.close();
        assertThat(steps()).isEmpty();
        open(true);
        write(1, 1);
        assertEnds(1, 1);
    }

    @Test
    void closeOfAFailedTailWritesNothing() throws IOException {
        open(false);
        write(1, 1);
        IOException failure = tail.fail(new IOException("a failure"));
        assertThatThrownBy(() -> tail.close()).isSameAs(failure);
        assertThat(steps()).isEmpty();
        assertThat(storage.openFiles()).isZero();
    }

    @Test
    void spareIsMadeInTheBackgroundOnceAQuarterIsUsed() throws IOException {
        open(true);
        assertThat(background).isEmpty();
        tail.write(group(1));
        assertThat(background).hasSize(1);
        tail.write(group(2));
        assertThat(background).as("one spare is being made").hasSize(1);
        background.remove().run();
        tail.write(group(3));
        assertThat(stats().spareWaits()).isZero();
    }

    @Test
    void spareIsLongEnoughForTheRollAfterTheFirstSegmentsBecameLonger() throws IOException {
        open(true);
        tail.close();
        open(true, 4 * SMALL);
        write(1, 2);
        tail.write(group(3));
        assertThat(published.catalog().tail().header().fileLength()).isEqualTo(4 * SMALL);
        assertThat(stats().spareWaits()).isZero();
    }

    @Test
    void largeGroupsEndAtBlocks() throws IOException {
        open(true, 4 << 20);
        tail.write(group(1));
        assertThat(published.catalog().limit(published.catalog().tail()) % 8).isZero();
        tail.write(group(2, WritableFile.BULK_BYTES));
        assertThat(published.catalog().limit(published.catalog().tail()) % Layout.BLOCK_BYTES)
                .isZero();
        storage.takeSteps();
        tail.write(group(3, WritableFile.BULK_BYTES));
        tail.write(group(4, 1));
        assertThat(published.catalog().limit(published.catalog().tail()) % Layout.BLOCK_BYTES)
                .isNotZero();
    }

    /** Grows in bulk until the tail is a segment of 64 KiB with holes and few records. Returns the next id. */
    private long growIntoHoles() throws IOException {
        open(true, 64 << 10);
        long id = 1;
        while (published.catalog().segments().size() < 8) {
            tail.write(group(id++, 9000));
        }
        storage.takeSteps();
        return id;
    }

    private String tailFile() {
        return published.catalog().tail().fileName();
    }

    private long tailEnd() {
        return published.catalog().limit(published.catalog().tail());
    }

    @Test
    void smallGroupThatRollsIsWrittenToBlocksThatWereFilledBefore() throws IOException {
        open(true, 128 << 10); // a group of 12,000 bytes does not fill holes itself
        for (long id = 1; published.catalog().segments().size() < 4; id++) {
            tail.write(group(id, 12_000));
        }
        assertThat(steps()).endsWith("write synced " + tailFile() + " 4096");
        storage.leaveFree(0);
        tail.write(group(published.catalog().nextId(), 12_000));
        assertThat(steps()).containsExactly("write synced " + tailFile() + " 16144");
    }

    @Test
    void largeGroupIsWrittenIntoHolesOnceAndWithTheBlocksOfTheNextMarkers() throws IOException {
        long next = growIntoHoles();
        storage.leaveFree(1 << 20);
        tail.write(group(next, 9000));
        storage.takeSteps();
        long position = tailEnd();
        tail.write(group(next + 1, 9000));
        assertThat(steps()).containsExactly("write synced " + tailFile() + " " + position);
        storage.leaveFree(0);
        tail.markIdle();
        tail.close();
        assertThat(steps()).as("two markers, twice each").hasSize(4);
    }

    @Test
    void largeGroupThatTheDiskHasNoRoomForIsRefusedAndErased() throws IOException {
        long next = growIntoHoles();
        long position = tailEnd();
        String file = tailFile();
        storage.leaveFree(4096);
        assertThatThrownBy(() -> tail.write(group(next, 15_000))).isInstanceOf(DiskFullException.class);
        assertThat(steps()).contains("write " + file + " " + position, "sync " + file);
        int padding = (int) position + Layout.GROUP_HEADER_BYTES;
        byte[] behind = Arrays.copyOfRange(storage.bytes(file), padding, padding + 20_000);
        assertThat(behind).containsOnly(0);
        assertEnds(next - 1, next - 1);
        storage.leaveFree(1 << 20);
        write(next, next + 100);
        assertEnds(next + 100, next + 100);
        tail.close();
    }

    @Test
    void smallGroupsFillHolesWithZerosFirst() throws IOException {
        long next = growIntoHoles();
        storage.leaveFree(0);
        assertThatThrownBy(() -> write(next, next + 50)).isInstanceOf(DiskFullException.class);
        storage.leaveFree(1 << 20);
        long last = published.catalog().lastId();
        write(last + 1, last + 100);
        tail.close();
    }

    @Test
    void eachSyncOfATruncationAndAResetIsCountedOnce() throws IOException {
        open(false);
        write(1, 3);
        long before = stats().syncs();
        tail.truncate(1);
        tail.reset(50);
        assertThat(steps().stream().filter(step -> step.contains("sync"))).hasSize((int) (stats().syncs() - before));
    }
}
