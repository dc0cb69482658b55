package dev.holdfast.wal.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.wal.CorruptLogException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;

/** A log of ten records, two in each of five segments, for tests that damage its files. */
final class TenRecords {
    static final FileLogOptions SMALL =
            FileLogOptions.builder().segmentBytes(8192).build();

    static final String OLDEST = "00000001-0000000000000001.seg";
    static final String MIDDLE = "00000003-0000000000000005.seg";
    static final String NEWEST = "00000005-0000000000000009.seg";
    private final Path directory;

    TenRecords(Path directory) {
        this.directory = directory;
    }

    /** Writes the log and closes it. */
    void write() throws IOException {
        try (FileLog log = FileLog.open(directory, SMALL)) {
            for (int i = 1; i <= 10; i++) {
                log.append(("record " + i + "-".repeat(1000)).getBytes(StandardCharsets.US_ASCII));
            }
        }
        assertThat(directory.resolve(OLDEST)).exists();
        assertThat(directory.resolve(MIDDLE)).exists();
        assertThat(directory.resolve(NEWEST)).exists();
    }

    /** Opens the log for writing and for reading. Both must report the same damage and change nothing. */
    CorruptLogException corrupt() throws IOException {
        Map<String, String> before = contents();
        CorruptLogException readOnly =
                catchThrowableOfType(CorruptLogException.class, () -> FileLog.openReadOnly(directory));
        CorruptLogException e = catchThrowableOfType(CorruptLogException.class, () -> FileLog.open(directory));
        assertThat(e).isNotNull();
        assertThat(readOnly).hasMessage(e.getMessage());
        assertThat(contents()).isEqualTo(before);
        assertThat(e.getMessage())
                .contains("the log was not opened")
                .containsIgnoringCase("restore")
                .doesNotContain("null");
        return e;
    }

    /** Returns the names and bytes of all files except LOCK. */
    Map<String, String> contents() throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, file -> !file.endsWith("LOCK"))) {
            for (Path file : files) {
                contents.put(
                        file.getFileName().toString(),
                        Files.isRegularFile(file)
                                ? new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1)
                                : "");
            }
        }
        return contents;
    }

    static void assertAtRisk(CorruptLogException e, String file, long offset, long firstId, long lastId) {
        assertThat(e.file()).isEqualTo(file);
        assertThat(e.offset()).isEqualTo(offset);
        assertThat(e.firstIdAtRisk()).isEqualTo(firstId);
        assertThat(e.lastIdAtRisk()).isEqualTo(lastId);
    }

    void assertWhole() throws IOException {
        try (FileLog log = FileLog.openReadOnly(directory)) {
            assertThat(log.firstId()).hasValue(1);
            assertThat(log.lastId()).hasValue(10);
        }
    }

    // Bytes

    void flip(String name, long offset) throws IOException {
        try (FileChannel file =
                FileChannel.open(directory.resolve(name), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            file.read(one, offset);
            one.put(0, (byte) (one.get(0) ^ 0x10)).rewind();
            file.write(one, offset);
        }
    }

    void truncateFile(String name, long length) throws IOException {
        try (FileChannel file = FileChannel.open(directory.resolve(name), StandardOpenOption.WRITE)) {
            file.truncate(length);
        }
    }

    /** Returns the end of every message about damage. */
    static String restoreOrDrop(long firstId) {
        return "Restore the log from a copy, or run `holdfast repair <dir> --drop-from " + firstId
                + "` to see the cost of giving up record " + firstId + " and all later records.";
    }
}
