package dev.holdfast.wal.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests properties that only the real disk has: paths, permissions, links and descriptors. The testkit tests the rest
 * of the contract of {@link Storage}.
 */
class DiskStorageTest {
    @TempDir
    Path parent;

    Path directory;

    @BeforeEach
    void name() throws IOException {
        directory = parent.toRealPath().resolve("log");
    }

    @Test
    void missingDirectoriesAreCreatedForTheirOwnerAlone() throws IOException {
        Path deep = directory.resolve("a/b");
        try (DiskStorage storage = DiskStorage.open(deep)) {
            assertThat(storage.name()).isEqualTo(deep.toString());
            storage.lock();
            storage.create("segment").close();
        }
        for (Path made = deep; !made.equals(parent.toRealPath()); made = made.getParent()) {
            assertThat(permissions(made)).isEqualTo("rwx------");
        }
        assertThat(permissions(deep.resolve("segment"))).isEqualTo("rw-------");
        assertThat(permissions(deep.resolve(Storage.LOCK_NAME))).isEqualTo("rw-------");
    }

    @Test
    void existingDirectoryKeepsItsPermissions() throws IOException {
        Files.createDirectory(directory);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-x---"));
        DiskStorage.open(directory).close();
        assertThat(permissions(directory)).isEqualTo("rwxr-x---");
    }

    @Test
    void relativePathIsOpened() throws IOException {
        Path relative = Path.of("").toAbsolutePath().relativize(directory);
        try (DiskStorage storage = DiskStorage.open(relative)) {
            assertThat(storage.name()).isEqualTo(directory.toString());
        }
        try (DiskStorage storage = DiskStorage.openReadOnly(relative)) {
            assertThat(storage.name()).isEqualTo(directory.toString());
        }
    }

    @Test
    void missingDirectoryIsNotOpenedForReading() {
        assertThatThrownBy(() -> DiskStorage.openReadOnly(directory))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessage(directory + ": there is no such directory");
        assertThat(directory).doesNotExist();
    }

    @Test
    void fileIsNotOpenedAsADirectory() throws IOException {
        Files.createFile(directory);
        for (Path path : new Path[] {directory, directory.resolve("below")}) {
            assertThatThrownBy(() -> DiskStorage.open(path))
                    .isInstanceOf(NotDirectoryException.class)
                    .hasMessage(directory + ": this is not a directory, but a log is a directory");
        }
        assertThatThrownBy(() -> DiskStorage.openReadOnly(directory))
                .isInstanceOf(NotDirectoryException.class)
                .hasMessage(directory + ": this is not a directory, but a log is a directory");
    }

    @Test
    void unreadableDirectoryIsRefused() throws IOException {
        assumeThat(System.getProperty("user.name"))
                .as("root may read everything")
                .isNotEqualTo("root");
        Files.createDirectory(directory);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("-wx------"));
        assertThatThrownBy(() -> DiskStorage.open(directory)).isInstanceOf(AccessDeniedException.class);
        assertThatThrownBy(() -> DiskStorage.openReadOnly(directory))
                .isInstanceOf(AccessDeniedException.class)
                .hasMessageContaining(directory + ": reading this directory is not permitted");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("r-x------"));
        assertThatThrownBy(() -> DiskStorage.open(directory.resolve("below")))
                .isInstanceOf(AccessDeniedException.class);
    }

    @Test
    void readOnlyStorageCreatesAndChangesNothing() throws IOException {
        Files.createDirectory(directory);
        Files.writeString(directory.resolve("a"), "text");
        try (DiskStorage storage = DiskStorage.openReadOnly(directory)) {
            assertThat(storage.list()).containsExactly(new StoredFile("a", 4, 1, true));
            assertThat(storage.holder()).isEmpty();
            try (ReadableFile file = storage.openForReading("a")) {
                assertThat(file.length()).isEqualTo(4);
            }
            assertThatThrownBy(storage::lock).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(storage::sync).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> storage.create("b")).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> storage.openForWriting("a")).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> storage.rename("a", "b")).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> storage.delete("a")).isInstanceOf(IllegalStateException.class);
        }
        assertThat(directory).isDirectoryContaining(file -> file.endsWith("a"));
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void closedStorageRefusesEverything() throws IOException {
        DiskStorage storage = DiskStorage.open(directory);
        storage.close();
        assertThatThrownBy(storage::lock).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(storage::list).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(storage::holder).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> storage.create("a")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> storage.openForReading("a")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void closedFilesReportThatTheyAreClosed() throws IOException {
        try (DiskStorage storage = DiskStorage.open(directory)) {
            WritableFile writer = storage.create("a");
            ReadableFile reader = storage.openForReading("a");
            for (int i = 0; i < 2; i++) {
                writer.close();
                reader.close();
            }
            String path = directory.resolve("a").toString();
            assertThatThrownBy(() -> writer.write(0, new byte[1], 0, 1))
                    .isInstanceOf(IOException.class)
                    .hasMessageContainingAll(path, "was closed");
            assertThatThrownBy(() -> writer.writeSynced(0, new byte[1], 0, 1))
                    .isInstanceOf(IOException.class)
                    .hasMessageContainingAll(path, "was closed");
            assertThatThrownBy(writer::sync)
                    .isInstanceOf(IOException.class)
                    .hasMessageContainingAll(path, "was closed");
            assertThatThrownBy(() -> reader.read(0, ByteBuffer.allocateDirect(1)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContainingAll(path, "was closed");
            assertThatThrownBy(reader::length)
                    .isInstanceOf(IOException.class)
                    .hasMessageContainingAll(path, "was closed");
        }
    }

    @Test
    void callersMistakesAreRefused() throws IOException {
        try (DiskStorage storage = DiskStorage.open(directory)) {
            for (String name :
                    new String[] {"", ".", "..", "a/b", "../log/a", "/etc/hosts", "/", "a/", "LOCK", "a\0b"}) {
                assertThatThrownBy(() -> storage.create(name))
                        .as("'%s'", name)
                        .isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> storage.openForReading(name)).isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> storage.openForWriting(name)).isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> storage.delete(name)).isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> storage.rename(name, "b")).isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> storage.rename("b", name)).isInstanceOf(IllegalArgumentException.class);
            }
            try (WritableFile writer = storage.create("a");
                    ReadableFile reader = storage.openForReading("a")) {
                assertThatThrownBy(() -> writer.write(-1, new byte[1], 0, 1))
                        .isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> writer.writeSynced(0, new byte[1], 1, 1))
                        .isInstanceOf(IndexOutOfBoundsException.class);
                assertThatThrownBy(() -> reader.read(-1, ByteBuffer.allocateDirect(1)))
                        .isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> reader.read(0, ByteBuffer.allocate(1)))
                        .isInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    @Test
    void nonRegularFilesAreListedButNotOpened() throws Exception {
        try (DiskStorage storage = DiskStorage.open(directory)) {
            Path outside = Files.writeString(parent.resolve("outside"), "untouched");
            Files.createSymbolicLink(directory.resolve("link"), outside);
            Files.createSymbolicLink(directory.resolve("dangling"), parent.resolve("missing"));
            Files.createDirectory(directory.resolve("directory"));
            int mkfifo = new ProcessBuilder("mkfifo", directory.resolve("pipe").toString())
                    .start()
                    .waitFor();
            assertThat(storage.list()).hasSize(mkfifo == 0 ? 4 : 3).noneMatch(StoredFile::regular);
            for (StoredFile file : storage.list()) {
                assertThatThrownBy(() -> storage.openForReading(file.name()))
                        .isInstanceOf(FileSystemException.class)
                        .hasMessageContaining("expected a regular file");
                assertThatThrownBy(() -> storage.openForWriting(file.name()))
                        .isInstanceOf(FileSystemException.class)
                        .hasMessageContaining("expected a regular file");
            }
            assertThat(outside).hasContent("untouched");
            assertThat(parent.resolve("missing")).doesNotExist();
            assertThatThrownBy(() -> storage.create("dangling")).isInstanceOf(FileSystemException.class);
            assertThatThrownBy(() -> storage.rename("link", "dangling")).isInstanceOf(FileSystemException.class);
        }
    }

    @Test
    void linksAreCounted() throws IOException {
        try (DiskStorage storage = DiskStorage.open(directory)) {
            storage.create("a").close();
            Files.createLink(parent.resolve("b"), directory.resolve("a"));
            assertThat(storage.list()).containsExactly(new StoredFile("a", 0, 2, true));
        }
    }

    /**
     * A change within the same tick of the file system's clock would go unnoticed. Some clocks tick only every two
     * seconds.
     */
    @Test
    void stampOfNamesIsReturnedOnlyIfALaterChangeWouldDiffer() throws IOException {
        try (DiskStorage storage = DiskStorage.open(directory)) {
            storage.create("a").close();
            Instant now = Instant.now();
            assertThat(stampAt(storage, now.plusSeconds(100))).isEmpty();
            assertThat(stampAt(storage, now.minusSeconds(1).truncatedTo(ChronoUnit.SECONDS)))
                    .isEmpty();
            assertThat(stampAt(storage, now.minusSeconds(1).truncatedTo(ChronoUnit.MILLIS)))
                    .isEmpty();
            Instant fine = now.minusSeconds(1).truncatedTo(ChronoUnit.SECONDS).plusNanos(123_456_789);
            assertThat(stampAt(storage, fine.minusSeconds(1))).isPresent();
            Optional<Object> stamp = stampAt(storage, now.minusSeconds(10).truncatedTo(ChronoUnit.SECONDS));
            assertThat(stamp).isPresent();
            assertThat(storage.namesStamp()).isEqualTo(stamp);
            storage.list();
            assertThat(storage.namesStamp()).isEqualTo(stamp);
            storage.delete("a");
            assertThat(storage.namesStamp()).isNotEqualTo(stamp);
            // Replace the directory by a directory with the same modification time.
            Files.move(directory, parent.resolve("moved"));
            Files.createDirectory(directory);
            assertThat(stampAt(storage, now.minusSeconds(10).truncatedTo(ChronoUnit.SECONDS)))
                    .isPresent()
                    .isNotEqualTo(stamp);
        }
    }

    private Optional<Object> stampAt(DiskStorage storage, Instant time) throws IOException {
        Files.setLastModifiedTime(directory, FileTime.from(time));
        return storage.namesStamp();
    }

    @Test
    void writerKeepsItsFileWhenAnotherProgramChangesTheName() throws IOException {
        try (DiskStorage storage = DiskStorage.open(directory);
                WritableFile renamed = storage.create("a");
                WritableFile replaced = storage.create("b");
                ReadableFile reader = storage.openForReading("b")) {
            Files.move(directory.resolve("a"), directory.resolve("c"));
            Files.delete(directory.resolve("b"));
            Files.writeString(directory.resolve("b"), "strange");
            for (WritableFile file : new WritableFile[] {renamed, replaced}) {
                file.write(0, "ab".getBytes(StandardCharsets.US_ASCII), 0, 2);
                file.sync();
            }
            assertThat(directory.resolve("a")).doesNotExist();
            assertThat(directory.resolve("b")).hasContent("strange");
            assertThat(directory.resolve("c")).hasContent("ab");
            assertThat(reader.length()).isEqualTo(2);
        }
    }

    @Test
    void fileWithOnlySyncedWritesHasOneDescriptor() throws IOException {
        assumeThat(Path.of("/proc/self/fd")).isDirectory();
        try (DiskStorage storage = DiskStorage.open(directory)) {
            try (WritableFile file = storage.create("a")) {
                file.writeSynced(0, new byte[10], 0, 10);
                file.sync();
                assertThat(descriptors("a")).isEqualTo(1);
                file.write(0, new byte[10], 0, 10);
                assertThat(descriptors("a")).isEqualTo(2);
            }
            assertThat(descriptors("a")).isZero();
            try (ReadableFile file = storage.openForReading("a")) {
                assertThat(file.length()).isEqualTo(10);
                assertThat(descriptors("a")).isEqualTo(1);
            }
            assertThat(descriptors("a")).isZero();
            storage.sync();
            storage.lock();
            assertThat(descriptors("LOCK")).isEqualTo(1);
        }
        assertThat(descriptors("LOCK")).isZero();
        assertThat(descriptors("")).isZero();
    }

    @Test
    void writesAllocateNothing() throws IOException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        byte[] bytes = new byte[1024];
        try (DiskStorage storage = DiskStorage.open(directory);
                WritableFile file = storage.create("a")) {
            for (int round = 0; round < 3; round++) {
                long before =
                        threads.getThreadAllocatedBytes(Thread.currentThread().getId());
                for (int i = 0; i < 1000; i++) {
                    file.write(i * 1024L, bytes, 0, 1024);
                }
                for (int i = 0; i < 10; i++) {
                    file.writeSynced(i * 1024L, bytes, 0, 1024);
                }
                long allocated =
                        threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
                if (round > 0) assertThat(allocated).isLessThan(1000); // the measurement itself allocates
            }
        }
    }

    @Test
    void failedDirectorySyncExplainsItsConsequences() {
        Path unable = Path.of("/proc");
        assumeThat(unable.resolve("self")).exists();
        assertThatThrownBy(() -> Directories.sync(unable))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll("/proc: the directory could not be synced (", "POWER_LOSS");
    }

    @Test
    void largeSyncedWritesOfWholeBlocksBypassTheCacheAndMixWithOthers() throws IOException {
        byte[] expected = new byte[3 << 20];
        try (DiskStorage storage = DiskStorage.open(directory)) {
            storage.lock();
            try (WritableFile file = storage.create("segment")) {
                file.writeSynced(0, expected, 0, expected.length);
                boolean bypasses = isOpenDirectly(directory.resolve("segment"));
                new Random(7).nextBytes(expected);
                file.writeSynced(0, expected, 0, 5_000);
                file.write(5_000, expected, 5_000, 3_192);
                Thread.currentThread().interrupt();
                file.writeSynced(8_192, expected, 8_192, (2 << 20) + 4_096);
                assertThat(Thread.interrupted()).isTrue();
                file.writeSynced((2 << 20) + 12_288, expected, (2 << 20) + 12_288, (1 << 20) - 12_288);
                storage.rename("segment", "renamed");
                file.writeSynced(1 << 20, expected, 1 << 20, WritableFile.BULK_BYTES);
                boolean supported = Set.of("ext4", "xfs", "btrfs")
                        .contains(Files.getFileStore(directory).type());
                assertThat(bypasses || !supported).as("opened with O_DIRECT").isTrue();
            } finally {
                assertThat(storage.list()).hasSize(1);
            }
            assertThat(Files.readAllBytes(directory.resolve("renamed"))).isEqualTo(expected);
        }
    }

    @Test
    void largeWritesNeedNoModuleButJavaBase() throws Exception {
        String classes = Path.of(DiskStorage.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                + System.getProperty("path.separator")
                + Path.of(LargeWrite.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI());
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String main = LargeWrite.class.getName();
        assertThat(Programs.succeeds(java, "--limit-modules", "java.base", "-cp", classes, main, directory.toString()))
                .isTrue();
        assertThat(Files.size(directory.resolve("segment"))).isEqualTo(WritableFile.BULK_BYTES);
    }

    /** A process that makes one large write. */
    static final class LargeWrite {
        public static void main(String[] arguments) throws IOException {
            try (DiskStorage storage = DiskStorage.open(Path.of(arguments[0]))) {
                storage.lock();
                try (WritableFile file = storage.create("segment")) {
                    file.writeSynced(0, new byte[WritableFile.BULK_BYTES], 0, WritableFile.BULK_BYTES);
                }
            }
        }
    }

    /** Returns whether this process has a descriptor with the flag O_DIRECT on a file. */
    private static boolean isOpenDirectly(Path file) throws IOException {
        int direct = 0x4000;
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors) {
                if (!Files.isSymbolicLink(descriptor)
                        || !Files.readSymbolicLink(descriptor).equals(file)) continue;
                String flags =
                        Files.readAllLines(Path.of("/proc/self/fdinfo").resolve(descriptor.getFileName())).stream()
                                .filter(line -> line.startsWith("flags:"))
                                .findFirst()
                                .orElseThrow();
                if ((Integer.parseInt(flags.substring(6).trim(), 8) & direct) != 0) return true;
            }
        }
        return false;
    }

    @Test
    void directoryOfAnotherFileSystemProviderIsRefused() throws IOException {
        Path archive = parent.resolve("a.zip");
        try (FileSystem zip = FileSystems.newFileSystem(archive, Map.of("create", "true"))) {
            assertThatThrownBy(() -> DiskStorage.open(zip.getPath("/log")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("default file system");
        }
    }

    private int descriptors(String name) throws IOException {
        int count = 0;
        try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path descriptor : open) {
                try {
                    if (Files.readSymbolicLink(descriptor).equals(directory.resolve(name))) count++;
                } catch (NoSuchFileException e) {
                    // the descriptor that lists the directory
                }
            }
        }
        return count;
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
