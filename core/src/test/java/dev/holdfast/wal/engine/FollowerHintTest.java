package dev.holdfast.wal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.commit.LogSettings;
import dev.holdfast.wal.format.Checksum;
import dev.holdfast.wal.format.Declaration;
import dev.holdfast.wal.format.GroupHeader;
import dev.holdfast.wal.format.GroupKind;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.segment.SameThread;
import dev.holdfast.wal.storage.ForwardingStorage;
import dev.holdfast.wal.storage.HeapStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The hints of a writer, which let a reader in another process see each synced record at once. */
class FollowerHintTest {
    private static final long STALE_NANOS = 50_000_000;

    private final SameThread threads = new SameThread(11);
    private final HeapStorage storage = new HeapStorage().stamped();
    private StoredLog writer;
    private StoredLog follower;

    /** Opens a log with seven records of 1000 bytes, two in each segment. */
    @BeforeEach
    void open() throws IOException {
        writer = threads.open(storage);
        append(7);
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

    private void assertShows(long lastId) throws IOException {
        threads.pass(STALE_NANOS);
        assertThat(follower.lastId()).hasValue(lastId);
        assertThat(follower.lastDurableId()).hasValue(lastId);
        assertThat(follower.read(lastId)).isPresent();
        assertThat(follower.read(lastId + 1)).isEmpty();
    }

    private SegmentHeader tail() throws IOException {
        String name = storage.snapshot().keySet().stream()
                .filter(file -> file.endsWith(".seg"))
                .reduce((one, next) -> next)
                .orElseThrow();
        byte[] block = Arrays.copyOf(storage.bytes(name), Layout.HEADER_BYTES);
        return ((SegmentHeader.Parsed.Valid) SegmentHeader.parse(block, new Checksum())).header();
    }

    /** Returns a hint that declares a record durable. */
    private static ByteBuffer hint(long durableId, long salt, long epoch) {
        ByteBuffer bytes = ByteBuffer.allocate(Layout.GROUP_HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        GroupHeader.encode(
                bytes,
                0,
                GroupKind.IDLE,
                0,
                0,
                durableId + 1,
                new Declaration(durableId, -1),
                new Checksum(),
                salt,
                -epoch);
        return bytes;
    }

    @Test
    void lastRecordBeforeSilenceIsSeenWithoutAMarker() throws IOException {
        assertShows(7);
        try (LogCursor cursor = follower.cursor(8)) {
            assertThat(cursor.next()).isFalse();
            append(1);
            assertThat(cursor.next()).isTrue();
            assertThat(cursor.next()).isFalse();
        }
    }

    @Test
    void eachChangeOfTheTailIsHinted() throws IOException {
        append(2);
        assertShows(9);
        writer.truncate(6);
        assertShows(6);
        append(2);
        assertShows(8);
        writer.trim(4);
        append(1);
        assertShows(9);
        writer.reset(50);
        append(1);
        assertShows(50);
    }

    @Test
    void hintsOfALogThatSyncsLaterFollowItsSyncs() throws IOException {
        HeapStorage later = new HeapStorage();
        LogSettings settings = new LogSettings(1 << 20, 1 << 20, 1 << 20, 1 << 20, false, Layout.ALIGNMENT);
        try (StoredLog log = threads.open(later, settings);
                StoredLog reader = threads.openReadOnly(later)) {
            for (int id = 1; id < 4; id++) {
                log.append(new byte[10]);
                assertThat(reader.read(id)).isEmpty();
                log.sync();
                assertThat(reader.read(id)).isPresent();
            }
        }
    }

    @Test
    void hintProvesNothingWithoutAWriter() throws IOException {
        assertShows(7);
        storage.setHolder(Optional.empty());
        threads.pass(STALE_NANOS);
        assertThat(follower.lastId()).hasValue(7);
        assertThat(follower.lastDurableId()).hasValue(6);
        try (StoredLog later = threads.openReadOnly(storage)) {
            assertThat(later.opened().unprovenFrom()).hasValue(7);
            assertThat(later.lastDurableId()).hasValue(6);
        }
    }

    @Test
    void hintOfAnotherSegmentIsIgnored() throws IOException {
        ByteBuffer before = storage.hint();
        writer.truncate(5);
        storage.failHints();
        append(1);
        storage.setHint(before);
        assertShows(5);
    }

    @Test
    void hintIsIgnoredIfEpochOrSaltIsNotThatOfTheTail() throws IOException {
        SegmentHeader tail = tail();
        for (ByteBuffer other : new ByteBuffer[] {
            hint(7, tail.salt() + 1, tail.epoch()), hint(7, tail.salt(), tail.epoch() - 1), hint(7, tail.salt(), 0),
        }) {
            storage.setHint(other);
            try (StoredLog reader = threads.openReadOnly(storage)) {
                assertThat(reader.lastId()).hasValue(6);
            }
        }
        storage.setHint(hint(7, tail.salt(), tail.epoch()));
        assertShows(7);
    }

    @Test
    void everyTornHintIsIgnored() throws IOException {
        byte[] whole = storage.hint().array();
        for (int bit = 0; bit < whole.length * Byte.SIZE; bit++) {
            byte[] torn = whole.clone();
            torn[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
            assertProvesNothing(torn);
        }
        for (int length = 0; length < whole.length; length++) {
            assertProvesNothing(Arrays.copyOf(whole, length));
            byte[] torn = Arrays.copyOf(Arrays.copyOf(whole, length), whole.length);
            if (!Arrays.equals(torn, whole)) assertProvesNothing(torn);
        }
    }

    private void assertProvesNothing(byte[] hint) throws IOException {
        storage.setHint(ByteBuffer.wrap(hint));
        try (StoredLog reader = threads.openReadOnly(storage)) {
            assertThat(reader.lastId()).hasValue(6);
        }
    }

    @Test
    void tornHintTakesNoRecordBack() throws IOException {
        try (LogCursor cursor = follower.cursor(7)) {
            assertThat(cursor.next()).isTrue();
            storage.setHint(ByteBuffer.allocate(Layout.GROUP_HEADER_BYTES));
            assertShows(7);
            assertThat(cursor.next()).isFalse();
            storage.setHint(ByteBuffer.allocate(0));
            assertShows(7);
            assertThat(cursor.next()).isFalse();
            append(1);
            assertThat(cursor.next()).isTrue();
        }
    }

    @Test
    void hintAboveTheLastWholeRecordShowsNoOther() throws IOException {
        SegmentHeader tail = tail();
        storage.setHint(hint(100, tail.salt(), tail.epoch()));
        assertShows(7);
    }

    @Test
    void failedHintFailsNoAppendAndIsNotRepeatedBeforeTheNextTail() throws IOException {
        AtomicInteger attempts = new AtomicInteger();
        HeapStorage files = new HeapStorage();
        StoredLog log = threads.open(new ForwardingStorage(files) {
            @Override
            public void publish(byte[] hint) throws IOException {
                attempts.incrementAndGet();
                throw new IOException("the hint cannot be written");
            }
        });
        for (int id = 1; id < 8; id++) {
            assertThat(log.append(new byte[1000])).isEqualTo(id);
        }
        assertThat(log.lastDurableId()).hasValue(7);
        // For the first group of each of the four tails, and for the three rolls.
        assertThat(attempts.get()).isBetween(4, 7);
        log.close();
    }

    /** A waiting reader that finds no other hint reads no other file. */
    @Test
    void readerThatWaitsReadsOnlyTheHint() throws Exception {
        AtomicInteger reads = new AtomicInteger();
        AtomicInteger hints = new AtomicInteger();
        try (LogCursor cursor = follower.cursor(8)) {
            assertThat(cursor.next()).isFalse();
            storage.beforeReading(reads::incrementAndGet);
            assertThat(cursor.next()).isFalse();
            int once = reads.getAndSet(0);
            storage.afterReadingHint(hints::incrementAndGet);
            assertThat(cursor.next(Duration.ofMillis(30))).isFalse();
            assertThat(hints.get()).isGreaterThan(1);
            assertThat(reads).hasValue(once);
        }
    }

    @Test
    void readerThatWaitsSeesARecordThatIsAppendedMeanwhile() throws Exception {
        AtomicInteger hints = new AtomicInteger();
        try (LogCursor cursor = follower.cursor(8)) {
            storage.afterReadingHint(() -> {
                if (hints.incrementAndGet() == 5) appendUnchecked();
            });
            assertThat(cursor.next(Duration.ofDays(1))).isTrue();
            assertThat(cursor.id()).isEqualTo(8);
        }
    }

    private void appendUnchecked() {
        try {
            append(1);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void waitsGrowWhileThereIsNoNewsAndReadersShareLooks() throws IOException {
        long[] now = {1L << 40};
        AtomicInteger hints = new AtomicInteger();
        try (Follower looks = new Follower(storage, () -> now[0])) {
            assertThat(looks.lookAgainNanos()).isEqualTo(500_000);
            now[0] += 3_000_000;
            assertThat(looks.lookAgainNanos()).isEqualTo(3_000_000);
            storage.afterReadingHint(hints::incrementAndGet);
            long began = now[0]++;
            looks.lookForNews(began);
            looks.lookForNews(began);
            looks.lookForNews(began);
            assertThat(hints).hasValue(1);
            assertThat(looks.lookAgainNanos()).isEqualTo(3_000_001);
            append(1);
            looks.lookForNews(now[0]++);
            assertThat(looks.lookAgainNanos()).isEqualTo(500_000);
            now[0] += Duration.ofDays(1).toNanos();
            assertThat(looks.lookAgainNanos()).isEqualTo(STALE_NANOS);
        }
    }
}
