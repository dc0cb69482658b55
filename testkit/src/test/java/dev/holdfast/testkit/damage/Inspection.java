package dev.holdfast.testkit.damage;

import dev.holdfast.testkit.explorer.SimulatedEnvironment;
import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.commit.LogSettings;
import dev.holdfast.wal.engine.StoredLog;
import dev.holdfast.wal.storage.ForwardingStorage;
import dev.holdfast.wal.storage.HeapStorage;
import dev.holdfast.wal.storage.ReadableFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Opens a damaged log for reading and for writing, reads it with every method and classifies the outcome.
 *
 * <p>Every returned record must be a record of the original log. Every record that is not returned must be named by an
 * error, or the evidence must permit its loss.
 */
final class Inspection {
    private static final byte[] MORE = {1, 2, 3};

    private final Victim victim;
    private final LogSettings settings;
    private final Evidence evidence;
    private final Set<String> readFiles = ConcurrentHashMap.newKeySet();

    Inspection(Victim victim, LogSettings settings) {
        this.victim = victim;
        this.settings = settings;
        this.evidence = new Evidence(victim.files().get(victim.tail()));
    }

    /** Inspects one damage. Throws if the log violates its promises. */
    Outcome of(Damage damage) {
        try {
            Outcome read = reading(damage);
            Outcome written = writing(damage);
            check(read == written, "opened read-only: " + read + ", opened for writing: " + written);
            return written;
        } catch (IOException | RuntimeException | AssertionError e) {
            throw new AssertionError(victim + ", " + damage.kind() + ", " + damage.what() + ": " + e.getMessage(), e);
        }
    }

    private Outcome reading(Damage damage) throws IOException {
        Noting files = new Noting(new HeapStorage(damage.files()));
        try (StoredLog log = StoredLog.openReadOnly(files, () -> 0)) {
            return read(log, damage);
        } catch (CorruptLogException e) {
            return atOpen(e, damage);
        } finally {
            files.requireClosed();
        }
    }

    private Outcome writing(Damage damage) throws IOException {
        Noting files = new Noting(new HeapStorage(damage.files()));
        Outcome outcome;
        List<LogRecord> after = new ArrayList<>();
        try (StoredLog log = StoredLog.open(files, settings, new SimulatedEnvironment(2).environment())) {
            outcome = read(log, damage);
            if (outcome == Outcome.ERROR_AT_READ) {
                return outcome;
            }
            after.addAll(
                    victim.records(log.firstId().orElseThrow(), log.lastId().orElseThrow()));
            after.add(LogRecord.of(log.append(MORE), MORE));
        } catch (CorruptLogException e) {
            return atOpen(e, damage);
        } finally {
            files.requireClosed();
        }
        try (StoredLog log = StoredLog.open(files, settings, new SimulatedEnvironment(3).environment())) {
            check(
                    log.nextId() == after.get(after.size() - 1).id() + 1,
                    "unexpected next id after reopening: " + log.nextId());
            check(readByCursor(log, after, damage), "not all records can be read after reopening");
        } finally {
            files.requireClosed();
        }
        return outcome;
    }

    /**
     * Returns the files that are never read while the undamaged log is inspected. Damage to these files does not change
     * a run.
     */
    Set<String> unread() {
        readFiles.clear();
        of(new Damage(Damage.Kind.ZEROS_APPENDED, "nothing", Set.of(), victim.files()));
        Set<String> unread = new HashSet<>(victim.files().keySet());
        unread.removeAll(readFiles);
        return unread;
    }

    private Outcome atOpen(CorruptLogException e, Damage damage) {
        checkError(e, damage);
        return Outcome.ERROR_AT_OPEN;
    }

    private Outcome read(StoredLog log, Damage damage) throws IOException {
        long last = log.lastId().orElse(victim.firstId() - 1);
        long mayLoseFrom = damage.files().containsKey(victim.tail())
                ? evidence.mayLoseFrom(damage.files().get(victim.tail()))
                : Long.MAX_VALUE;
        check(
                last <= victim.lastId() && last >= Math.min(victim.lastId(), mayLoseFrom - 1),
                "the last record is " + last + "; originally " + victim.lastId() + ", may lose records from "
                        + mayLoseFrom);
        long first = log.firstId().orElseThrow();
        // If a trim is lost together with the groups after it, the trimmed records return.
        boolean trimIsLost = first < victim.firstId() && mayLoseFrom < Long.MAX_VALUE;
        check(first == victim.firstId() || trimIsLost, "the first record is " + first);
        List<LogRecord> held = victim.records(first, last);
        boolean whole = readByCursor(log, held, damage) & readById(log, held, damage);
        check(log.read(last + 1).isEmpty(), "read() finds a record after the last id");
        if (!whole) {
            return Outcome.ERROR_AT_READ;
        }
        return last == victim.lastId() && !trimIsLost ? Outcome.HARMLESS : Outcome.LAST_GROUP_LOST;
    }

    private boolean readByCursor(StoredLog log, List<LogRecord> held, Damage damage) throws IOException {
        int count = 0;
        try (LogCursor cursor = log.cursor(0)) {
            while (cursor.next()) {
                if (count == held.size() || !matches(cursor, held.get(count))) {
                    throw new AssertionError("a cursor returns a wrong record " + cursor.id());
                }
                count++;
            }
            check(count == held.size(), "a cursor ends after " + count + " of " + held.size() + " records");
            return true;
        } catch (CorruptLogException e) {
            checkError(e, damage);
            checkNames(e, held.get(count).id());
            return false;
        }
    }

    private static boolean matches(LogCursor cursor, LogRecord expected) {
        return cursor.id() == expected.id() && cursor.data().equals(expected.data());
    }

    private boolean readById(StoredLog log, List<LogRecord> held, Damage damage) throws IOException {
        boolean whole = true;
        for (LogRecord expected : held) {
            try {
                Optional<LogRecord> record = log.read(expected.id());
                if (record.isEmpty() || !record.get().equals(expected)) {
                    throw new AssertionError("read(" + expected.id() + ") returns " + record);
                }
            } catch (CorruptLogException e) {
                checkError(e, damage);
                checkNames(e, expected.id());
                whole = false;
            }
        }
        return whole;
    }

    private static void checkNames(CorruptLogException e, long id) {
        check(
                e.firstIdAtRisk() <= id && id <= e.lastIdAtRisk(),
                "record " + id + " cannot be read, and the error does not name it: " + e.getMessage());
    }

    private static void checkError(CorruptLogException e, Damage damage) {
        check(
                damage.touched().stream().anyMatch(file -> names(e.file(), file) || tookThePlace(e, file)),
                "the error names another file: " + e.getMessage());
        check(e.getMessage().contains(e.file()), "the message does not name " + e.file() + ": " + e.getMessage());
        check(e.offset() >= 0, "the error has offset " + e.offset() + ": " + e.getMessage());
        check(
                e.firstIdAtRisk() >= 0 && e.firstIdAtRisk() <= e.lastIdAtRisk(),
                "the error has records at risk " + e.firstIdAtRisk() + " to " + e.lastIdAtRisk() + ": "
                        + e.getMessage());
    }

    /** For a missing file, the message may name only the epoch because the base id may be unknown. */
    private static boolean names(String pattern, String file) {
        String epoch = pattern.replace("*.seg", "");
        return pattern.equals(file) || (!epoch.equals(pattern) && file.startsWith(epoch));
    }

    /**
     * Returns whether the error may name the replaced segment instead of this file. A footer names the successor that
     * existed when the footer was written. If that successor was replaced later and the replacement is missing, the
     * error cannot name the replacement.
     */
    private static boolean tookThePlace(CorruptLogException e, String file) {
        return e.getMessage().contains("is missing, or a replacement of it")
                && Long.parseLong(file.split("-")[0], 16)
                        > Long.parseLong(e.file().split("-")[0], 16);
    }

    private static void check(boolean right, String otherwise) {
        if (!right) {
            throw new AssertionError(otherwise);
        }
    }

    /** Notes which files are opened for reading, by their original names. */
    private final class Noting extends ForwardingStorage {
        private final HeapStorage heap;
        private final Map<String, String> originalNames = new HashMap<>();

        private Noting(HeapStorage heap) {
            super(heap);
            this.heap = heap;
        }

        private void requireClosed() {
            check(heap.openFiles() == 0, heap.openFiles() + " files are still open");
        }

        @Override
        public ReadableFile openForReading(String name) throws IOException {
            readFiles.add(originalNames.getOrDefault(name, name));
            return super.openForReading(name);
        }

        @Override
        public void rename(String from, String to) throws IOException {
            originalNames.put(to, originalNames.getOrDefault(from, from));
            super.rename(from, to);
        }
    }
}
