package dev.holdfast.wal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.RecordsRemovedException;
import dev.holdfast.wal.segment.SameThread;
import dev.holdfast.wal.storage.HeapStorage;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A log that is open for reading while another process writes it: the age of its view, the cost of a refresh, and the
 * replacement of the log by another one.
 */
class FollowerTest {
    private static final long STALE_NANOS = 50_000_000;
    private static final String FIRST = "00000001-0000000000000001.seg";

    private final SameThread threads = new SameThread(3);
    private final HeapStorage storage = new HeapStorage().stamped();
    private StoredLog writer;
    private StoredLog follower;

    /** Opens a log with seven records of 1000 bytes. Two records fill a segment, and all are proven durable. */
    @BeforeEach
    void open() throws IOException {
        writer = threads.open(storage);
        append(7);
        threads.idle();
        storage.setHolder(Optional.of("process 1"));
        follower = threads.openReadOnly(storage);
    }

    @AfterEach
    void close() throws IOException {
        storage.beforeReading(() -> {});
        follower.close();
    }

    private void append(int records) throws IOException {
        for (int i = 0; i < records; i++) {
            writer.append(new byte[1000]);
        }
    }

    private String tail() {
        return storage.snapshot().keySet().stream()
                .filter(name -> name.endsWith(".seg"))
                .reduce((one, next) -> next)
                .orElseThrow();
    }

    @Test
    void removedRecordsDisappearWhenTheViewIsStale() throws IOException {
        try (LogCursor cursor = follower.cursor(0)) {
            assertThat(cursor.next()).isTrue();
            writer.truncate(5);
            writer.trim(2);
            assertThat(follower.lastId()).hasValue(7);
            assertThat(follower.read(7)).isPresent();
            threads.pass(STALE_NANOS);
            assertThat(follower.lastId()).hasValue(5);
            assertThat(follower.firstId()).hasValue(3);
            assertThat(follower.nextId()).isEqualTo(6);
            assertThat(follower.read(7)).isEmpty();
            assertThat(follower.read(2)).isEmpty();
            assertThatThrownBy(cursor::next).isInstanceOf(RecordsRemovedException.class);
        }
    }

    @Test
    void eachCallRefreshesAStaleView() throws IOException {
        try (LogCursor cursor = follower.cursor(6)) {
            assertThat(cursor.next()).isTrue();
            writer.truncate(5);
            threads.pass(STALE_NANOS);
            assertThatThrownBy(cursor::next).isInstanceOf(RecordsRemovedException.class);
        }
        writer.truncate(4);
        threads.pass(STALE_NANOS);
        assertThat(follower.read(5)).isEmpty();
        writer.trim(1);
        threads.pass(STALE_NANOS);
        assertThat(follower.firstId()).hasValue(2);
        writer.trim(2);
        threads.pass(STALE_NANOS);
        assertThat(follower.stats().firstId()).hasValue(3);
        writer.reset(50);
        threads.pass(STALE_NANOS);
        assertThat(follower.nextId()).isEqualTo(50);
    }

    @Test
    void cursorShowsNoNewRecordBehindARemovedRecord() throws IOException {
        writer.truncate(5);
        append(3);
        try (LogCursor cursor = follower.cursor(7)) {
            assertThat(cursor.next()).isTrue();
            writer.append(new byte[2]);
            writer.append(new byte[3]);
            // The cursor refreshes its view at its end, and finds that its record was removed.
            assertThatThrownBy(cursor::next).isInstanceOf(RecordsRemovedException.class);
        }
        assertThat(follower.read(9).orElseThrow().data().remaining()).isEqualTo(2);
        assertThat(follower.lastId()).hasValue(10);
    }

    @Test
    void refreshListsAndOpensNoFileWhileTheNamesStayTheSame() throws IOException {
        AtomicInteger listings = new AtomicInteger();
        storage.beforeListing(listings::incrementAndGet);
        int opens = storage.opens();
        try (LogCursor cursor = follower.cursor(8)) {
            for (int look = 0; look < 1000; look++) {
                assertThat(cursor.next()).isFalse();
            }
        }
        assertThat(listings).hasValue(0);
        assertThat(storage.opens()).isEqualTo(opens);
    }

    @Test
    void costOfARollForAReaderDoesNotDependOnTheNumberOfSegments() throws IOException {
        for (int rounds = 0; rounds < 3; rounds++) {
            append(100);
            assertThat(follower.read(follower.nextId())).isPresent();
            append(2);
            AtomicInteger listings = new AtomicInteger();
            storage.beforeListing(listings::incrementAndGet);
            int opens = storage.opens();
            assertThat(follower.read(follower.nextId())).isPresent();
            assertThat(listings).hasValue(1);
            // The follower reads headers and footers of new segments only.
            assertThat(storage.opens() - opens).isLessThanOrEqualTo(8);
        }
    }

    /** Regression test: a refresh of 2.7 seconds extended a wait of 10 milliseconds by its own length. */
    @Test
    void timeOfRefreshesCountsAgainstTheTimeout() throws Exception {
        AtomicInteger reads = new AtomicInteger();
        try (LogCursor cursor = follower.cursor(8)) {
            assertThat(cursor.next()).isFalse();
            storage.beforeReading(() -> {
                reads.incrementAndGet();
                threads.pass(Duration.ofSeconds(3).toNanos());
            });
            assertThat(cursor.next(Duration.ofSeconds(2))).isFalse();
            int waiting = reads.getAndSet(0);
            assertThat(cursor.next(Duration.ZERO)).isFalse();
            assertThat(waiting).isLessThanOrEqualTo(2 * reads.get());
        }
    }

    /** The writer appends between any two refreshes, so each refresh finds a change. */
    @Test
    void damageOfASealedSegmentIsReportedWhileTheWriterAppends() throws IOException {
        storage.bytes(FIRST)[4096 + 60] ^= 1;
        AtomicInteger reads = new AtomicInteger();
        storage.beforeReading(() -> {
            assertThat(reads.incrementAndGet()).isLessThan(1000);
            try {
                writer.append(new byte[10]);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        try (LogCursor cursor = follower.cursor(1)) {
            assertThatThrownBy(cursor::next).isInstanceOf(CorruptLogException.class);
        }
        assertThatThrownBy(() -> follower.read(1)).isInstanceOf(CorruptLogException.class);
    }

    @Test
    void damageInTheTailIsReportedByReadsAndCursors() throws IOException {
        try (LogCursor cursor = follower.cursor(8)) {
            assertThat(cursor.next()).isFalse();
            append(2);
            storage.bytes(tail())[4096 + 60] ^= 1;
            threads.idle();
            assertThatThrownBy(cursor::next).isInstanceOf(CorruptLogException.class);
        }
        assertThatThrownBy(() -> follower.read(100)).isInstanceOf(CorruptLogException.class);
        threads.pass(STALE_NANOS);
        assertThatThrownBy(() -> follower.read(1)).isInstanceOf(CorruptLogException.class);
        assertThat(follower.lastId()).isPresent();
    }

    /** The other log has segments of the same names. Its files replace the old files, or overwrite them in place. */
    @Test
    void recordsOfTwoLogsAreNeverMixedWhenOneReplacesTheOther() throws IOException {
        for (boolean inPlace : new boolean[] {false, true}) {
            HeapStorage other = new HeapStorage();
            StoredLog otherWriter = new SameThread(77).open(other);
            for (int i = 0; i < 9; i++) {
                otherWriter.append(new byte[1000]);
            }
            Map<String, byte[]> before = storage.snapshot();
            try (LogCursor cursor = follower.cursor(1);
                    LogCursor atTheEnd = follower.cursor(7)) {
                assertThat(cursor.next()).isTrue();
                assertThat(atTheEnd.next()).isTrue();
                replaceBy(other.snapshot(), inPlace);
                assertThatThrownBy(atTheEnd::next)
                        .isInstanceOf(RecordsRemovedException.class)
                        .hasMessageContaining("another log");
                threads.pass(STALE_NANOS);
                assertThatThrownBy(cursor::next).isInstanceOf(RecordsRemovedException.class);
                assertThatThrownBy(() -> follower.read(1)).isInstanceOf(RecordsRemovedException.class);
                assertThatThrownBy(() -> follower.read(9)).isInstanceOf(RecordsRemovedException.class);
                try (LogCursor another = follower.cursor(0)) {
                    assertThatThrownBy(another::next).isInstanceOf(RecordsRemovedException.class);
                }
                assertThat(follower.lastId()).hasValue(7);
            }
            replaceBy(before, inPlace);
            assertThat(follower.read(1)).isPresent();
        }
    }

    private void replaceBy(Map<String, byte[]> files, boolean inPlace) throws IOException {
        for (String name : storage.snapshot().keySet()) {
            byte[] bytes = files.get(name);
            if (bytes != null && inPlace) {
                System.arraycopy(bytes, 0, storage.bytes(name), 0, bytes.length);
            } else {
                storage.delete(name);
            }
        }
        for (String name : files.keySet()) {
            if (!storage.snapshot().containsKey(name)) {
                storage.put(name, files.get(name));
            }
        }
    }

    /** The newest segment of the backup has the same name as the current one and fewer records. */
    @Test
    void recordsOfARestoredBackupAreNotMixedWithLaterRecords() throws IOException {
        Map<String, byte[]> backup = storage.snapshot();
        String newest = tail();
        append(1);
        threads.idle();
        assertThat(tail()).isEqualTo(newest);
        assertThat(follower.read(8)).isPresent();
        try (LogCursor kept = follower.cursor(7);
                LogCursor cursor = follower.cursor(8)) {
            assertThat(kept.next()).isTrue();
            assertThat(cursor.next()).isTrue();
            replaceBy(backup, false);
            assertThatThrownBy(cursor::next).isInstanceOf(RecordsRemovedException.class);
            assertThatThrownBy(kept::next).isInstanceOf(RecordsRemovedException.class);
        }
        assertThat(follower.lastId()).hasValue(7);
        assertThat(follower.read(7)).isPresent();
    }

    @Test
    void deletedLogIsReportedAtOnce() throws IOException {
        try (LogCursor cursor = follower.cursor(7)) {
            assertThat(cursor.next()).isTrue();
            replaceBy(Map.of(), false);
            assertThatThrownBy(cursor::next).isInstanceOf(NoSuchFileException.class);
        }
        threads.pass(STALE_NANOS);
        assertThatThrownBy(() -> follower.read(1)).isInstanceOf(NoSuchFileException.class);
    }
}
