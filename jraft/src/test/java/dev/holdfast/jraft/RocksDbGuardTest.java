package dev.holdfast.jraft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.alipay.sofa.jraft.JRaftServiceFactory;
import com.alipay.sofa.jraft.core.DefaultJRaftServiceFactory;
import com.alipay.sofa.jraft.option.RaftOptions;
import com.alipay.sofa.jraft.storage.LogStorage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** If a node starts without Holdfast on its class path, it does not get an empty log of RocksDB. */
class RocksDbGuardTest {
    @TempDir
    Path parent;

    private final JRaftServiceFactory rocksDb = new DefaultJRaftServiceFactory();
    private final JRaftServiceFactory holdfast = new HoldfastServiceFactory(64 << 10);

    private static boolean opens(JRaftServiceFactory factory, Path path) {
        LogStorage storage = factory.createLogStorage(path.toString(), new RaftOptions());
        return StorageUnderTest.opens(storage);
    }

    private Path logOfHoldfast() {
        Path path = parent.resolve("data/log");
        try (StorageUnderTest storage = new StorageUnderTest(holdfast, path)) {
            storage.append(Entries.range(1, 10, 1));
        }
        return path;
    }

    private static void removeGuard(Path path) throws IOException {
        Files.delete(path.resolve("LOCK/README"));
        Files.delete(path.resolve("LOCK"));
    }

    @Test
    void rocksDbDoesNotOpenBesideALogOfHoldfast() throws IOException {
        Path path = logOfHoldfast();
        assertThat(path.resolve("LOCK/README")).content().contains("holdfast-jraft", "Do not delete it");
        assertThat(opens(rocksDb, path)).isFalse();
        assertThat(path.resolve("CURRENT")).doesNotExist();
        try (StorageUnderTest storage = new StorageUnderTest(holdfast, path)) {
            assertThat(storage.get().getLastLogIndex()).isEqualTo(10);
        }
    }

    @Test
    void existingLogGetsTheGuardAtTheNextOpening() throws IOException {
        Path path = logOfHoldfast();
        removeGuard(path);
        // RocksDB leaves this file if it could not create a log.
        Files.createFile(path.resolve("LOCK"));
        logOfHoldfastIsOpened(path);
        assertThat(opens(rocksDb, path)).isFalse();
        Files.delete(path.resolve("LOCK/README"));
        logOfHoldfastIsOpened(path);
        assertThat(path.resolve("LOCK/README")).isNotEmptyFile();
    }

    private void logOfHoldfastIsOpened(Path path) {
        try (StorageUnderTest storage = new StorageUnderTest(holdfast, path)) {
            assertThat(storage.get().getLastLogIndex()).isEqualTo(10);
        }
    }

    @Test
    void twoLogsAreNeitherOpenedNorCopied() throws IOException {
        Path path = logOfHoldfast();
        removeGuard(path);
        try (StorageUnderTest storage = new StorageUnderTest(rocksDb, path)) {
            assertThat(storage.get().getLastLogIndex()).isZero();
        }
        assertThat(opens(holdfast, path)).isFalse();
        assertThatThrownBy(() -> CopyLog.copy(path, parent.resolve("copy")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(path + " contains two logs")
                .hasMessageContaining("Delete neither")
                .hasMessageContaining("remove it from its group")
                .hasMessageNotContaining("CopyLog");
        assertThat(parent.resolve("copy")).doesNotExist();
        for (String left : List.of("entries", "notes", "CURRENT")) {
            assertThat(path.resolve(left)).exists();
        }
        // Deleting CURRENT alone does not delete the log of RocksDB.
        Files.delete(path.resolve("CURRENT"));
        assertThat(opens(holdfast, path)).isFalse();
    }

    @Test
    void onlyTheOwnerCanAccessTheDirectories() throws IOException {
        Path path = logOfHoldfast();
        assumeThat(Files.getFileStore(path).supportsFileAttributeView("posix")).isTrue();
        for (Path made : List.of(path.getParent(), path, path.resolve("LOCK"))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
                    .as(made.toString())
                    .isEqualTo("rwx------");
        }
    }

    @Test
    void concurrentOpeningsCreateTheirParentDirectory() throws Exception {
        for (int round = 0; round < 20; round++) {
            Path node = parent.resolve("node" + round + "/a/b/c");
            CyclicBarrier together = new CyclicBarrier(8);
            List<CompletableFuture<Void>> groups = new ArrayList<>();
            for (int group = 0; group < together.getParties(); group++) {
                Path path = node.resolve("group" + group);
                CompletableFuture<Void> done = new CompletableFuture<>();
                groups.add(done);
                new Thread(() -> {
                            try {
                                together.await();
                                RocksDbGuard.put(path);
                                done.complete(null);
                            } catch (Exception e) {
                                done.completeExceptionally(e);
                            }
                        })
                        .start();
            }
            for (CompletableFuture<Void> group : groups) {
                group.get(60, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void newLogIsNotCreatedWithoutTheGuard() throws IOException {
        Path path = Files.createDirectories(parent.resolve("log"));
        Path lock = Files.writeString(path.resolve("LOCK"), "somebody else's");
        assertThat(opens(holdfast, path)).isFalse();
        assertThat(path.resolve("entries")).doesNotExist();
        assertThat(lock).hasContent("somebody else's");
        assertThatThrownBy(() -> RocksDbGuard.put(path))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(lock.toString())
                .hasMessageContaining("Move the file away");
    }

    @Test
    void logWithoutAGuardIsOpenedOnAFullDisk() throws IOException {
        try (SmallDisk disk = SmallDisk.mount(parent.resolve("disk"))) {
            Path path = disk.path().resolve("log");
            new StorageUnderTest(holdfast, path).close();
            removeGuard(path);
            disk.writeFull();
            new StorageUnderTest(holdfast, path).close();
        }
    }

    @Test
    void copyInRocksDbHasNoGuard() throws IOException {
        Path path = logOfHoldfast();
        Path copy = parent.resolve("copy");
        CopyLog.copy(path, copy);
        assertThat(copy.resolve("LOCK")).isRegularFile();
        new StorageUnderTest(rocksDb, copy).close();
        Path again = parent.resolve("again");
        CopyLog.copy(copy, again);
        assertThat(again.resolve("LOCK/README")).isRegularFile();
    }
}
