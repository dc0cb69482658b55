package dev.holdfast.testkit.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.testkit.disk.DiskStep.Kind;
import dev.holdfast.testkit.disk.DiskStep.Moment;
import dev.holdfast.testkit.disk.Fault;
import dev.holdfast.testkit.disk.PowerCut;
import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogFailedException;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.file.FileLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Reproduces bugs of the log in Go that inspired this log, in directories that are damaged or incomplete. Each comment
 * describes the original bug; each test checks that this log handles the case correctly.
 */
class GoOriginalDamageTest {
    private final CrashDisk disk = new CrashDisk();
    private final Expected expected = new Expected();

    /**
     * Original bug: a damaged length looked like the end of the log, so all acknowledged records after it were silently
     * cut off.
     */
    @Test
    void flippedBitInALengthIsReportedAsDamage() throws IOException {
        SimulatedLog log = GoOriginalStoriesTest.filled(disk, expected);
        for (int i = 0; i < 6; i++) {
            expected.append(log.log(), 300);
        }
        List<Image> images = new ArrayList<>(List.of(Image.of(disk.state().killed())));
        log.close();
        images.add(Image.of(disk));
        // The last record is excluded. Unless the log was closed, nothing on the disk proves that it was synced.
        for (LogRecord record : expected.records().subList(0, expected.records().size() - 1)) {
            byte[] bytes = bytes(record);
            for (Image image : images) {
                Image.Place data = image.find(bytes);
                for (int bit = 0; bit < 32; bit++) {
                    Image damaged = image.copy();
                    damaged.flip(new Image.Place(data.file(), data.offset() - 4), bit);
                    assertDamageIsReported(damaged, "bit " + bit + " of the length of record " + record.id());
                }
            }
        }
    }

    private static byte[] bytes(LogRecord record) {
        byte[] bytes = new byte[record.data().remaining()];
        record.data().get(bytes);
        return bytes;
    }

    private static void assertDamageIsReported(Image damaged, String what) throws IOException {
        CrashDisk disk = damaged.onDisk();
        assertThatThrownBy(() -> SimulatedLog.recordsOn(disk)).as(what).isInstanceOf(CorruptLogException.class);
        CrashDisk again = damaged.onDisk();
        assertThatThrownBy(() -> {
                    try (Log reader = SimulatedLog.openReadOnly(again)) {
                        AllRecords.of(reader);
                    }
                })
                .as(what + ", read only")
                .isInstanceOf(CorruptLogException.class);
    }

    /** Original bug: a missing or shortened file was not detected. The log had fewer records, or a gap. */
    @Test
    void missingOrShortenedSegmentIsReported() throws IOException {
        SimulatedLog log = SimulatedLog.open(disk);
        for (int i = 0; i < 10; i++) {
            expected.append(log.log(), 1000);
        }
        List<Image> images = new ArrayList<>(List.of(Image.of(disk.state().killed())));
        log.close();
        images.add(Image.of(disk));
        for (Image image : images) {
            List<String> segments = image.segments();
            assertThat(segments).hasSizeGreaterThan(3);
            for (String segment : segments) {
                Image missing = image.copy();
                missing.files().remove(segment);
                assertDamageIsReported(missing, segment + " is missing");
                for (int length : new int[] {0, 1, 4095, 4096, 5000, 8191}) {
                    Image shortened = image.copy();
                    shortened.files().put(segment, Arrays.copyOf(image.files().get(segment), length));
                    assertDamageIsReported(shortened, segment + " has " + length + " bytes");
                }
            }
        }
    }

    /** Removes records of a log that holds records 1 to 3 in its tail. */
    private interface Removal {
        void of(SimulatedLog log) throws IOException;
    }

    /**
     * Original bug: a segment that a removal had replaced kept its name and had no footer. If the newest segment was
     * missing, the replaced segment was used instead. The log then opened with removed records and without acknowledged
     * records.
     */
    @Test
    void missingNewestSegmentAfterARemovalIsReported() throws IOException {
        assertMissingNewestIsReported("a truncation", log -> log.log().truncate(1));
        assertMissingNewestIsReported("two truncations", log -> {
            log.log().truncate(1);
            log.log().append(new byte[30]);
            log.environment().idle();
            log.log().truncate(1);
        });
        assertMissingNewestIsReported("a truncation that cuts", log -> {
            for (int i = 0; i < 40; i++) {
                log.log().append(new byte[100]);
            }
            log.log().truncate(log.log().lastId().orElseThrow() - 1);
        });
        assertMissingNewestIsReported("a truncation in the segment before", log -> {
            long last = log.log().lastId().orElseThrow();
            for (int i = 0; i < 5; i++) {
                log.log().append(new byte[1000]);
            }
            log.log().truncate(last);
        });
        assertMissingNewestIsReported("a truncation of all", log -> log.log().truncate(0));
        assertMissingNewestIsReported("a reset", log -> log.log().reset(70));
        assertMissingNewestIsReported("a reset back", log -> log.log().reset(0));
        assertMissingNewestIsReported("a first record readerCursor", log -> {
            log.log().trim(Long.MAX_VALUE);
            log.log().append(LogRecord.of(90, new byte[10]));
        });
    }

    private static void assertMissingNewestIsReported(String what, Removal removal) throws IOException {
        CrashDisk disk = new CrashDisk();
        SimulatedLog log = SimulatedLog.open(disk);
        log.settle();
        for (int i = 0; i < 3; i++) {
            log.log().append(new byte[20]);
        }
        log.settle();
        removal.of(log);
        assertMissingNewestIsReported(what + ", killed", disk);
        log.log().append(new byte[20]);
        assertMissingNewestIsReported(what + " and an append, killed", disk);
        log.close();
        assertMissingNewestIsReported(what + ", closed", disk);
        CrashDisk crashed = disk.state().killed();
        try (SimulatedLog again = SimulatedLog.open(crashed)) {
            again.log().append(new byte[20]);
            again.settle();
            CrashDisk killed = crashed.state().killed();
            SimulatedLog.open(killed);
            assertMissingNewestIsReported(what + ", killed and recovered", killed);
        }
    }

    /** Checks all names that a power failure may leave. If no segment is left, nothing can be detected. */
    private static void assertMissingNewestIsReported(String what, CrashDisk disk) throws IOException {
        for (PowerCut cut : disk.state().cuts(40, 7)) {
            Image image = Image.of(disk.state().powerCut(cut));
            List<String> segments = image.segments();
            if (segments.size() > 1) {
                image.files().remove(segments.get(segments.size() - 1));
                assertDamageIsReported(image, what + ", " + cut + ", of " + segments);
            }
        }
    }

    /**
     * Original bug: the directory was never synced, or a failed sync was ignored. Appends were written to a file whose
     * name a power failure could lose.
     */
    @Test
    void failedDirectorySyncLosesNoAcknowledgedAppend() throws IOException {
        long steps = failedDirectorySync(-1);
        int failures = 0;
        for (long step = 0; step < steps; step++) {
            failures += failedDirectorySync(step) < 0 ? 1 : 0;
        }
        assertThat(failures).as("failed syncs of the directory").isGreaterThan(8);
    }

    /**
     * Makes one step fail if it syncs the directory, and continues as long as the log works. Returns the number of
     * steps, or -1 if the step failed.
     */
    private static long failedDirectorySync(long failing) throws IOException {
        CrashDisk disk = new CrashDisk();
        Expected records = new Expected();
        SimulatedLog log = SimulatedLog.open(disk);
        long opened = disk.steps();
        boolean[] struck = new boolean[1];
        disk.listen((step, moment) -> {
            if (step.number() == opened + failing && moment == Moment.BEFORE && step.kind() == Kind.SYNC_NAMES) {
                struck[0] = true;
                disk.fail(new Fault(step.number(), Fault.Kind.ERROR, false));
            }
        });
        try {
            for (int i = 0; i < 4; i++) {
                records.append(log.log(), 1500);
                records.append(log.log(), 1500);
                log.settle();
                records.truncate(log.log(), records.lastId() - 1);
                log.settle();
                records.append(log.log(), 1000);
                records.trim(log.log(), records.records().get(0).id());
                records.append(log.log(), 1000);
                log.settle();
            }
        } catch (LogFailedException e) {
            assertThatThrownBy(() -> log.log().append(new byte[1])).isInstanceOf(LogFailedException.class);
        }
        for (PowerCut cut : disk.state().cuts(10, 1)) {
            assertThat(SimulatedLog.recordsOn(disk.state().powerCut(cut)))
                    .as(cut.toString())
                    .isIn(records.records(), records.attempted());
        }
        return struck[0] ? -1 : disk.steps() - opened;
    }

    /**
     * Original bug: a file whose name only started or ended like a segment's name was read as a segment, and the log
     * did not open.
     */
    @Test
    void fileWithASimilarNameIsIgnored(@TempDir Path directory) throws IOException {
        List<Path> strays = new ArrayList<>();
        try (FileLog log = FileLog.open(directory)) {
            expected.append(log, 100, 200);
        }
        for (String name : List.of(
                "00000001-0000000000000001.seg.bak",
                "00000001-0000000000000001.SEG",
                "0000001-0000000000000001.seg",
                "000000001-0000000000000001.seg",
                "00000009-000000000000001.seg",
                "00000009-00000000000000001.seg",
                "0000000G-0000000000000001.seg",
                "0000000A-0000000000000001.seg",
                "copy of 00000001-0000000000000001.seg",
                "-00000001-0000000000000001.seg",
                "+0000001-0000000000000001.seg",
                "00000000-0000000000000001.seg",
                ".00000001-0000000000000001.seg.swp",
                "spare-1.tmp",
                "spare-00000001.tmp~",
                "LOCK.old",
                "1.log")) {
            strays.add(Files.writeString(directory.resolve(name), "not a segment"));
        }
        Path folder = Files.createDirectory(directory.resolve("lost+found"));
        for (int i = 0; i < 2; i++) {
            try (FileLog log = FileLog.open(directory)) {
                assertThat(AllRecords.of(log)).isEqualTo(expected.records());
                expected.append(log, 100);
                expected.truncate(log, log.nextId() - 3);
                expected.append(log, 100, 100);
            }
        }
        try (FileLog reader = FileLog.openReadOnly(directory)) {
            assertThat(AllRecords.of(reader)).isEqualTo(expected.records());
        }
        for (Path stray : strays) {
            assertThat(stray).hasContent("not a segment");
        }
        assertThat(folder).isDirectory();
    }
}
