package dev.holdfast.wal.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.LogRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Opens logs whose segments are damaged, missing or mixed up. Checks the exception and its message, and that nothing is
 * changed.
 */
class DamagedFilesTest {
    @TempDir
    Path parent;

    private Path directory;
    private TenRecords ten;

    @BeforeEach
    void name() throws IOException {
        directory = parent.toRealPath().resolve("log");
        ten = new TenRecords(directory);
    }

    // Whole files

    @Test
    void segmentCutShortIsDamagedForAnyLength() throws IOException {
        ten.write();
        for (String name : List.of(TenRecords.OLDEST, TenRecords.MIDDLE, TenRecords.NEWEST)) {
            byte[] whole = Files.readAllBytes(directory.resolve(name));
            for (int length : new int[] {0, 15, 100, 108, 4096, 4097, 5144, 8191}) {
                ten.truncateFile(name, length);
                CorruptLogException e = ten.corrupt();
                assertThat(e.file()).isEqualTo(name);
                assertThat(e.lastIdAtRisk()).isEqualTo(Long.MAX_VALUE);
                if (length >= 108) {
                    // The header is intact, because the rest of the block is zero.
                    assertThat(e)
                            .hasMessage(name + " at byte " + length
                                    + ": the file ends here, expected 8192 bytes. It was cut "
                                    + "short, so records from " + e.firstIdAtRisk()
                                    + " on may be lost and the log was not "
                                    + "opened. " + TenRecords.restoreOrDrop(e.firstIdAtRisk()));
                    assertThat(e.offset()).isEqualTo(length);
                }
                Files.write(directory.resolve(name), whole);
            }
        }
        ten.assertWhole();
    }

    @Test
    void bytesAfterTheEndOfASegmentAreIgnored() throws IOException {
        ten.write();
        Files.write(directory.resolve(TenRecords.MIDDLE), new byte[] {1, 2, 3}, StandardOpenOption.APPEND);
        Files.write(directory.resolve(TenRecords.NEWEST), new byte[5000], StandardOpenOption.APPEND);
        ten.assertWhole();
    }

    @Test
    void missingOldestSegmentIsNamed() throws IOException {
        ten.write();
        Files.delete(directory.resolve(TenRecords.OLDEST));
        CorruptLogException e = ten.corrupt();
        assertThat(e)
                .hasMessage(directory + ": the segment 00000001-*.seg is missing, but 00000002-0000000000000003.seg "
                        + "follows it. Records 1 to 2 may be lost with it, so the log was not opened. "
                        + TenRecords.restoreOrDrop(1));
        TenRecords.assertAtRisk(e, "00000001-*.seg", 0, 1, 2);
    }

    @Test
    void missingSegmentInTheMiddleIsNamed() throws IOException {
        ten.write();
        Files.delete(directory.resolve(TenRecords.MIDDLE));
        CorruptLogException e = ten.corrupt();
        assertThat(e)
                .hasMessageContaining("the segment " + TenRecords.MIDDLE
                        + " is missing, but 00000004-0000000000000007.seg follows it. Records 5 to 6 may be "
                        + "lost with it");
        TenRecords.assertAtRisk(e, TenRecords.MIDDLE, 0, 5, 6);
    }

    @Test
    void missingNewestSegmentIsNamed() throws IOException {
        ten.write();
        Files.delete(directory.resolve(TenRecords.NEWEST));
        CorruptLogException e = ten.corrupt();
        assertThat(e)
                .hasMessage(
                        directory + ": the segment 00000005-0000000000000009.seg is missing, or a replacement of it: "
                                + "00000004-0000000000000007.seg has a footer, so another segment followed. Records "
                                + "from 9 on may "
                                + "be lost with it and the log was not opened. "
                                + TenRecords.restoreOrDrop(9).replace("this file", "the missing files"));
        TenRecords.assertAtRisk(e, TenRecords.NEWEST, 0, 9, Long.MAX_VALUE);
    }

    @Test
    void severalMissingSegmentsDoNotMakeANewLog() throws IOException {
        ten.write();
        for (String name :
                List.of(TenRecords.OLDEST, "00000002-0000000000000003.seg", TenRecords.MIDDLE, TenRecords.NEWEST)) {
            Files.delete(directory.resolve(name));
            ten.corrupt();
        }
    }

    @Test
    void missingTrimmedSegmentIsNotDamage() throws IOException {
        ten.write();
        try (FileLog log = FileLog.open(directory, TenRecords.SMALL)) {
            log.trim(5);
        }
        try (FileLog log = FileLog.open(directory, TenRecords.SMALL)) {
            assertThat(log.firstId()).hasValue(6);
            assertThat(directory.resolve(TenRecords.OLDEST)).doesNotExist();
        }
    }

    @Test
    void segmentOfAnotherLogIsRefused() throws IOException {
        ten.write();
        Path other = parent.resolve("other");
        try (FileLog log = FileLog.open(other, TenRecords.SMALL)) {
            for (int i = 0; i < 5; i++) {
                log.append(new byte[1000]);
            }
        }
        Files.delete(directory.resolve(TenRecords.MIDDLE));
        Files.copy(other.resolve(TenRecords.MIDDLE), directory.resolve(TenRecords.MIDDLE));
        CorruptLogException e = ten.corrupt();
        assertThat(e)
                .hasMessageMatching(
                        "(?s)0000000[1-4]-.*\\.seg at byte 0: the file belongs to log [-0-9a-f]{36}, expected "
                                + "[-0-9a-f]{36} as in 0000000[1-5]-.*\\.seg: files of two logs were mixed\\. .*");
        assertThat(e.offset()).isZero();
    }

    @Test
    void renamedSegmentIsRefused() throws IOException {
        ten.write();
        String name = "00000003-0000000000000006.seg";
        Files.move(directory.resolve(TenRecords.MIDDLE), directory.resolve(name));
        CorruptLogException e = ten.corrupt();
        assertThat(e)
                .hasMessageStartingWith(name + " at byte 0: the file has the header of " + TenRecords.MIDDLE
                        + ": the file was renamed or copied.");
    }

    @Test
    void twoSegmentsWithTheSameEpochAreRefused() throws IOException {
        ten.write();
        Path other = parent.resolve("other");
        try (FileLog log = FileLog.open(other, TenRecords.SMALL)) {
            log.append(LogRecord.of(6, new byte[1000]));
            log.append(new byte[1000]);
            log.append(new byte[1000]);
        }
        try (Stream<Path> files = Files.list(other)) {
            Path twin = files.filter(file -> file.toString().contains("00000003-"))
                    .findFirst()
                    .orElseThrow();
            Files.copy(twin, directory.resolve(twin.getFileName()));
            assertThat(ten.corrupt())
                    .hasMessageContaining("at byte 0: the file has the same epoch as 00000003-")
                    .hasMessageContaining("no two segments share an epoch");
        }
    }

    @Test
    void olderCopyOfASegmentIsDetectedByItsMissingFooter() throws IOException {
        byte[] older;
        try (FileLog log = FileLog.open(directory, TenRecords.SMALL)) {
            log.append(new byte[1000]);
            log.append(new byte[1000]);
            older = Files.readAllBytes(directory.resolve(TenRecords.OLDEST));
            for (int i = 0; i < 3; i++) {
                log.append(new byte[1000]);
            }
        }
        Files.write(directory.resolve(TenRecords.OLDEST), older);
        CorruptLogException e = ten.corrupt();
        assertThat(e)
                .hasMessage(TenRecords.OLDEST
                        + " at byte 8096: no valid footer, expected a footer that ends with record 2, because "
                        + "00000002-0000000000000003.seg follows. The file is damaged or older than the segments "
                        + "after it; records "
                        + "1 to 2 may be lost and the log was not opened. " + TenRecords.restoreOrDrop(1));
        TenRecords.assertAtRisk(e, TenRecords.OLDEST, 8096, 1, 2);
    }

    @Test
    void damagedRecordOfASealedSegmentIsDetectedOnRead() throws IOException {
        ten.write();
        // Record 5 starts at byte 4136 of its segment; its data begin 8 bytes later.
        ten.flip(TenRecords.MIDDLE, 4136 + 8 + 500);
        try (FileLog log = FileLog.open(directory, TenRecords.SMALL)) {
            for (long id : new long[] {1, 4, 6, 10}) {
                assertThat(log.read(id)).isPresent();
            }
            CorruptLogException e = catchThrowableOfType(CorruptLogException.class, () -> log.read(5));
            assertThat(e)
                    .hasMessageMatching("00000003-0000000000000005\\.seg at byte 4136: frame of record 5 has checksum "
                            + "0x[0-9a-f]{8}, expected 0x[0-9a-f]{8} \\(1008 bytes\\)\\. Record 5 had been stored, "
                            + "so bytes of this "
                            + "file are damaged; record 5 may be lost\\. "
                            + Pattern.quote(TenRecords.restoreOrDrop(5)));
            TenRecords.assertAtRisk(e, TenRecords.MIDDLE, 4136, 5, 5);
            try (var cursor = log.cursor(1)) {
                for (long id = 1; id <= 4; id++) {
                    assertThat(cursor.next()).isTrue();
                }
                CorruptLogException again = catchThrowableOfType(CorruptLogException.class, cursor::next);
                // Only record 5: later records are in other groups, and the cursor would return them next.
                TenRecords.assertAtRisk(again, TenRecords.MIDDLE, 4136, 5, 5);
            }
            log.append(new byte[1]);
        }
    }

    @Test
    void damagedGroupOfASealedSegmentIsDetectedOnRead() throws IOException {
        ten.write();
        ten.flip(TenRecords.MIDDLE, 4096 + 16);
        try (FileLog log = FileLog.openReadOnly(directory)) {
            for (long id : new long[] {5, 6}) {
                CorruptLogException e = catchThrowableOfType(CorruptLogException.class, () -> log.read(id));
                TenRecords.assertAtRisk(e, TenRecords.MIDDLE, 4096, 5, 6);
                assertThat(e).hasMessageContaining("at byte 4096: ").hasMessageContaining("record 5");
            }
            assertThat(log.read(7)).isPresent();
        }
    }

    @Test
    void damagedFooterIsDetectedOnOpen() throws IOException {
        ten.write();
        ten.flip(TenRecords.MIDDLE, 8096 + 60);
        CorruptLogException e = ten.corrupt();
        assertThat(e)
                .hasMessageStartingWith(TenRecords.MIDDLE
                        + " at byte 8096: no valid footer, expected a footer that ends with record 6,");
        TenRecords.assertAtRisk(e, TenRecords.MIDDLE, 8096, 5, 6);
    }

    @Test
    void damagedTailOfAClosedLogIsDetectedOnOpen() throws IOException {
        ten.write();
        ten.flip(TenRecords.NEWEST, 4136 + 8 + 500);
        CorruptLogException e = ten.corrupt();
        assertThat(e)
                .hasMessageMatching(
                        "00000005-0000000000000009\\.seg at byte 4136: frame of record 9 is not whole, but byte "
                                + "\\d+ says that record 10 had been synced\\. Record 9 was acknowledged and is "
                                + "damaged, so the "
                                + "log was not opened\\. At most records 9 to 10 are lost: `holdfast verify <dir>` "
                                + "counts them\\. "
                                + Pattern.quote(TenRecords.restoreOrDrop(9)));
        TenRecords.assertAtRisk(e, TenRecords.NEWEST, 4136, 9, 10);
    }

    @Test
    void damagedCloseMarkersLoseNoRecords() throws IOException {
        ten.write();
        ten.flip(TenRecords.NEWEST, 8056);
        try (FileLog log = FileLog.openReadOnly(directory)) {
            assertThat(log.recovery().ending()).isEqualTo(RecoveryReport.Ending.UNCLEAN);
            assertThat(log.lastId()).hasValue(10);
            assertThat(log.recovery().unprovenFrom()).isEmpty();
        }
        ten.flip(TenRecords.NEWEST, 8056);
        ten.assertWhole();
    }
}
