package dev.holdfast.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.holdfast.testkit.explorer.SimulatedEnvironment;
import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.UnsupportedFormatException;
import dev.holdfast.wal.engine.StoredLog;
import dev.holdfast.wal.format.Checksum;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.format.SegmentName;
import dev.holdfast.wal.storage.HeapStorage;
import dev.holdfast.wal.storage.StoredFile;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Fuzzes the directory of a log, as an attacker who knows the format could write it. The test opens the directory for
 * reading and for writing.
 *
 * <p>Each open must end, and must use no more memory than a small multiple of the directory's size plus a few buffers.
 * It must either throw an exception that names the problem or return a log that works.
 */
@ExtendWith(UnpackCorpus.class)
class DirectoryFuzzTest {
    /**
     * Limit on the memory that the log itself allocates for one open and read, on the heap and in direct buffers. The
     * limit does not depend on lengths that the files declare.
     */
    private static final long BUFFERS_BYTES = 8 << 20;

    private static final int MAX_CHANGES = 24;
    private static final int MAX_FILES = 24;
    private static final int MAX_FILE_BYTES = 64 << 10;

    private final Checksum checksum = new Checksum();

    @FuzzTest(maxDuration = "10m")
    void hostileDirectoryIsRefusedOrOpens(FuzzedDataProvider data) throws IOException {
        HeapStorage directory = data.pickValue(Example.values()).files();
        Forge forge = new Forge(data);
        for (int i = 0; i < MAX_CHANGES && data.remainingBytes() > 0; i++) {
            change(directory, forge, data);
        }
        List<LogRecord> read = readOnly(directory);
        write(directory, read);
    }

    private void change(HeapStorage directory, Forge forge, FuzzedDataProvider data) throws IOException {
        int kind = data.consumeByte() & 15;
        if (kind == 0 && names(directory).size() < MAX_FILES) {
            directory.put(name(directory, data), data.consumeBytes(data.consumeByte() & 0xff));
            return;
        }
        List<String> names = names(directory);
        if (names.isEmpty()) {
            return;
        }
        String name = names.get((data.consumeByte() & 0xff) % names.size());
        byte[] file = directory.bytes(name);
        switch (kind) {
            case 1 -> directory.remove(name);
            case 2 -> directory.put(name, Arrays.copyOf(file, length(file, data)));
            case 3 -> directory.put(name(directory, data), file.clone());
            case 4 -> directory.setLinks(name, 2);
            case 5 -> directory.makeIrregular(name);
            case 6 -> putBytes(file, data);
            default -> forge(directory, name, kind, forge, data);
        }
    }

    private void forge(HeapStorage directory, String name, int kind, Forge forge, FuzzedDataProvider data)
            throws IOException {
        byte[] file = directory.bytes(name);
        byte[] block = Arrays.copyOf(file, Layout.HEADER_BYTES);
        if (!(SegmentHeader.parse(block, checksum) instanceof SegmentHeader.Parsed.Valid valid)) {
            return;
        }
        SegmentHeader header = valid.header();
        switch (kind) {
            case 7, 8 -> {
                SegmentHeader other = forge.header(header);
                forge.put(file, other);
                directory.remove(name);
                directory.put(kind == 7 ? name : other.name().fileName(), fitting(file, other.fileLength()));
            }
            case 9 -> {
                // Adds a second segment next to the first.
                SegmentHeader other = forge.header(header);
                byte[] copy = fitting(file.clone(), other.fileLength());
                forge.put(copy, other);
                if (names(directory).size() < MAX_FILES) {
                    directory.put(other.name().fileName(), copy);
                }
            }
            case 10, 11 -> forge.putGroupHeader(file, header);
            case 12 -> forge.putFrame(file, header);
            case 13 -> forge.putFooter(file, header);
            default -> forge.putRecords(file, header);
        }
    }

    private static List<String> names(HeapStorage directory) {
        return directory.list().stream().map(StoredFile::name).toList();
    }

    private static byte[] fitting(byte[] file, long length) {
        return length > file.length && length <= MAX_FILE_BYTES ? Arrays.copyOf(file, (int) length) : file;
    }

    private static int length(byte[] file, FuzzedDataProvider data) {
        return (int) Math.floorMod(Numbers.near(data, file.length, 4096, 0), (long) MAX_FILE_BYTES);
    }

    private static void putBytes(byte[] file, FuzzedDataProvider data) {
        byte[] bytes = data.consumeBytes(data.consumeByte() & 31);
        if (file.length >= bytes.length) {
            int at = (int) Math.floorMod(Numbers.near(data, 0, 4096), (long) file.length - bytes.length + 1);
            System.arraycopy(bytes, 0, file, at, bytes.length);
        }
    }

    private static String name(HeapStorage directory, FuzzedDataProvider data) {
        long number = Numbers.near(data, names(directory).size());
        return switch (data.consumeByte() & 7) {
            case 0 -> String.format("spare-%08x.tmp", number);
            case 1 -> String.format("spare-%08x.new.tmp", number);
            case 2 -> new SegmentName(number, 1).fileName() + ".torn";
            case 3, 4 -> new SegmentName(number, Numbers.near(data, 1)).fileName();
            default -> data.consumeAsciiString(40);
        };
    }

    /** Returns the records of a read-only open; null if the open fails or a read finds damage. */
    private List<LogRecord> readOnly(HeapStorage directory) throws IOException {
        return measured(directory, files -> {
            List<LogRecord> records = null;
            try (Log log = StoredLog.openReadOnly(files, () -> 0)) {
                records = records(log);
            } catch (CorruptLogException | UnsupportedFormatException | NoSuchFileException e) {
                assertNamesTheProblem(e);
            }
            assertEquals(0, files.changes(), "operations that change the directory");
            return records;
        });
    }

    private void write(HeapStorage directory, List<LogRecord> seenByReader) throws IOException {
        MeasuredStorage left = measured(directory, files -> {
            try (Log log = Example.open(files, new SimulatedEnvironment(1))) {
                List<LogRecord> records = records(log);
                if (seenByReader != null) {
                    assertEquals(seenByReader, records, "records that the reader returned before");
                }
                return files;
            } catch (CorruptLogException | UnsupportedFormatException e) {
                assertNamesTheProblem(e);
                return null;
            }
        });
        if (left != null) {
            assertUsable(left);
        }
    }

    /** Checks that a log that was opened once is intact: it accepts a record and keeps it. */
    private void assertUsable(MeasuredStorage directory) throws IOException {
        List<LogRecord> records;
        SimulatedEnvironment workers = new SimulatedEnvironment(2);
        try (Log log = Example.open(directory, workers)) {
            if (log.nextId() < Long.MAX_VALUE) {
                log.append(LogRecord.of(log.nextId(), new byte[] {1, 2, 3}));
            }
            records = records(log);
            workers.runAll();
        }
        try (Log log = Example.open(directory, new SimulatedEnvironment(3))) {
            assertEquals(records, records(log), "records before the log was closed");
        }
    }

    private static void assertNamesTheProblem(IOException e) {
        assertTrue(e.getMessage() != null && !e.getMessage().isEmpty());
    }

    private interface Opening<T> {
        T on(MeasuredStorage files) throws IOException;
    }

    /**
     * Opens copies of a directory and measures memory. The open may be repeated, because the first open may load
     * classes.
     */
    private static <T> T measured(HeapStorage directory, Opening<T> opening) throws IOException {
        for (int round = 1; ; round++) {
            MeasuredStorage files = new MeasuredStorage(directory.copy());
            long allowed = BUFFERS_BYTES
                    + 4
                            * directory.list().stream()
                                    .mapToLong(StoredFile::length)
                                    .sum();
            long heap = Memory.heapBytes();
            long direct = Memory.directBytes();
            T opened = opening.on(files);
            long heapTaken = Memory.heapBytes() - heap - files.ownBytes();
            long directTaken = Memory.directBytes() - direct;
            if (heapTaken <= allowed && directTaken <= allowed) {
                return opened;
            }
            assertTrue(round < 3, "allocated bytes on the heap: " + heapTaken + ", in direct buffers: " + directTaken);
        }
    }

    /** Returns all records of a cursor. Checks that each is also found by its id. */
    private static List<LogRecord> records(Log log) throws IOException {
        List<LogRecord> records = new ArrayList<>();
        try (LogCursor cursor = log.cursor(0)) {
            while (cursor.next()) {
                records.add(cursor.record());
            }
        }
        for (LogRecord record : records) {
            assertEquals(record, log.read(record.id()).orElseThrow());
        }
        assertEquals(records.isEmpty(), log.lastId().isEmpty());
        if (!records.isEmpty()) {
            assertEquals(records.get(0).id(), log.firstId().orElseThrow());
            assertEquals(records.get(records.size() - 1).id(), log.lastId().orElseThrow());
        }
        return records;
    }
}
