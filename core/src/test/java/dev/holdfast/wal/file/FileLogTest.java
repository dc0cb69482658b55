package dev.holdfast.wal.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests what only {@link FileLog} does: options, creation and its name. */
class FileLogTest {
    private static final FileLogOptions EXISTING =
            FileLogOptions.builder().createIfMissing(false).build();

    @TempDir
    Path parent;

    @Test
    void toStringNamesDirectoryAndIds() throws IOException {
        Path directory = parent.resolve("orders.log");
        FileLog log = FileLog.open(directory);
        assertThat(log).hasToString("FileLog[" + directory + ", empty]");
        for (int i = 0; i < 10; i++) {
            log.append(new byte[10]);
        }
        log.trim(3);
        assertThat(log).hasToString("FileLog[" + directory + ", 4..10]");
        try (FileLog reader = FileLog.openReadOnly(directory)) {
            assertThat(reader).hasToString("FileLog[" + directory + ", 4..10]");
        }
        log.close();
        assertThat(log).hasToString("FileLog[" + directory + ", 4..10]");
    }

    @Test
    void newLogTakesLessThanOneMebibyte() throws IOException {
        try (FileLog log = FileLog.open(parent)) {
            assertThat(bytes()).isLessThan(1 << 20);
            log.append(new byte[100_000]);
            assertThat(bytes()).as("one small record").isLessThan(1 << 20);
            log.append(new byte[200_000]);
            assertThat(bytes()).as("spares with room for a copy").isGreaterThan(4 << 20);
        }
    }

    private long bytes() throws IOException {
        try (Stream<Path> files = Files.list(parent)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        }
    }

    @Test
    void optionsWithTheSameValuesAreEqual() {
        FileLogOptions options = FileLogOptions.builder().build();
        assertThat(FileLogOptions.builder().build()).isEqualTo(options).hasSameHashCodeAs(options);
        assertThat(FileLogOptions.builder().segmentBytes(8192).build()).isNotEqualTo(options);
        assertThat(FileLogOptions.builder().maxRecordBytes(1).build()).isNotEqualTo(options);
        assertThat(FileLogOptions.builder().maxBytesInFlight(1).build()).isNotEqualTo(options);
        assertThat(FileLogOptions.builder().durability(Durability.PROCESS_CRASH).build())
                .isNotEqualTo(options);
        assertThat(EXISTING).isNotEqualTo(options);
    }

    @Test
    void createIfMissingIsTrueByDefault() {
        assertThat(FileLogOptions.builder().build().createIfMissing()).isTrue();
        assertThat(EXISTING.createIfMissing()).isFalse();
        assertThat(EXISTING).asString().contains("createIfMissing=false");
    }

    @Test
    void missingDirectoryIsNotCreatedIfCreateIfMissingIsFalse() throws IOException {
        Path missing = parent.resolve("a/b");
        assertThatThrownBy(() -> FileLog.open(missing, EXISTING))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining(missing.toString());
        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void directoryWithoutALogIsUnchangedIfCreateIfMissingIsFalse() throws IOException {
        Path directory = Files.createDirectory(parent.resolve("log"));
        assertNoLog(directory);
        assertThat(directory).isEmptyDirectory();

        FileLog.open(directory).close();
        deleteSegments(directory);
        // The remaining files have names of a log's files, but none is a segment.
        assertThat(directory).isDirectoryContaining("glob:**/LOCK").isDirectoryContaining("glob:**/spare-*.tmp");
        Files.writeString(directory.resolve("00000001-0000000000000001.seg.damaged"), "kept aside");
        long files = count(directory);
        assertNoLog(directory);
        assertThat(count(directory)).isEqualTo(files);
    }

    @Test
    void existingLogIsOpenedIfCreateIfMissingIsFalse() throws IOException {
        Path directory = parent.resolve("log");
        try (FileLog log = FileLog.open(directory)) {
            log.append(new byte[10]);
        }
        Files.delete(directory.resolve("LOCK"));
        try (FileLog log = FileLog.open(directory, EXISTING)) {
            assertThat(log.append(new byte[10])).isEqualTo(2);
        }
    }

    private static void assertNoLog(Path directory) {
        assertThatThrownBy(() -> FileLog.open(directory, EXISTING))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining(directory.toString())
                .hasMessageContaining("holds no log")
                .hasMessageContaining("mounted");
    }

    private static void deleteSegments(Path directory) throws IOException {
        try (DirectoryStream<Path> segments = Files.newDirectoryStream(directory, "*.seg")) {
            for (Path segment : segments) {
                Files.delete(segment);
            }
        }
    }

    private static long count(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.count();
        }
    }
}
