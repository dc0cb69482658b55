package dev.holdfast.wal.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.engine.StoredLog;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.segment.SameThread;
import dev.holdfast.wal.storage.HeapStorage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Checks the order of writes, syncs and changes of the directory that {@code docs/format.md} specifies. */
class DirectoryStepsTest {
    private static final long FOOTER = Layout.footerOffset(Layout.MIN_SEGMENT_BYTES);
    private static final long SLOT = Layout.slotOffset(Layout.MIN_SEGMENT_BYTES);

    private final HeapStorage storage = new HeapStorage().recordSteps();
    private final SameThread threads = new SameThread(1);
    private StoredLog log;

    @BeforeEach
    void open() throws IOException {
        log = threads.open(storage);
    }

    private void openAfterAKill() throws IOException {
        storage.setHolder(Optional.empty());
        threads.open(storage);
    }

    /** Appends records of 1000 bytes. Two fill a segment. */
    private void append(int records) throws IOException {
        for (int i = 0; i < records; i++) {
            log.append(new byte[1000]);
        }
        storage.takeSteps();
    }

    /** Compares the steps since the last call, without those that make spares and without the numbers of spares. */
    private void assertSteps(Object... expected) {
        List<String> steps = new ArrayList<>();
        boolean spareWasMade = false;
        for (String step : storage.takeSteps()) {
            boolean ofASpareThatIsMade = step.contains(".new.tmp");
            if (!ofASpareThatIsMade && !(spareWasMade && step.equals("sync names"))) {
                steps.add(step.replaceAll("spare-\\w+.tmp", "spare"));
            }
            spareWasMade = ofASpareThatIsMade && step.startsWith("rename");
        }
        assertThat(steps)
                .containsExactlyElementsOf(
                        Arrays.stream(expected).map(Object::toString).toList());
    }

    @Test
    void newLogBeginsWithAnOriginInASpare() {
        assertSteps("sync names", "write synced spare 0", "rename spare 00000001-0000000000000001.seg", "sync names");
    }

    @Test
    void appendIsOneSyncedWrite() throws IOException {
        append(0);
        log.append(new byte[1000]);
        assertSteps("write synced 00000001-0000000000000001.seg 4096");
        log.appendAll(List.of(
                LogRecord.of(0, new byte[7]).data(),
                LogRecord.of(0, new byte[8]).data()));
        assertSteps("write synced 00000001-0000000000000001.seg 5144");
    }

    @Test
    void rollPublishesTheSuccessorThenWritesTheFooterThenTheFirstGroup() throws IOException {
        append(2);
        log.append(new byte[1000]);
        assertSteps(
                "write synced spare 0",
                "rename spare 00000002-0000000000000003.seg",
                "sync names",
                "write synced 00000001-0000000000000001.seg " + FOOTER,
                "write synced 00000002-0000000000000003.seg 4096");
    }

    @Test
    void truncationOfTheTailPublishesTheSuccessorThenWritesTheFooter() throws IOException {
        append(2);
        log.truncate(1);
        // The records are copied, because 1048 bytes are less than half the room.
        assertSteps(
                "write synced spare 0",
                "rename spare 00000002-0000000000000001.seg",
                "sync names",
                "write synced 00000001-0000000000000001.seg " + FOOTER);
        log.append(new byte[500]);
        log.append(new byte[500]);
        storage.takeSteps();
        log.truncate(2);
        assertSteps(
                "write synced spare 0",
                "rename 00000001-0000000000000001.seg spare",
                "rename spare 00000003-0000000000000003.seg",
                "sync names",
                "write synced 00000002-0000000000000001.seg " + FOOTER);
    }

    @Test
    void eachOfSeveralTruncationsSyncsNamesOnce() throws IOException {
        append(2);
        for (int i = 0; i < 3; i++) {
            log.truncate(1);
            log.append(new byte[1000]);
        }
        storage.takeSteps();
        log.truncate(1);
        log.append(new byte[1000]);
        assertSteps(
                "write synced spare 0",
                "rename 00000003-0000000000000001.seg spare",
                "rename spare 00000005-0000000000000001.seg",
                "sync names",
                "write synced 00000004-0000000000000001.seg " + FOOTER,
                "write synced 00000005-0000000000000001.seg 5184");
    }

    @Test
    void truncationInAnEarlierSegmentKeepsItsFooterAndSealsTheDeadTail() throws IOException {
        append(10);
        log.truncate(2);
        assertSteps(
                "write synced spare 0",
                "rename spare 00000006-0000000000000003.seg",
                "sync names",
                "write synced 00000005-0000000000000009.seg " + FOOTER,
                "rename 00000002-0000000000000003.seg spare",
                "rename 00000003-0000000000000005.seg spare",
                "rename 00000004-0000000000000007.seg spare",
                "delete 00000005-0000000000000009.seg",
                "sync names");
    }

    @Test
    void trimWritesItsPointBeforeFilesAreRemoved() throws IOException {
        append(7);
        log.trim(6);
        assertSteps(
                "write synced 00000004-0000000000000007.seg 5144",
                "rename 00000001-0000000000000001.seg spare",
                "rename 00000002-0000000000000003.seg spare",
                "delete 00000003-0000000000000005.seg",
                "sync names");
    }

    @Test
    void resetPublishesAnOriginBeforeFilesAreRemoved() throws IOException {
        append(3);
        log.reset(50);
        assertSteps(
                "write synced spare 0",
                "rename spare 00000003-0000000000000032.seg",
                "sync names",
                "write synced 00000002-0000000000000003.seg " + FOOTER,
                "rename 00000001-0000000000000001.seg spare",
                "rename 00000002-0000000000000003.seg spare",
                "sync names");
    }

    @Test
    void firstGroupAtAnotherIdIsWrittenBeforeItsOriginIsPublished() throws IOException {
        append(0);
        log.append(LogRecord.of(70, new byte[1000]));
        assertSteps(
                "write synced spare 0",
                "rename spare 00000002-0000000000000046.seg",
                "sync names",
                "write synced 00000001-0000000000000001.seg " + FOOTER,
                "rename 00000001-0000000000000001.seg spare");
    }

    @Test
    void idleLogWritesItsMarkerTwiceAndOnlyOnce() throws IOException {
        append(1);
        threads.idle();
        assertSteps(
                "write synced 00000001-0000000000000001.seg 5144",
                "write synced 00000001-0000000000000001.seg " + SLOT);
        threads.idle();
        assertSteps();
    }

    @Test
    void closeWritesItsMarkerTwiceAndReopeningWithoutAppendsWritesNothing() throws IOException {
        append(1);
        log.close();
        assertSteps(
                "write synced 00000001-0000000000000001.seg 5144",
                "write synced 00000001-0000000000000001.seg " + SLOT);
        for (int i = 0; i < 10; i++) {
            threads.open(storage).close();
            assertSteps("sync names");
        }
    }

    @Test
    void closeIsRevokedBeforeTheNextGroupIsWritten() throws IOException {
        append(1);
        log.close();
        log = threads.open(storage);
        storage.takeSteps();
        log.append(new byte[100]);
        // First zeros over the spares, the place of the footer and the space after the groups, which may have holes.
        assertSteps(
                "write spare 0",
                "sync spare",
                "write spare 0",
                "sync spare",
                "write spare 0",
                "sync spare",
                "write synced 00000001-0000000000000001.seg " + FOOTER,
                "write synced 00000001-0000000000000001.seg 5184",
                "write 00000001-0000000000000001.seg 5144",
                "write 00000001-0000000000000001.seg " + SLOT,
                "sync 00000001-0000000000000001.seg",
                "write synced 00000001-0000000000000001.seg 5184",
                "write spare 0",
                "sync spare");
        log.append(new byte[100]);
        assertSteps("write synced 00000001-0000000000000001.seg 5336");
    }

    @Test
    void recoveryCopiesUnprovenRecordsAndThenMarksTheLogClosed() throws IOException {
        append(2);
        openAfterAKill();
        assertSteps(
                "sync names",
                "write spare 0",
                "sync spare",
                "write synced spare 0",
                "rename spare 00000002-0000000000000002.seg",
                "sync names",
                "write synced 00000001-0000000000000001.seg " + FOOTER,
                "write synced 00000002-0000000000000002.seg 5144",
                "write synced 00000002-0000000000000002.seg " + SLOT);
    }

    @Test
    void recoveryOfProvenRecordsPublishesAClosedSegment() throws IOException {
        append(2);
        threads.idle();
        storage.takeSteps();
        openAfterAKill();
        assertSteps(
                "sync names",
                "write spare 0",
                "sync spare",
                "write spare " + SLOT,
                "write spare 0",
                "sync spare",
                "rename spare 00000002-0000000000000003.seg",
                "sync names",
                "write synced 00000001-0000000000000001.seg " + FOOTER);
    }

    @Test
    void footerBeforeANewTailIsWrittenAgain() throws IOException {
        append(2);
        openAfterAKill();
        storage.takeSteps();
        openAfterAKill();
        assertSteps("sync names", "write synced 00000001-0000000000000001.seg " + FOOTER);
    }

    @Test
    void recoveryWithoutRoomForACopyRewritesTheRecordsInPlace() throws IOException {
        append(0);
        log.append(new byte[20_000]);
        storage.takeSteps();
        storage.leaveFree(0);
        openAfterAKill();
        assertSteps(
                "sync names",
                "write 00000002-0000000000000001.seg 4096",
                "sync 00000002-0000000000000001.seg",
                "write spare 0",
                "sync spare",
                "write spare " + SLOT,
                "write spare 0",
                "sync spare",
                "rename spare 00000003-0000000000000002.seg",
                "sync names",
                "write synced 00000002-0000000000000001.seg " + Layout.footerOffset(32_768));
    }
}
