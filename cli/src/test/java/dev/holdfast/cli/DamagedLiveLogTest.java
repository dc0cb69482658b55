package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.cli.copy.LogCopy;
import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.file.FileLog;
import dev.holdfast.wal.file.FileLogOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damages the newest segment of a log that a writer has open. The writer does not notice, because it does not read back
 * what it wrote, so every reading command must report the damage.
 */
class DamagedLiveLogTest {
    @TempDir
    private Path parent;

    private Path log;

    @BeforeEach
    void place() {
        log = parent.resolve("log");
    }

    /** Appends a thousand records and damages one of them; the writer continues. */
    private FileLog damaged(boolean header) throws IOException {
        FileLog writer = FileLog.open(log);
        for (int i = 1; i <= 1000; i++) {
            writer.append(record(i));
        }
        // Each record is a group of its own: a header, a frame, and zeros up to a multiple of 8.
        Path file = newest();
        byte[] bytes = Files.readAllBytes(file);
        int at = indexOf(bytes, record(500));
        flip(file, header ? at - 48 + 16 : at);
        for (int i = 1001; i <= 1010; i++) {
            writer.append(record(i));
        }
        return writer;
    }

    private static byte[] record(int number) {
        return String.format("record %04d", number).getBytes(StandardCharsets.US_ASCII);
    }

    private static int indexOf(byte[] bytes, byte[] wanted) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        return text.indexOf(new String(wanted, StandardCharsets.ISO_8859_1));
    }

    private static void flip(Path file, long at) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, at);
            one.put(0, (byte) (one.get(0) ^ 1));
            channel.write(one.flip(), at);
        }
    }

    private Path newest() throws IOException {
        try (Stream<Path> files = Files.list(log)) {
            return files.filter(file -> file.toString().endsWith(".seg"))
                    .max(Path::compareTo)
                    .orElseThrow();
        }
    }

    @Test
    void everyCommandReportsDamageThatTheWriterDoesNotNotice() throws IOException {
        for (boolean header : new boolean[] {false, true}) {
            log = parent.resolve("log-" + header);
            try (FileLog writer = damaged(header)) {
                assertReportedByEveryCommand();
                assertThat(writer.read(499)).isPresent();
                assertThat(writer.append(record(1011))).isEqualTo(1011);
            }
            assertReportedByEveryCommand();
        }
    }

    /**
     * The file LOCK names a process of another machine or container, or a process from before the directory was copied.
     */
    @Test
    void foreignLockFileHidesNoDamage() throws IOException {
        byte[] lock;
        try (FileLog writer = damaged(false)) {
            lock = Files.readAllBytes(log.resolve("LOCK"));
            assertThat(writer.lastId()).hasValue(1010);
            Path copy = parent.resolve("snapshot");
            Files.createDirectory(copy);
            try (Stream<Path> files = Files.list(log)) {
                for (Path file : files.toList()) {
                    Files.copy(file, copy.resolve(file.getFileName()));
                }
            }
        }
        log = parent.resolve("snapshot");
        for (String other : new String[] {"machine elsewhere", "namespace elsewhere"}) {
            String text = new String(lock, StandardCharsets.ISO_8859_1);
            String word = other.substring(0, other.indexOf(' '));
            Files.writeString(log.resolve("LOCK"), text.replaceFirst(word + " [^\n]*", other));
            assertReportedByEveryCommand();
        }
        Files.write(log.resolve("LOCK"), lock);
        assertReportedByEveryCommand();
    }

    private void assertReportedByEveryCommand() throws IOException {
        assertThatThrownBy(() -> FileLog.openReadOnly(log))
                .isInstanceOf(CorruptLogException.class)
                .hasMessageContaining("Record 500 was acknowledged and is damaged");
        Tool.Result verified = Tool.run("verify", log);
        assertThat(verified.exitCode()).isEqualTo(ExitCodes.DAMAGE);
        assertThat(verified.outText()).contains("damaged places: 1\n", "records at risk: 500 to 500\n");
        assertThat(verified.err()).contains("damage was found in 1 place");
        assertThat(Tool.run("info", log).outText()).doesNotContain("none seen").contains("500");
        assertThat(Tool.run("cat", log).exitCode()).isEqualTo(ExitCodes.DAMAGE);
        Tool.Result copied = Tool.run("copy", log, parent.resolve("copy"));
        assertThat(copied.exitCode()).isEqualTo(ExitCodes.DAMAGE);
        assertThat(parent.resolve("copy")).doesNotExist();
        assertThat(parent.resolve("copy.partial")).doesNotExist();
    }

    /** No append follows. The marker that is written after an idle second proves the damage. */
    @Test
    void waitingFollowerFailsOnceTheWriterIsIdle() throws IOException, InterruptedException {
        try (FileLog writer = FileLog.open(log)) {
            for (int i = 1; i <= 10; i++) {
                writer.append(record(i));
            }
            try (FileLog follower = FileLog.openReadOnly(log);
                    LogCursor cursor = follower.cursor(9)) {
                assertThat(cursor.next(Duration.ofSeconds(60))).isTrue();
                writer.append(record(11));
                byte[] bytes = Files.readAllBytes(newest());
                flip(newest(), indexOf(bytes, record(11)));
                assertThatThrownBy(() -> {
                            while (cursor.next(Duration.ofSeconds(60))) {
                                assertThat(cursor.id()).isLessThan(11);
                            }
                        })
                        .isInstanceOf(CorruptLogException.class);
            }
        }
    }

    /** The newest segment is damaged after the snapshot was taken, so no later group in the copy proves the damage. */
    @Test
    void copyFailsIfTheLogIsDamagedMeanwhile() throws IOException {
        FileLogOptions options = FileLogOptions.builder().segmentBytes(8 << 20).build();
        try (FileLog writer = FileLog.open(log, options)) {
            List<ByteBuffer> batch = new ArrayList<>();
            for (int i = 1; i <= 3; i++) {
                batch.add(ByteBuffer.wrap(new byte[1 << 20]));
            }
            writer.appendAll(batch);
            writer.append(record(4));
            writer.append(record(5));
            Path file = newest();
            long last = indexOf(Files.readAllBytes(file), record(5));
            try (LogCopy copy = new LogCopy(log, parent.resolve("copy"))) {
                copy.begin();
                boolean[] flipped = {false};
                assertThatThrownBy(() -> copy.run(LogCopy.Sharing.NOTHING, bytes -> {
                            try {
                                if (!flipped[0]) {
                                    flip(file, last);
                                    flipped[0] = true;
                                }
                            } catch (IOException e) {
                                throw new AssertionError(e);
                            }
                        }))
                        .isInstanceOf(CorruptLogException.class)
                        .hasMessageContaining("record 5 was damaged while it was copied");
            }
        }
        assertThat(parent.resolve("copy")).doesNotExist();
        assertThat(parent.resolve("copy.partial")).doesNotExist();
    }
}
