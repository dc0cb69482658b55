package dev.holdfast.wal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.LogFailedException;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.segment.SameThread;
import dev.holdfast.wal.storage.ForwardingStorage;
import dev.holdfast.wal.storage.HeapStorage;
import dev.holdfast.wal.storage.StoredFile;
import dev.holdfast.wal.threads.Environment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The files of trimmed segments, which are removed outside the commit queue. */
class DeadFilesTest {
    private static final int SEGMENTS = 20;
    private static final byte[] HALF_A_SEGMENT = new byte[1000];

    private final HeapStorage files = new HeapStorage().recordSteps();
    private final Queue<Runnable> removals = new ArrayDeque<>();

    /** Called before each file is deleted. */
    private interface Deletion {
        void begins() throws IOException;
    }

    private StoredLog open(HeapStorage directory, Deletion deletion) throws IOException {
        AtomicLong random = new AtomicLong(1);
        ForwardingStorage storage = new ForwardingStorage(directory) {
            @Override
            public void delete(String name) throws IOException {
                deletion.begins();
                super.delete(name);
            }
        };
        return StoredLog.open(
                storage,
                SameThread.settings(Layout.MIN_SEGMENT_BYTES),
                new Environment(
                        Runnable::run,
                        Runnable::run,
                        Runnable::run,
                        removals::add,
                        task -> {},
                        () -> 0,
                        random::incrementAndGet,
                        () -> {}));
    }

    private static void fill(StoredLog log) throws IOException {
        for (int i = 0; i < 2 * SEGMENTS; i++) {
            log.append(HALF_A_SEGMENT);
        }
    }

    /** Returns a log whose dead files wait to be removed. */
    private StoredLog trimmed() throws IOException {
        StoredLog log = open(files, () -> {});
        fill(log);
        log.trim(SEGMENTS);
        assertThat(segmentFiles(files)).hasSize(SEGMENTS);
        return log;
    }

    private static List<String> segmentFiles(HeapStorage directory) throws IOException {
        return directory.list().stream()
                .map(StoredFile::name)
                .filter(name -> name.endsWith(".seg"))
                .sorted()
                .toList();
    }

    @Test
    void trimRemovesNoFileInTheQueue() throws IOException {
        StoredLog log = trimmed();
        removals.remove().run();
        assertThat(segmentFiles(files)).hasSize(SEGMENTS / 2);
        log.close();
    }

    @Test
    void appendsAndRollsGoOnWhileATrimDeletesFiles() throws Exception {
        CountDownLatch deleting = new CountDownLatch(1);
        CountDownLatch appended = new CountDownLatch(1);
        StoredLog log = open(files, () -> {
            deleting.countDown();
            await(appended);
        });
        fill(log);
        log.trim(SEGMENTS);
        CompletableFuture<Void> removal = CompletableFuture.runAsync(removals.remove());
        deleting.await();
        fill(log);
        assertThat(removal).isNotDone();
        appended.countDown();
        removal.get();
        assertThat(segmentFiles(files)).hasSize(2 * SEGMENTS - SEGMENTS / 2);
        log.close();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void appendWithoutRoomWaitsForDeadFiles() throws IOException {
        StoredLog log = open(files, () -> files.leaveFree(1 << 20));
        fill(log);
        log.trim(SEGMENTS);
        files.leaveFree(0);
        // The batch needs a longer file than those of the dead segments.
        log.appendAll(Collections.nCopies(3, ByteBuffer.allocate(8000)));
        assertThat(log.lastId()).hasValue(2 * SEGMENTS + 3);
        log.close();
    }

    @Test
    void fullDiskKeepsNoTruncateFromUsingDeadFiles() throws IOException {
        StoredLog log = trimmed();
        files.leaveFree(0);
        for (long last = log.lastId().orElseThrow(); last > SEGMENTS; last--) {
            log.truncate(last - 1);
        }
        assertThat(log.nextId()).isEqualTo(SEGMENTS + 1);
        log.close();
    }

    @Test
    void nextOpeningRemovesDeadFilesThatACrashLeft() throws IOException {
        StoredLog unused = trimmed();
        HeapStorage crashed = files.copy();
        try (StoredLog log = open(crashed, () -> {})) {
            assertThat(log.firstId()).hasValue(SEGMENTS + 1);
            assertThat(log.lastId()).hasValue(2 * SEGMENTS);
            assertThat(segmentFiles(crashed)).hasSizeLessThanOrEqualTo(SEGMENTS / 2 + 1);
        }
    }

    @Test
    void anySubsetOfTheDeadFilesMayBeLeft() throws IOException {
        StoredLog unused = trimmed();
        List<String> dead = segmentFiles(files).subList(0, SEGMENTS / 2);
        for (String missing : dead) {
            HeapStorage crashed = files.copy();
            crashed.remove(missing);
            try (StoredLog log = open(crashed, () -> {})) {
                assertThat(log.firstId()).hasValue(SEGMENTS + 1);
                assertThat(log.lastId()).hasValue(2 * SEGMENTS);
            }
        }
    }

    @Test
    void deadFilesHideNoMissingSegment() throws IOException {
        StoredLog unused = trimmed();
        List<String> names = segmentFiles(files);
        List<String> live = names.subList(SEGMENTS / 2, SEGMENTS);
        HeapStorage allMissing = files.copy();
        live.forEach(allMissing::remove);
        assertThatThrownBy(() -> open(allMissing, () -> {})).isInstanceOf(CorruptLogException.class);
        for (String missing : live) {
            HeapStorage crashed = files.copy();
            crashed.remove(missing);
            assertThatThrownBy(() -> open(crashed, () -> {}))
                    .as(missing)
                    .isInstanceOf(CorruptLogException.class)
                    .hasMessageContaining("is missing");
        }
    }

    @Test
    void closedLogRemovesNothing() throws IOException {
        StoredLog log = trimmed();
        log.close();
        files.takeSteps();
        removals.remove().run();
        assertThat(files.takeSteps()).isEmpty();
    }

    @Test
    void failedRemovalFailsTheLog() throws IOException {
        StoredLog log = open(files, () -> {
            throw new IOException("injected");
        });
        fill(log);
        log.trim(SEGMENTS);
        removals.remove().run();
        assertThatThrownBy(() -> log.append(HALF_A_SEGMENT)).isInstanceOf(LogFailedException.class);
        assertThat(log.read(SEGMENTS + 1)).isPresent();
        log.close();
    }
}
