package dev.holdfast.wal.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.UnsupportedFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Opens directories that contain no log or a damaged log. Checks the exception and its message, and that nothing is
 * changed.
 */
class BadInputTest {
    private static final FileLogOptions SMALL =
            FileLogOptions.builder().segmentBytes(8192).build();
    private static final String OLDEST = "00000001-0000000000000001.seg";
    private static final String MIDDLE = "00000003-0000000000000005.seg";
    private static final String NEWEST = "00000005-0000000000000009.seg";

    @TempDir
    Path parent;

    private Path directory;

    @BeforeEach
    void name() throws IOException {
        directory = parent.toRealPath().resolve("log");
    }

    /** Writes a closed log of ten records, two in each of five segments. */
    private void write() throws IOException {
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
    private CorruptLogException corrupt() throws IOException {
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
    private Map<String, String> contents() throws IOException {
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

    private static void assertAtRisk(CorruptLogException e, String file, long offset, long firstId, long lastId) {
        assertThat(e.file()).isEqualTo(file);
        assertThat(e.offset()).isEqualTo(offset);
        assertThat(e.firstIdAtRisk()).isEqualTo(firstId);
        assertThat(e.lastIdAtRisk()).isEqualTo(lastId);
    }

    private void assertWhole() throws IOException {
        try (FileLog log = FileLog.openReadOnly(directory)) {
            assertThat(log.firstId()).hasValue(1);
            assertThat(log.lastId()).hasValue(10);
        }
    }

    // Paths

    @Test
    void fileIsNotOpenedAsADirectory() throws IOException {
        Files.writeString(directory, "not a log");
        NotDirectoryException e = catchThrowableOfType(NotDirectoryException.class, () -> FileLog.open(directory));
        assertThat(e).hasMessageContaining(directory.toString());
        assertThat(catchThrowableOfType(NotDirectoryException.class, () -> FileLog.openReadOnly(directory)))
                .hasMessageContaining(directory.toString());
        assertThat(directory).hasContent("not a log");
    }

    @Test
    void pathBelowAFileIsRefused() throws IOException {
        Files.writeString(directory, "not a log");
        IOException e = catchThrowableOfType(IOException.class, () -> FileLog.open(directory.resolve("below")));
        assertThat(e).hasMessageContaining(directory.toString());
    }

    @Test
    void unreadableDirectoryIsRefused() throws IOException {
        write();
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("---------"));
        try {
            assumeThat(Files.isReadable(directory))
                    .as("permissions do not bind this user")
                    .isFalse();
            assertThat(catchThrowableOfType(AccessDeniedException.class, () -> FileLog.open(directory)))
                    .hasMessageContaining(directory.toString());
        } finally {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        }
    }

    @Test
    void missingDirectoryIsRefusedForReading() {
        NoSuchFileException e = catchThrowableOfType(NoSuchFileException.class, () -> FileLog.openReadOnly(directory));
        assertThat(e).hasMessage(directory + ": there is no such directory");
        assertThat(directory).doesNotExist();
    }

    @Test
    void emptyDirectoryIsRefusedForReading() throws IOException {
        Files.createDirectory(directory);
        NoSuchFileException e = catchThrowableOfType(NoSuchFileException.class, () -> FileLog.openReadOnly(directory));
        assertThat(e).hasMessage(directory + ": the directory holds no log");
        assertThat(directory).isEmptyDirectory();
    }

    // Files with the name of a segment

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 8, 4095, 4096, 10_000})
    void fileOfZerosIsNotASegment(int length) throws IOException {
        write();
        String name = "00000003-0000000000000005.seg";
        Files.write(directory.resolve(name), new byte[length]);
        CorruptLogException e = corrupt();
        assertThat(e)
                .hasMessage(
                        name + " at byte 0: the file has the name of a segment but no valid header: it does not begin "
                                + "with the 8 bytes HOLDFAST (" + length
                                + " bytes). Records from 5 on may be lost and the log was not "
                                + "opened. " + restoreOrDrop(5));
        assertAtRisk(e, name, 0, 5, Long.MAX_VALUE);
    }

    @Test
    void garbageAloneDoesNotBecomeANewLog() throws IOException {
        Files.createDirectory(directory);
        Files.writeString(directory.resolve("00000007-0000000000000401.seg"), "HOLDFAST, or so it says");
        CorruptLogException e = corrupt();
        assertThat(e)
                .hasMessageMatching(
                        "00000007-0000000000000401\\.seg at byte 0: the file has the name of a segment but no "
                                + "valid header: its header has checksum 0x[0-9a-f]{8}, expected 0x[0-9a-f]{8} \\(23 bytes\\)\\. .*");
        assertAtRisk(e, "00000007-0000000000000401.seg", 0, 1025, Long.MAX_VALUE);
    }

    @Test
    void damagedHeaderIsReported() throws IOException {
        write();
        flip(MIDDLE, 1000);
        CorruptLogException e = corrupt();
        assertThat(e).hasMessageContaining("no valid header: its header has checksum 0x");
        assertAtRisk(e, MIDDLE, 0, 5, Long.MAX_VALUE);
    }

    @Test
    void directoryOrLinkIsNotASegment() throws IOException {
        write();
        String directoryName = "00000009-0000000000000009.seg";
        Files.createDirectory(directory.resolve(directoryName));
        assertThat(corrupt())
                .hasMessageStartingWith(
                        directoryName + " at byte 0: the file has the name of a segment but is not a regular file.")
                .hasMessageEndingWith(
                        "Remove it, and restore the segment that had this name, if there was one. Otherwise run "
                                + "`holdfast repair <dir> --drop-from 9` to see the cost of giving up record 9 and all later records.");
        Files.delete(directory.resolve(directoryName));
        Path elsewhere = Files.move(directory.resolve(NEWEST), parent.resolve("moved.seg"));
        Files.createSymbolicLink(directory.resolve(NEWEST), elsewhere);
        assertThat(corrupt())
                .hasMessageStartingWith(
                        NEWEST + " at byte 0: the file has the name of a segment but is not a regular file.");
        Files.delete(directory.resolve(NEWEST));
        Files.move(elsewhere, directory.resolve(NEWEST));
        assertWhole();
    }

    @Test
    void newerVersionIsNotReportedAsDamage() throws IOException {
        write();
        Map<String, String> before = newerVersion();
        UnsupportedFormatException e =
                catchThrowableOfType(UnsupportedFormatException.class, () -> FileLog.open(directory));
        assertThat(e)
                .hasMessage(
                        directory + ": " + MIDDLE + " has format version 2; this version of the library reads format "
                                + "version 1. The log is not damaged: open it with a newer version.");
        assertThat(catchThrowableOfType(UnsupportedFormatException.class, () -> FileLog.openReadOnly(directory)))
                .hasMessage(e.getMessage());
        assertThat(contents()).isEqualTo(before);
    }

    private Map<String, String> newerVersion() throws IOException {
        byte[] bytes = Files.readAllBytes(directory.resolve(MIDDLE));
        ByteBuffer header = ByteBuffer.wrap(bytes, 0, 4096).order(ByteOrder.LITTLE_ENDIAN);
        header.putInt(8, 2).putInt(12, 0);
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, 4096);
        header.putInt(12, (int) crc.getValue());
        Files.write(directory.resolve(MIDDLE), bytes);
        return contents();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "00000009-0000000000000009.seg.bak",
                "00000009-0000000000000009.SEG",
                "0000000A-0000000000000009.seg",
                "9-9.seg",
                "000000009-0000000000000009.seg",
                "00000009-000000000000009.seg",
                "00000000-0000000000000009.seg",
                "notes.txt",
                "notes.tmp",
                "spare-9.tmp",
                ".hidden"
            })
    void fileWithAnotherNameIsLeftAlone(String name) throws IOException {
        write();
        Files.writeString(directory.resolve(name), "mine");
        assertWhole();
        try (FileLog log = FileLog.open(directory, SMALL)) {
            assertThat(log.lastId()).hasValue(10);
            log.append(new byte[1000]);
            log.trim(9);
            log.reset(100);
        }
        assertThat(directory.resolve(name)).hasContent("mine");
    }

    // Whole files

    @Test
    void segmentCutShortIsDamagedForAnyLength() throws IOException {
        write();
        for (String name : List.of(OLDEST, MIDDLE, NEWEST)) {
            byte[] whole = Files.readAllBytes(directory.resolve(name));
            for (int length : new int[] {0, 15, 100, 108, 4096, 4097, 5144, 8191}) {
                truncateFile(name, length);
                CorruptLogException e = corrupt();
                assertThat(e.file()).isEqualTo(name);
                assertThat(e.lastIdAtRisk()).isEqualTo(Long.MAX_VALUE);
                if (length >= 108) {
                    // The header is intact, because the rest of the block is zero.
                    assertThat(e)
                            .hasMessage(name + " at byte " + length
                                    + ": the file ends here, expected 8192 bytes. It was cut "
                                    + "short, so records from " + e.firstIdAtRisk()
                                    + " on may be lost and the log was not "
                                    + "opened. " + restoreOrDrop(e.firstIdAtRisk()));
                    assertThat(e.offset()).isEqualTo(length);
                }
                Files.write(directory.resolve(name), whole);
            }
        }
        assertWhole();
    }

    @Test
    void bytesAfterTheEndOfASegmentAreIgnored() throws IOException {
        write();
        Files.write(directory.resolve(MIDDLE), new byte[] {1, 2, 3}, StandardOpenOption.APPEND);
        Files.write(directory.resolve(NEWEST), new byte[5000], StandardOpenOption.APPEND);
        assertWhole();
    }

    @Test
    void missingOldestSegmentIsNamed() throws IOException {
        write();
        Files.delete(directory.resolve(OLDEST));
        CorruptLogException e = corrupt();
        assertThat(e)
                .hasMessage(directory + ": the segment 00000001-*.seg is missing, but 00000002-0000000000000003.seg "
                        + "follows it. Records 1 to 2 may be lost with it, so the log was not opened. "
                        + restoreOrDrop(1));
        assertAtRisk(e, "00000001-*.seg", 0, 1, 2);
    }

    @Test
    void missingSegmentInTheMiddleIsNamed() throws IOException {
        write();
        Files.delete(directory.resolve(MIDDLE));
        CorruptLogException e = corrupt();
        assertThat(e)
                .hasMessageContaining(
                        "the segment " + MIDDLE
                                + " is missing, but 00000004-0000000000000007.seg follows it. Records 5 to 6 may be lost with it");
        assertAtRisk(e, MIDDLE, 0, 5, 6);
    }

    @Test
    void missingNewestSegmentIsNamed() throws IOException {
        write();
        Files.delete(directory.resolve(NEWEST));
        CorruptLogException e = corrupt();
        assertThat(e)
                .hasMessage(
                        directory + ": the segment 00000005-0000000000000009.seg is missing, or a replacement of it: "
                                + "00000004-0000000000000007.seg has a footer, so another segment followed. Records from 9 on may "
                                + "be lost with it and the log was not opened. "
                                + restoreOrDrop(9).replace("this file", "the missing files"));
        assertAtRisk(e, NEWEST, 0, 9, Long.MAX_VALUE);
    }

    @Test
    void severalMissingSegmentsDoNotMakeANewLog() throws IOException {
        write();
        for (String name : List.of(OLDEST, "00000002-0000000000000003.seg", MIDDLE, NEWEST)) {
            Files.delete(directory.resolve(name));
            corrupt();
        }
    }

    @Test
    void missingTrimmedSegmentIsNotDamage() throws IOException {
        write();
        try (FileLog log = FileLog.open(directory, SMALL)) {
            log.trim(5);
        }
        try (FileLog log = FileLog.open(directory, SMALL)) {
            assertThat(log.firstId()).hasValue(6);
            assertThat(directory.resolve(OLDEST)).doesNotExist();
        }
    }

    @Test
    void segmentOfAnotherLogIsRefused() throws IOException {
        write();
        Path other = parent.resolve("other");
        try (FileLog log = FileLog.open(other, SMALL)) {
            for (int i = 0; i < 5; i++) {
                log.append(new byte[1000]);
            }
        }
        Files.delete(directory.resolve(MIDDLE));
        Files.copy(other.resolve(MIDDLE), directory.resolve(MIDDLE));
        CorruptLogException e = corrupt();
        assertThat(e)
                .hasMessageMatching(
                        "(?s)0000000[1-4]-.*\\.seg at byte 0: the file belongs to log [-0-9a-f]{36}, expected "
                                + "[-0-9a-f]{36} as in 0000000[1-5]-.*\\.seg: files of two logs were mixed\\. .*");
        assertThat(e.offset()).isZero();
    }

    @Test
    void renamedSegmentIsRefused() throws IOException {
        write();
        String name = "00000003-0000000000000006.seg";
        Files.move(directory.resolve(MIDDLE), directory.resolve(name));
        CorruptLogException e = corrupt();
        assertThat(e)
                .hasMessageStartingWith(name + " at byte 0: the file has the header of " + MIDDLE
                        + ": the file was renamed or copied.");
    }

    @Test
    void twoSegmentsWithTheSameEpochAreRefused() throws IOException {
        write();
        Path other = parent.resolve("other");
        try (FileLog log = FileLog.open(other, SMALL)) {
            log.append(LogRecord.of(6, new byte[1000]));
            log.append(new byte[1000]);
            log.append(new byte[1000]);
        }
        try (Stream<Path> files = Files.list(other)) {
            Path twin = files.filter(file -> file.toString().contains("00000003-"))
                    .findFirst()
                    .orElseThrow();
            Files.copy(twin, directory.resolve(twin.getFileName()));
            assertThat(corrupt())
                    .hasMessageContaining("at byte 0: the file has the same epoch as 00000003-")
                    .hasMessageContaining("no two segments share an epoch");
        }
    }

    @Test
    void olderCopyOfASegmentIsDetectedByItsMissingFooter() throws IOException {
        byte[] older;
        try (FileLog log = FileLog.open(directory, SMALL)) {
            log.append(new byte[1000]);
            log.append(new byte[1000]);
            older = Files.readAllBytes(directory.resolve(OLDEST));
            for (int i = 0; i < 3; i++) {
                log.append(new byte[1000]);
            }
        }
        Files.write(directory.resolve(OLDEST), older);
        CorruptLogException e = corrupt();
        assertThat(e)
                .hasMessage(
                        OLDEST + " at byte 8096: no valid footer, expected a footer that ends with record 2, because "
                                + "00000002-0000000000000003.seg follows. The file is damaged or older than the segments after it; records "
                                + "1 to 2 may be lost and the log was not opened. " + restoreOrDrop(1));
        assertAtRisk(e, OLDEST, 8096, 1, 2);
    }

    // Bytes

    private void flip(String name, long offset) throws IOException {
        try (FileChannel file =
                FileChannel.open(directory.resolve(name), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            file.read(one, offset);
            one.put(0, (byte) (one.get(0) ^ 0x10)).rewind();
            file.write(one, offset);
        }
    }

    private void truncateFile(String name, long length) throws IOException {
        try (FileChannel file = FileChannel.open(directory.resolve(name), StandardOpenOption.WRITE)) {
            file.truncate(length);
        }
    }

    @Test
    void damagedRecordOfASealedSegmentIsDetectedOnRead() throws IOException {
        write();
        // Record 5 starts at byte 4136 of its segment; its data begin 8 bytes later.
        flip(MIDDLE, 4136 + 8 + 500);
        try (FileLog log = FileLog.open(directory, SMALL)) {
            for (long id : new long[] {1, 4, 6, 10}) {
                assertThat(log.read(id)).isPresent();
            }
            CorruptLogException e = catchThrowableOfType(CorruptLogException.class, () -> log.read(5));
            assertThat(e)
                    .hasMessageMatching("00000003-0000000000000005\\.seg at byte 4136: frame of record 5 has checksum "
                            + "0x[0-9a-f]{8}, expected 0x[0-9a-f]{8} \\(1008 bytes\\)\\. Record 5 had been stored, so bytes of this "
                            + "file are damaged; record 5 may be lost\\. " + Pattern.quote(restoreOrDrop(5)));
            assertAtRisk(e, MIDDLE, 4136, 5, 5);
            try (var cursor = log.cursor(1)) {
                for (long id = 1; id <= 4; id++) {
                    assertThat(cursor.next()).isTrue();
                }
                CorruptLogException again = catchThrowableOfType(CorruptLogException.class, cursor::next);
                // Only record 5: later records are in other groups, and the cursor would return them next.
                assertAtRisk(again, MIDDLE, 4136, 5, 5);
            }
            log.append(new byte[1]);
        }
    }

    @Test
    void damagedGroupOfASealedSegmentIsDetectedOnRead() throws IOException {
        write();
        flip(MIDDLE, 4096 + 16);
        try (FileLog log = FileLog.openReadOnly(directory)) {
            for (long id : new long[] {5, 6}) {
                CorruptLogException e = catchThrowableOfType(CorruptLogException.class, () -> log.read(id));
                assertAtRisk(e, MIDDLE, 4096, 5, 6);
                assertThat(e).hasMessageContaining("at byte 4096: ").hasMessageContaining("record 5");
            }
            assertThat(log.read(7)).isPresent();
        }
    }

    @Test
    void damagedFooterIsDetectedOnOpen() throws IOException {
        write();
        flip(MIDDLE, 8096 + 60);
        CorruptLogException e = corrupt();
        assertThat(e)
                .hasMessageStartingWith(
                        MIDDLE + " at byte 8096: no valid footer, expected a footer that ends with record 6,");
        assertAtRisk(e, MIDDLE, 8096, 5, 6);
    }

    @Test
    void damagedTailOfAClosedLogIsDetectedOnOpen() throws IOException {
        write();
        flip(NEWEST, 4136 + 8 + 500);
        CorruptLogException e = corrupt();
        assertThat(e)
                .hasMessageMatching(
                        "00000005-0000000000000009\\.seg at byte 4136: frame of record 9 is not whole, but byte "
                                + "\\d+ says that record 10 had been synced\\. Record 9 was acknowledged and is damaged, so the "
                                + "log was not opened\\. At most records 9 to 10 are lost: `holdfast verify <dir>` counts them\\. "
                                + Pattern.quote(restoreOrDrop(9)));
        assertAtRisk(e, NEWEST, 4136, 9, 10);
    }

    @Test
    void damagedCloseMarkersLoseNoRecords() throws IOException {
        write();
        flip(NEWEST, 8056);
        try (FileLog log = FileLog.openReadOnly(directory)) {
            assertThat(log.recovery().ending()).isEqualTo(RecoveryReport.Ending.UNCLEAN);
            assertThat(log.lastId()).hasValue(10);
            assertThat(log.recovery().unprovenFrom()).isEmpty();
        }
        flip(NEWEST, 8056);
        assertWhole();
    }

    /** Returns the end of every message about damage. */
    private static String restoreOrDrop(long firstId) {
        return "Restore the log from a copy, or run `holdfast repair <dir> --drop-from " + firstId
                + "` to see the cost of giving up record " + firstId + " and all later records.";
    }
}
