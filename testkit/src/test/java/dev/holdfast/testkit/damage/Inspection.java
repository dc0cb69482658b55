package dev.holdfast.testkit.damage;

import dev.holdfast.testkit.explorer.SimulatedEnvironment;
import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.engine.LogSettings;
import dev.holdfast.wal.engine.OpenedLog;
import dev.holdfast.wal.engine.StoredLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Opens a damaged log, for reading and for writing, reads everything in every way, and says what became of it. Whatever
 * it shows has to be what the log held, and whatever it does not show has to be named by an error, or be what the
 * evidence allows to be lost.
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

    /** Judges one damage; throws where the log is wrong. */
    Outcome of(Damage damage) {
        try {
            Outcome read = reading(damage);
            Outcome written = writing(damage);
            check(read == written, "reading: " + read + ", writing: " + written);
            return written;
        } catch (IOException | RuntimeException | AssertionError e) {
            throw new AssertionError(victim + ", " + damage.kind() + ", " + damage.what() + ": " + e.getMessage(), e);
        }
    }

    private Outcome reading(Damage damage) throws IOException {
        HeapFiles files = new HeapFiles(damage.files());
        try (OpenedLog log = StoredLog.openReadOnly(files, settings, new SimulatedEnvironment(1).environment())) {
            return read(log, damage);
        } catch (CorruptLogException e) {
            return atOpen(e, damage);
        } finally {
            leave(files);
        }
    }

    private Outcome writing(Damage damage) throws IOException {
        HeapFiles files = new HeapFiles(damage.files());
        Outcome outcome;
        List<LogRecord> after = new ArrayList<>();
        try (OpenedLog log = StoredLog.open(files, settings, new SimulatedEnvironment(2).environment())) {
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
            leave(files);
        }
        try (OpenedLog log = StoredLog.open(files, settings, new SimulatedEnvironment(3).environment())) {
            check(
                    log.nextId() == after.get(after.size() - 1).id() + 1,
                    "after reopening the next id is " + log.nextId());
            check(readByCursor(log, after, damage), "after reopening not all can be read");
        } finally {
            leave(files);
        }
        return outcome;
    }

    private void leave(HeapFiles files) {
        readFiles.addAll(files.readFiles());
        check(files.openFiles() == 0, files.openFiles() + " files were left open");
    }

    /**
     * The files that nobody reads while the undamaged log is inspected: all runs with them damaged are that same run.
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

    private Outcome read(OpenedLog log, Damage damage) throws IOException {
        long last = log.lastId().orElse(victim.firstId() - 1);
        long mayLoseFrom = damage.files().containsKey(victim.tail())
                ? evidence.mayLoseFrom(damage.files().get(victim.tail()))
                : Long.MAX_VALUE;
        check(
                last <= victim.lastId() && last >= Math.min(victim.lastId(), mayLoseFrom - 1),
                "it ends with record " + last + ", held " + victim.lastId() + ", may lose from " + mayLoseFrom);
        long first = log.firstId().orElseThrow();
        // A trim that is lost with what came behind it brings back what it removed.
        boolean trimIsLost = first < victim.firstId() && mayLoseFrom < Long.MAX_VALUE;
        check(first == victim.firstId() || trimIsLost, "it begins with record " + first);
        List<LogRecord> held = victim.records(first, last);
        boolean whole = readByCursor(log, held, damage) & readById(log, held, damage);
        check(log.read(last + 1).isEmpty(), "there is a record behind the last one");
        if (!whole) {
            return Outcome.ERROR_AT_READ;
        }
        return last == victim.lastId() && !trimIsLost ? Outcome.HARMLESS : Outcome.LAST_GROUP_LOST;
    }

    private boolean readByCursor(OpenedLog log, List<LogRecord> held, Damage damage) throws IOException {
        int shown = 0;
        try (LogCursor cursor = log.cursor(0)) {
            while (cursor.next()) {
                if (shown == held.size() || !shows(cursor, held.get(shown))) {
                    throw new AssertionError("a cursor shows a wrong record as " + cursor.id());
                }
                shown++;
            }
            check(shown == held.size(), "a cursor ends after " + shown + " of " + held.size() + " records");
            return true;
        } catch (CorruptLogException e) {
            checkError(e, damage);
            checkNames(e, held.get(shown).id());
            return false;
        }
    }

    private static boolean shows(LogCursor cursor, LogRecord expected) {
        return cursor.id() == expected.id() && cursor.data().equals(expected.data());
    }

    private boolean readById(OpenedLog log, List<LogRecord> held, Damage damage) throws IOException {
        boolean whole = true;
        for (LogRecord expected : held) {
            try {
                Optional<LogRecord> record = log.read(expected.id());
                if (record.isEmpty() || !record.get().equals(expected)) {
                    throw new AssertionError("record " + expected.id() + " is read as " + record);
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
                "record " + id + " cannot be read, and this does not name it: " + e.getMessage());
    }

    private static void checkError(CorruptLogException e, Damage damage) {
        check(
                damage.touched().stream().anyMatch(file -> names(e.file(), file) || tookThePlace(e, file)),
                "this names another file: " + e.getMessage());
        check(e.getMessage().contains(e.file()), "this does not name " + e.file() + ": " + e.getMessage());
        check(e.offset() >= 0, "offset " + e.offset() + ": " + e.getMessage());
        check(
                e.firstIdAtRisk() >= 0 && e.firstIdAtRisk() <= e.lastIdAtRisk(),
                "records " + e.firstIdAtRisk() + " to " + e.lastIdAtRisk() + ": " + e.getMessage());
    }

    /** Of a file that is missing the base id may be unknown. */
    private static boolean names(String pattern, String file) {
        String epoch = pattern.replace("*.seg", "");
        return pattern.equals(file) || (!epoch.equals(pattern) && file.startsWith(epoch));
    }

    /**
     * A footer names the successor that there was when it was written; one that replaced that later cannot be known
     * where it is missing.
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
}
