package dev.holdfast.testkit.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.holdfast.wal.DiskFullException;
import dev.holdfast.wal.LogFailedException;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.LogStats;
import dev.holdfast.wal.file.FileLog;
import dev.holdfast.wal.file.FileLogOptions;
import dev.holdfast.wal.storage.Programs;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fills real file systems completely. Mounting one requires root; without root the tests are skipped. */
class FullFileSystemTest {
    @Nested
    class OnTmpfs extends OnARealDisk {
        @Override
        void mount(Path at, Path beside) throws Exception {
            skipUnless(
                    Programs.succeeds("mount", "-t", "tmpfs", "-o", "size=4m,mode=700", "tmpfs", at.toString()),
                    "cannot mount a tmpfs");
        }
    }

    @Nested
    class OnExt4 extends OnARealDisk {
        @Override
        void mount(Path at, Path beside) throws Exception {
            mountImage(at, beside, "8M", "mkfs.ext4", "-q", "-F", "-m", "0");
        }
    }

    @Nested
    class OnXfs extends OnARealDisk {
        private static final long LEFT_BYTES = 8 << 20;

        /** The smallest XFS is large, so a preallocated file takes most of its space. */
        @Override
        void mount(Path at, Path beside) throws Exception {
            mountImage(at, beside, "300M", "mkfs.xfs", "-q", "-f");
            long ballast = Files.getFileStore(at).getUsableSpace() - LEFT_BYTES;
            skipUnless(
                    Programs.succeeds(
                            "fallocate",
                            "-l",
                            Long.toString(ballast),
                            at.resolve("ballast").toString()),
                    "fallocate is missing");
        }
    }

    /**
     * Btrfs may need a new block to overwrite an existing block. Only two promises remain: nothing is lost, and errors
     * have declared types.
     */
    @Nested
    class OnBtrfs extends OnARealDisk {
        @Override
        void mount(Path at, Path beside) throws Exception {
            mountImage(at, beside, "32M", "mkfs.btrfs", "-q", "-f", "-M");
        }

        /** Overwriting an existing block may need a new block, so the log may fail. Nothing may be lost. */
        @Override
        void fillAndReopen(Path directory, Expected expected, Path filler) throws IOException {
            try (FileLog log = FileLog.open(directory, OPTIONS)) {
                FullDiskTest.fill(log, expected, 700);
            } catch (DiskFullException | LogFailedException e) {
                assertThat(e).hasMessageContaining(directory.toString());
            }
            Files.deleteIfExists(filler);
            try (FileLog log = FileLog.open(directory, OPTIONS)) {
                assertThat(AllRecords.of(log)).startsWith(expected.records().toArray(LogRecord[]::new));
            }
        }

        @Override
        void run(Path disk) throws IOException {
            Path directory = disk.resolve("log");
            Expected expected = new Expected();
            try (FileLog log = FileLog.open(directory, OPTIONS)) {
                expected.append(log, 1000, 1000);
                fillUp(disk.resolve("filler"));
                for (int i = 0; i < 1000; i++) {
                    expected.append(log, 5000);
                    if (i % 10 == 9) {
                        expected.truncate(log, expected.lastId() - 1);
                        expected.trim(log, expected.records().get(5).id());
                    }
                }
            } catch (DiskFullException | LogFailedException e) {
                System.out.println("FullFileSystemTest: btrfs failed after "
                        + expected.records().size() + " records with " + e.getClass());
            }
            Files.delete(disk.resolve("filler"));
            try (FileLog log = FileLog.open(directory, OPTIONS)) {
                assertThat(AllRecords.of(log)).isIn(expected.records(), expected.attempted());
                assertThat(log.append(new byte[100])).isEqualTo(log.lastId().orElseThrow());
            }
        }
    }

    /** Creates a file system in a file and mounts it. The loop device is detached automatically at the unmount. */
    private static void mountImage(Path at, Path beside, String size, String... makeFileSystem) throws Exception {
        String image = beside.resolve("image").toString();
        List<String> make = new ArrayList<>(List.of(makeFileSystem));
        make.add(image);
        skipUnless(
                Programs.succeeds("truncate", "-s", size, image) && Programs.succeeds(make.toArray(String[]::new)),
                makeFileSystem[0] + " is missing");
        skipUnless(Programs.succeeds("mount", "-o", "loop", image, at.toString()), "cannot mount an image");
    }

    private static void skipUnless(boolean possible, String otherwise) {
        if (!possible) {
            System.out.println("FullFileSystemTest: skipped, " + otherwise);
        }
        assumeThat(possible).as(otherwise).isTrue();
    }

    abstract static class OnARealDisk {
        static final FileLogOptions OPTIONS =
                FileLogOptions.builder().segmentBytes(64 << 10).build();

        abstract void mount(Path at, Path beside) throws Exception;

        @Test
        void logSurvivesAFullDisk(@TempDir Path parent) throws Exception {
            Path disk = Files.createDirectory(parent.resolve("disk"));
            try {
                mount(disk, parent);
                run(disk);
            } finally {
                Programs.succeeds("umount", disk.toString());
            }
        }

        /** Copies the log with a tool that leaves out zeros. */
        @Test
        void copyWithHolesSurvivesAFullDisk(@TempDir Path parent) throws Exception {
            Path disk = Files.createDirectory(parent.resolve("disk"));
            try {
                mount(disk, parent);
                Expected expected = new Expected();
                Path original = parent.resolve("original");
                try (FileLog log = FileLog.open(original, OPTIONS)) {
                    for (int i = 0; i < 20; i++) {
                        expected.append(log, 5000);
                    }
                    copyWithHoles(original, disk.resolve("killed"));
                }
                copyWithHoles(original, disk.resolve("closed"));
                fillUp(disk.resolve("filler"));
                fillAndReopen(disk.resolve("closed"), new Expected(expected.records()), disk.resolve("filler"));
                Programs.succeeds("rm", "-r", disk.resolve("closed").toString());
                fillUp(disk.resolve("filler"));
                fillAndReopen(disk.resolve("killed"), new Expected(expected.records()), disk.resolve("filler"));
            } finally {
                Programs.succeeds("umount", disk.toString());
            }
        }

        private static void copyWithHoles(Path from, Path to) throws Exception {
            boolean copied = false;
            for (int attempt = 0; attempt < 5 && !copied; attempt++) {
                Programs.succeeds("rm", "-rf", to.toString()); // a spare was renamed during the copy
                copied = Programs.succeeds("cp", "-r", "--sparse=always", from.toString(), to.toString());
            }
            skipUnless(copied, "cp does not create holes");
            Files.delete(to.resolve("LOCK"));
        }

        void fillAndReopen(Path directory, Expected expected, Path filler) throws IOException {
            for (int i = 0; i < 3; i++) {
                try (FileLog log = FileLog.open(directory, OPTIONS)) {
                    assertThat(AllRecords.of(log)).isEqualTo(expected.records());
                    FullDiskTest.fill(log, expected, 700);
                    assertThat(AllRecords.of(log)).isEqualTo(expected.records());
                    assertThat(log.stats().state()).isEqualTo(LogStats.State.OPEN);
                } catch (DiskFullException e) {
                    assertThat(e).hasMessageContaining("Free some space").hasMessageContaining(directory.toString());
                }
            }
            Files.deleteIfExists(filler);
            try (FileLog log = FileLog.open(directory, OPTIONS)) {
                assertThat(AllRecords.of(log)).isEqualTo(expected.records());
                FullDiskTest.fill(log, expected, 5000);
                assertThat(AllRecords.of(log)).isEqualTo(expected.records());
            }
        }

        void run(Path disk) throws IOException {
            Path directory = disk.resolve("log");
            Expected expected = new Expected();
            try (FileLog log = FileLog.open(directory, OPTIONS)) {
                expected.append(log, 1000, 1000);
                fillUp(disk.resolve("filler"));
                DiskFullException full = FullDiskTest.fill(log, expected, 5000);
                assertThat(full).hasMessageContaining(directory.toString());
                assertThat(AllRecords.of(log)).isEqualTo(expected.records());
                expected.truncate(log, expected.lastId() - 1);
                assertThat(AllRecords.of(log)).isEqualTo(expected.records());
            }
            try (FileLog log = FileLog.open(directory, OPTIONS)) {
                assertThat(AllRecords.of(log)).isEqualTo(expected.records());
                Files.delete(disk.resolve("filler"));
                for (int i = 0; i < 50; i++) {
                    expected.append(log, 5000);
                }
                fillUp(disk.resolve("filler"));
                FullDiskTest.fill(log, expected, 5000);
                expected.trim(log, expected.records().get(30).id());
                FullDiskTest.fill(log, expected, 5000);
                assertThat(AllRecords.of(log)).isEqualTo(expected.records());
                fillUp(disk.resolve("another"));
                expected.reset(log, 9);
                assertThat(AllRecords.of(log)).isEmpty();
            }
            try (FileLog log = FileLog.open(directory, OPTIONS)) {
                assertThat(log.nextId()).isEqualTo(9);
                FullDiskTest.fill(log, expected, 5000);
                assertThat(AllRecords.of(log)).isEqualTo(expected.records());
            }
        }

        /** Fills the disk until no byte is free. */
        static void fillUp(Path file) throws IOException {
            for (int chunk = 1 << 20; chunk > 0; chunk /= 16) {
                byte[] bytes = new byte[chunk];
                Arrays.fill(bytes, (byte) 1);
                try (OutputStream out = new FileOutputStream(file.toFile(), true)) {
                    while (true) {
                        out.write(bytes);
                    }
                } catch (IOException e) {
                    assertThat(e).hasMessageContaining("No space left");
                }
            }
        }
    }
}
