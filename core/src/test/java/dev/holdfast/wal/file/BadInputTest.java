package dev.holdfast.wal.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.UnsupportedFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
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
    @TempDir
    Path parent;

    private Path directory;
    private TenRecords ten;

    @BeforeEach
    void name() throws IOException {
        directory = parent.toRealPath().resolve("log");
        ten = new TenRecords(directory);
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
        ten.write();
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
        ten.write();
        String name = "00000003-0000000000000005.seg";
        Files.write(directory.resolve(name), new byte[length]);
        CorruptLogException e = ten.corrupt();
        assertThat(e)
                .hasMessage(
                        name + " at byte 0: the file has the name of a segment but no valid header: it does not begin "
                                + "with the 8 bytes HOLDFAST (" + length
                                + " bytes). Records from 5 on may be lost and the log was not "
                                + "opened. " + TenRecords.restoreOrDrop(5));
        TenRecords.assertAtRisk(e, name, 0, 5, Long.MAX_VALUE);
    }

    @Test
    void garbageAloneDoesNotBecomeANewLog() throws IOException {
        Files.createDirectory(directory);
        Files.writeString(directory.resolve("00000007-0000000000000401.seg"), "HOLDFAST, or so it says");
        CorruptLogException e = ten.corrupt();
        assertThat(e)
                .hasMessageMatching(
                        "00000007-0000000000000401\\.seg at byte 0: the file has the name of a segment but no "
                                + "valid header: its header has checksum 0x[0-9a-f]{8}, expected 0x[0-9a-f]{8} \\(23 bytes\\)\\. .*");
        TenRecords.assertAtRisk(e, "00000007-0000000000000401.seg", 0, 1025, Long.MAX_VALUE);
    }

    @Test
    void damagedHeaderIsReported() throws IOException {
        ten.write();
        ten.flip(TenRecords.MIDDLE, 1000);
        CorruptLogException e = ten.corrupt();
        assertThat(e).hasMessageContaining("no valid header: its header has checksum 0x");
        TenRecords.assertAtRisk(e, TenRecords.MIDDLE, 0, 5, Long.MAX_VALUE);
    }

    @Test
    void directoryOrLinkIsNotASegment() throws IOException {
        ten.write();
        String directoryName = "00000009-0000000000000009.seg";
        Files.createDirectory(directory.resolve(directoryName));
        assertThat(ten.corrupt())
                .hasMessageStartingWith(
                        directoryName + " at byte 0: the file has the name of a segment but is not a regular file.")
                .hasMessageEndingWith(
                        "Remove it, and restore the segment that had this name, if there was one. Otherwise run "
                                + "`holdfast repair <dir> --drop-from 9` to see the cost of giving up record 9 and all later records.");
        Files.delete(directory.resolve(directoryName));
        Path elsewhere = Files.move(directory.resolve(TenRecords.NEWEST), parent.resolve("moved.seg"));
        Files.createSymbolicLink(directory.resolve(TenRecords.NEWEST), elsewhere);
        assertThat(ten.corrupt())
                .hasMessageStartingWith(TenRecords.NEWEST
                        + " at byte 0: the file has the name of a segment but is not a regular file.");
        Files.delete(directory.resolve(TenRecords.NEWEST));
        Files.move(elsewhere, directory.resolve(TenRecords.NEWEST));
        ten.assertWhole();
    }

    @Test
    void newerVersionIsNotReportedAsDamage() throws IOException {
        ten.write();
        Map<String, String> before = newerVersion();
        UnsupportedFormatException e =
                catchThrowableOfType(UnsupportedFormatException.class, () -> FileLog.open(directory));
        assertThat(e)
                .hasMessage(directory + ": " + TenRecords.MIDDLE
                        + " has format version 2; this version of the library reads format "
                        + "version 1. The log is not damaged: open it with a newer version.");
        assertThat(catchThrowableOfType(UnsupportedFormatException.class, () -> FileLog.openReadOnly(directory)))
                .hasMessage(e.getMessage());
        assertThat(ten.contents()).isEqualTo(before);
    }

    private Map<String, String> newerVersion() throws IOException {
        byte[] bytes = Files.readAllBytes(directory.resolve(TenRecords.MIDDLE));
        ByteBuffer header = ByteBuffer.wrap(bytes, 0, 4096).order(ByteOrder.LITTLE_ENDIAN);
        header.putInt(8, 2).putInt(12, 0);
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, 4096);
        header.putInt(12, (int) crc.getValue());
        Files.write(directory.resolve(TenRecords.MIDDLE), bytes);
        return ten.contents();
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
        ten.write();
        Files.writeString(directory.resolve(name), "mine");
        ten.assertWhole();
        try (FileLog log = FileLog.open(directory, TenRecords.SMALL)) {
            assertThat(log.lastId()).hasValue(10);
            log.append(new byte[1000]);
            log.trim(9);
            log.reset(100);
        }
        assertThat(directory.resolve(name)).hasContent("mine");
    }
}
