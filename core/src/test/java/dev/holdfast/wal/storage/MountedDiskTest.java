package dev.holdfast.wal.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.holdfast.wal.LogLockedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests a full disk, and a directory with two names. Both need a mount; skipped unless root runs the test. */
class MountedDiskTest {
    @TempDir
    Path parent;

    Path disk;

    @BeforeEach
    void makePlace() throws IOException {
        disk = Files.createDirectory(parent.resolve("disk"));
    }

    @AfterEach
    void unmount() throws Exception {
        Programs.succeeds("umount", disk.toString());
    }

    @Test
    void fullDiskIsDistinguishedFromABrokenDisk() throws Exception {
        mount("-t", "tmpfs", "-o", "size=1m,nr_inodes=10", "tmpfs");
        try (DiskStorage storage = DiskStorage.open(disk)) {
            storage.lock();
            try (WritableFile file = storage.create("prewritten")) {
                file.write(0, new byte[8192], 0, 8192);
                file.sync();
            }
            try (WritableFile large = storage.create("large")) {
                assertThatThrownBy(() -> large.write(0, new byte[2 << 20], 0, 2 << 20))
                        .isInstanceOf(NoSpaceException.class)
                        .hasMessageContainingAll(
                                disk.resolve("large").toString(), "writing 2097152 bytes", "because the disk is full");
                assertThatThrownBy(() -> large.writeSynced(1 << 20, new byte[100], 0, 100))
                        .isInstanceOf(NoSpaceException.class);
                // Bytes that exist already can still be overwritten.
                large.writeSynced(100, new byte[] {1, 2, 3}, 0, 3);
            }
            try (WritableFile file = storage.openForWriting("prewritten");
                    ReadableFile reader = storage.openForReading("prewritten")) {
                file.writeSynced(5000, new byte[] {4, 5, 6}, 0, 3);
                file.sync();
                ByteBuffer into = ByteBuffer.allocateDirect(3);
                assertThat(reader.read(5000, into)).isEqualTo(3);
                assertThat(into.flip()).isEqualTo(ByteBuffer.wrap(new byte[] {4, 5, 6}));
            }
            storage.rename("prewritten", "renamed");
            storage.sync();
        }
        // A directory can be locked with no byte free, and LOCK names the holder, because its space was kept.
        try (DiskStorage storage = DiskStorage.open(disk)) {
            storage.lock();
            assertThat(disk.resolve(Storage.LOCK_NAME)).content().contains("holdfast lock");
            storage.delete("large");
            storage.sync();
            try (WritableFile file = storage.create("small")) {
                file.writeSynced(0, new byte[1000], 0, 1000);
            }
        }
    }

    @Test
    void newFileOnAFullDiskIsRefused() throws Exception {
        mount("-t", "tmpfs", "-o", "size=1m,nr_inodes=4", "tmpfs");
        try (DiskStorage storage = DiskStorage.open(disk)) {
            List<String> made = new ArrayList<>();
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 10; i++) {
                            storage.create("file" + i).close();
                            made.add("file" + i);
                        }
                    })
                    .isInstanceOf(NoSpaceException.class)
                    .hasMessageContaining("file" + made.size());
            assertThat(storage.list()).extracting(StoredFile::name).containsExactlyInAnyOrderElementsOf(made);
        }
    }

    @Test
    void newDirectoryOnAFullDiskIsLockedWithoutAName() throws Exception {
        mount("-t", "tmpfs", "-o", "size=64k", "tmpfs");
        try (DiskStorage storage = DiskStorage.open(disk)) {
            try (WritableFile all = storage.create("all")) {
                assertThatThrownBy(() -> all.write(0, new byte[1 << 20], 0, 1 << 20))
                        .isInstanceOf(NoSpaceException.class);
            }
            storage.lock();
            assertThat(storage.holder()).isPresent();
            assertThat(disk.resolve(Storage.LOCK_NAME)).isEmptyFile();
            assertThatThrownBy(() -> storage.publish(new byte[40])).isInstanceOf(IOException.class);
            assertThat(storage.hint().hasRemaining()).isFalse();
        }
    }

    @Test
    void hintNeedsNoSpaceOnAFullDiskIfLockHasAName() throws Exception {
        mount("-t", "tmpfs", "-o", "size=64k", "tmpfs");
        try (DiskStorage storage = DiskStorage.open(disk)) {
            storage.lock();
            try (WritableFile all = storage.create("all")) {
                assertThatThrownBy(() -> all.write(0, new byte[1 << 20], 0, 1 << 20))
                        .isInstanceOf(NoSpaceException.class);
            }
            storage.publish(new byte[40]);
            assertThat(storage.hint().remaining()).isEqualTo(40);
        }
        try (DiskStorage storage = DiskStorage.open(disk)) {
            storage.lock();
            assertThat(storage.hint().hasRemaining()).isFalse();
            storage.publish(new byte[40]);
            assertThat(storage.hint().remaining()).isEqualTo(40);
        }
    }

    @Test
    void directoryWithTwoMountsIsLockedOnce() throws Exception {
        Path directory = Files.createDirectory(parent.resolve("log"));
        mount("--bind", directory.toString());
        try (DiskStorage first = DiskStorage.open(directory);
                DiskStorage second = DiskStorage.open(disk);
                LockingProcess other = LockingProcess.start()) {
            first.lock();
            assertThatThrownBy(second::lock)
                    .isInstanceOf(LogLockedException.class)
                    .hasMessageContaining("this process: process");
            assertThat(second.holder()).isPresent();
            assertThat(other.lock(disk)).startsWith("refused").doesNotContain("was lost");
        }
    }

    @Test
    void brokenDiskIsNotReportedAsFull() {
        assertThat(FullDisk.caused(new IOException("No space left on device"), parent, 1))
                .isTrue();
        assertThat(FullDisk.caused(new IOException("Disk quota exceeded"), parent, 1))
                .isTrue();
        assertThat(FullDisk.caused(new IOException("Input/output error"), parent, 1))
                .isFalse();
        assertThat(FullDisk.caused(new IOException((String) null), parent, 1)).isFalse();
    }

    private void mount(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("mount"));
        command.addAll(List.of(arguments));
        command.add(disk.toString());
        assumeThat(Programs.succeeds(command.toArray(new String[0])))
                .as("a mount is permitted")
                .isTrue();
    }
}
