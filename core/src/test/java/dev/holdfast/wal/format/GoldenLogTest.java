package dev.holdfast.wal.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.file.FileLog;
import dev.holdfast.wal.file.FileLogOptions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Golden files: logs that format version 1 once wrote. The present code reads them and writes the same bytes again, and
 * {@link SpecReader} reads them by {@code docs/format.md} alone. Golden files are never replaced:
 * {@code -Dholdfast.golden=write} writes only those of a new constant of {@link GoldenLog}.
 *
 * <pre>mvn test -pl core -Dtest=GoldenLogTest -Dholdfast.golden=write</pre>
 */
class GoldenLogTest {
    private static final Path GOLDEN = FormatDoc.project().resolve("core/src/test/resources/golden/v1");
    private static final String LISTING = "listing.txt";

    /** One line for each file, in the format of {@code sha256sum}. */
    private static final Path SUMS = GOLDEN.resolve("SHA256SUMS");

    private static final FileLogOptions SMALL =
            FileLogOptions.builder().segmentBytes(8192).build();

    @TempDir
    Path copy;

    @BeforeAll
    static void writeWhatIsNewIfAsked() throws IOException {
        if ("write".equals(System.getProperty("holdfast.golden"))) {
            for (GoldenLog golden : GoldenLog.values()) {
                Path directory = GOLDEN.resolve(golden.directory());
                if (!Files.exists(directory)) {
                    write(golden, Files.createDirectories(directory));
                }
            }
            List<String> sums = sums();
            sums.removeAll(Files.readAllLines(SUMS));
            Files.write(SUMS, sums, StandardOpenOption.APPEND);
        }
    }

    private static void write(GoldenLog golden, Path directory) throws IOException {
        Map<String, byte[]> files = golden.files();
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            ByteArrayOutputStream packed = new ByteArrayOutputStream();
            try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
                gzip.write(file.getValue());
            }
            Files.write(directory.resolve(file.getKey() + ".gz"), packed.toByteArray());
        }
        Files.writeString(directory.resolve(LISTING), listing(new SpecReader(FormatDoc.read(), files)));
    }

    /** Returns the expected lines of {@link #SUMS}. */
    private static List<String> sums() throws IOException {
        List<String> sums = new ArrayList<>();
        for (GoldenLog golden : GoldenLog.values()) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(GOLDEN.resolve(golden.directory()))) {
                for (Path file : files) {
                    String name = golden.directory() + "/" + file.getFileName();
                    sums.add(SpecReader.hex(sha256(Files.readAllBytes(file))) + "  " + name);
                }
            }
        }
        return sums;
    }

    private static Map<String, byte[]> read(GoldenLog golden) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        try (DirectoryStream<Path> packed = Files.newDirectoryStream(GOLDEN.resolve(golden.directory()), "*.gz")) {
            for (Path file : packed) {
                String name = file.getFileName().toString();
                try (GZIPInputStream gzip = new GZIPInputStream(new ByteArrayInputStream(Files.readAllBytes(file)))) {
                    files.put(name.substring(0, name.length() - 3), gzip.readAllBytes());
                }
            }
        }
        return files;
    }

    private static List<String> expected(GoldenLog golden) throws IOException {
        return Files.readAllLines(GOLDEN.resolve(golden.directory()).resolve(LISTING));
    }

    private static String listing(SpecReader log) {
        StringBuilder text = new StringBuilder();
        text.append(log.isClosed() ? "closed" : "not closed");
        text.append(", next id ").append(log.nextId()).append(log.isPinned() ? ", pinned\n" : "\n");
        for (SpecReader.Found record : log.records()) {
            text.append(line(record.id(), record.data()));
            text.append(" ends at byte ").append(record.end()).append(" of ").append(record.file());
            text.append(record.endsBatch() ? ", and its batch\n" : "\n");
        }
        return text.toString();
    }

    /** Returns the part of a listing's line that describes a record's data. */
    private static String line(long id, byte[] data) {
        return id + " has " + data.length + " bytes, sha-256 " + SpecReader.hex(sha256(data));
    }

    private static byte[] sha256(byte[] data) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(data);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void noFileIsReplacedAddedOrRemoved() throws IOException {
        assertThat(sums()).containsExactlyInAnyOrderElementsOf(Files.readAllLines(SUMS));
    }

    @ParameterizedTest
    @MethodSource("dev.holdfast.wal.format.GoldenLog#writtenAgain")
    void sameCallsWriteTheSameBytes(GoldenLog golden) throws IOException {
        Map<String, byte[]> now = golden.files();
        Map<String, byte[]> then = read(golden);
        assertThat(now.keySet()).isEqualTo(then.keySet());
        for (String file : then.keySet()) {
            byte[] expected = then.get(file);
            byte[] actual = now.get(file);
            assertThat(actual).as(file).hasSameSizeAs(expected);
            for (int at = 0; at < expected.length; at++) {
                if (actual[at] != expected[at]) {
                    assertThat(actual[at]).as("byte %d of %s", at, file).isEqualTo(expected[at]);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void formatDocumentSufficesToReadIt(GoldenLog golden) throws IOException {
        SpecReader log = new SpecReader(FormatDoc.read(), read(golden));
        assertThat(listing(log).lines()).containsExactlyElementsOf(expected(golden));
    }

    @ParameterizedTest
    @EnumSource
    void readOnlyLogReadsItAndChangesNothing(GoldenLog golden) throws IOException {
        Map<String, byte[]> files = read(golden);
        unpack(files);
        try (FileLog log = FileLog.openReadOnly(copy)) {
            assertHolds(log, golden);
        }
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            assertThat(copy.resolve(file.getKey())).hasBinaryContent(file.getValue());
        }
        try (DirectoryStream<Path> all = Files.newDirectoryStream(copy)) {
            assertThat(all).hasSize(files.size());
        }
    }

    @ParameterizedTest
    @EnumSource
    void opensAndAcceptsAppends(GoldenLog golden) throws IOException {
        unpack(read(golden));
        boolean closed = expected(golden).get(0).startsWith("closed");
        long next;
        try (FileLog log = FileLog.open(copy, SMALL)) {
            assertThat(log.recovery().ending().name()).isEqualTo(closed ? "CLEAN" : "UNCLEAN");
            assertThat(log.recovery().tornBytes() > 0).isEqualTo(golden == GoldenLog.TORN_TAIL);
            assertHolds(log, golden);
            next = log.append(new byte[] {42});
        }
        try (FileLog log = FileLog.open(copy, SMALL)) {
            assertThat(log.lastId()).hasValue(next);
            assertThat(log.read(next).orElseThrow()).isEqualTo(LogRecord.of(next, new byte[] {42}));
            log.truncate(next - 1);
            assertHolds(log, golden);
        }
    }

    private void unpack(Map<String, byte[]> files) throws IOException {
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Files.write(copy.resolve(file.getKey()), file.getValue());
        }
    }

    private static void assertHolds(FileLog log, GoldenLog golden) throws IOException {
        List<String> expected = expected(golden);
        List<String> actual = new ArrayList<>();
        try (var cursor = log.cursor(0)) {
            while (cursor.next()) {
                byte[] data = new byte[cursor.data().remaining()];
                cursor.data().get(data);
                actual.add(line(cursor.id(), data));
            }
        }
        assertThat(actual).hasSize(expected.size() - 1);
        for (int i = 0; i < actual.size(); i++) {
            assertThat(expected.get(i + 1)).startsWith(actual.get(i) + " ends ");
        }
        assertThat(expected.get(0) + ",").contains(", next id " + log.nextId() + ",");
        assertThat(log.firstId()).isEqualTo(actual.isEmpty() ? OptionalLong.empty() : id(actual.get(0)));
        assertThat(log.lastId()).isEqualTo(actual.isEmpty() ? OptionalLong.empty() : id(actual.get(actual.size() - 1)));
    }

    private static OptionalLong id(String line) {
        return OptionalLong.of(Long.parseLong(line.substring(0, line.indexOf(' '))));
    }
}
