package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the tool as a process on a full disk and on a read-only disk. Both need a mount, which only root can make;
 * otherwise the tests are skipped.
 */
class MountedDiskTest {
    /** Commands that only read. The word LOG is replaced with the log's directory. */
    private static final List<String> READING = List.of(
            "info LOG",
            "info LOG --segments",
            "info LOG --json",
            "cat LOG --last 3",
            "verify LOG",
            "repair LOG --drop-from 2");

    @TempDir
    private Path parent;

    private Path disk = Path.of("");

    @BeforeEach
    void mount() throws IOException, InterruptedException {
        disk = Files.createDirectory(parent.resolve("disk"));
        assumeThat(succeeds("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk.toString()))
                .as("mounting is permitted")
                .isTrue();
    }

    @AfterEach
    void unmount() throws IOException, InterruptedException {
        succeeds("umount", disk.toString());
    }

    @Test
    void fullDiskStopsOnlyAppends() throws IOException, InterruptedException {
        Tool.Result full = Tool.run(endless(), "append", log());
        assertThat(full.exitCode()).isEqualTo(2);
        assertThat(full.err())
                .startsWith("holdfast: ")
                .contains("no room for another segment")
                .containsPattern("makes room, too\\. The \\d+ lines before it were appended, ids 1\\.\\.\\d+\n$")
                .hasLineCount(1);
        long last = Long.parseLong(full.err().strip().replaceAll(".*ids 1\\.\\.", ""));
        fill();

        assertReadingChangesNothing();
        assertThat(run("cat", log()).outText()).hasLineCount(Math.toIntExact(last));
        Tool.Result copy = run("copy", log(), disk.resolve("copy"), "--no-links");
        assertThat(copy.exitCode()).isEqualTo(2);
        assertThat(copy.err()).startsWith("holdfast: ").hasLineCount(1);
        assertThat(disk.resolve("copy.partial")).doesNotExist();
        for (long keep : new long[] {last - 1, 10, 0}) {
            Tool.Result truncated = run("truncate", log(), "--last-to-keep", keep);
            assertThat(truncated.exitCode()).as(truncated.err()).isZero();
        }
        assertThat(run("reset", log(), "--next-id", 7).exitCode()).isZero();
        assertThat(run("verify", log()).exitCode()).isZero();
    }

    @Test
    void readOnlyDiskCanBeRead() throws IOException, InterruptedException {
        assertThat(Tool.runProcess("a\nb\nc\n".getBytes(StandardCharsets.US_ASCII), "append", log())
                        .exitCode())
                .isZero();
        assumeThat(succeeds("mount", "-o", "remount,ro", disk.toString()))
                .as("remounting is permitted")
                .isTrue();
        assertReadingChangesNothing();
        Path copy = parent.resolve("copy");
        assertThat(run("copy", log(), copy).exitCode()).isZero();
        assertThat(run("cat", copy).outText()).isEqualTo("a\nb\nc\n");
        for (String[] change : List.of(
                new String[] {"truncate", "--last-to-keep", "1"},
                new String[] {"trim", "--up-to", "1"},
                new String[] {"reset", "--next-id", "1"},
                new String[] {"append"})) {
            Tool.Result result = run(
                    Stream.concat(Stream.of(change[0], log()), Stream.of(change).skip(1))
                            .toArray());
            assertThat(result.exitCode()).isEqualTo(2);
            assertThat(result.err())
                    .startsWith("holdfast: ")
                    .contains(log().toString())
                    .hasLineCount(1);
        }
        assertThat(run("cat", log()).outText()).isEqualTo("a\nb\nc\n");
    }

    /** A hole in the copy would need blocks at later appends, and a full disk would then stop them. */
    @Test
    void copyHasNoHoles() throws IOException, InterruptedException {
        Path log = parent.resolve("original");
        assertThat(Tool.runProcess("a\nb\nc\n".getBytes(StandardCharsets.US_ASCII), "append", log)
                        .exitCode())
                .isZero();
        assertThat(run("copy", log, disk.resolve("copy")).exitCode()).isZero();
        try (Stream<Path> files = Files.list(disk.resolve("copy"))) {
            for (Path file : files.toList()) {
                Process stat = new ProcessBuilder("stat", "-c", "%b", file.toString()).start();
                long blocks = Long.parseLong(
                        new String(stat.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip());
                assertThat(512 * blocks).as(file.toString()).isGreaterThanOrEqualTo(Files.size(file));
            }
        }
    }

    private static Tool.Result run(Object... arguments) throws IOException, InterruptedException {
        return Tool.runProcess(new byte[0], arguments);
    }

    private void assertReadingChangesNothing() throws IOException, InterruptedException {
        Map<String, String> before = files();
        for (String command : READING) {
            Tool.Result result =
                    run(Stream.of(command.split(" ")).map(this::word).toArray());
            assertThat(result.exitCode()).as(command + ": " + result.err()).isZero();
        }
        assertThat(files()).isEqualTo(before);
    }

    private Object word(String word) {
        return word.equals("LOG") ? log() : word;
    }

    private Map<String, String> files() throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.list(log())) {
            for (Path file : all.toList()) {
                files.put(file.getFileName().toString(), Files.getLastModifiedTime(file) + " " + Files.size(file));
            }
        }
        return files;
    }

    /** Fills the disk to the last byte. */
    private void fill() throws IOException {
        try (var out = Files.newOutputStream(disk.resolve("filling"))) {
            byte[] zeros = new byte[4096];
            while (true) {
                out.write(zeros);
            }
        } catch (IOException full) {
            assertThat(disk.toFile().getUsableSpace()).isZero();
        }
    }

    private static InputStream endless() {
        return new InputStream() {
            @Override
            public int read() {
                throw new AssertionError("not used");
            }

            @Override
            public int read(byte[] into, int from, int length) {
                for (int i = 0; i < length; i++) {
                    into[from + i] = (byte) (i % 1000 == 999 ? '\n' : 'x');
                }
                return length;
            }
        };
    }

    private static boolean succeeds(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
        } catch (IOException noSuchProgram) {
            return false;
        }
    }

    private Path log() {
        return disk.resolve("log");
    }
}
