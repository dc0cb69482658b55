package dev.holdfast.testkit.explorer;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.commit.LogSettings;
import dev.holdfast.wal.storage.Storage;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Opens a cleanly closed log with damaged bytes. The log must report the damage or return the original records. */
final class DamagedLog {
    private DamagedLog() {}

    /**
     * Opens the log read-only and then for writing.
     *
     * @return whether the log reported the damage; false if all records were read without an error
     * @throws Violation if a record is missing or wrong and no call reported the damage
     */
    static boolean check(Subject subject, LogSettings settings, CrashDisk disk, Contents contents) throws IOException {
        boolean noticed = false;
        try (Storage storage = disk.process();
                Log view = subject.openReadOnly(storage, settings, new SimulatedEnvironment(1).environment())) {
            noticed = show(view, contents);
        } catch (CorruptLogException e) {
            noticed = true;
        }
        try (Log log = subject.open(disk.process(), settings, new SimulatedEnvironment(1).environment())) {
            noticed |= show(log, contents);
        } catch (CorruptLogException e) {
            noticed = true;
        }
        return noticed;
    }

    private static boolean show(Log log, Contents contents) throws IOException {
        if (log.nextId() != contents.nextId() || log.lastId().isPresent() == contents.isEmpty()) {
            throw new Violation("the damaged log reports no corruption, but has last id " + log.lastId()
                    + " and next id " + log.nextId() + "; expected " + contents);
        }
        boolean noticed = !isShown(log, contents);
        for (long id = contents.firstId(); contents.holds(id); id++) {
            noticed |= !isFound(log, contents, id);
        }
        return noticed;
    }

    private static boolean isShown(Log log, Contents contents) throws IOException {
        try (LogCursor cursor = log.cursor(0)) {
            for (long id = contents.firstId(); contents.holds(id); id++) {
                boolean right = cursor.next()
                        && cursor.id() == id
                        && contents.record(id).isIn(cursor.data());
                requireRight(right ? null : "a cursor does not return record " + id);
            }
            requireRight(cursor.next() ? "a cursor returns records beyond the end" : null);
            return true;
        } catch (CorruptLogException e) {
            return false;
        }
    }

    private static boolean isFound(Log log, Contents contents, long id) throws IOException {
        try {
            Optional<LogRecord> found = log.read(id);
            boolean right =
                    found.isPresent() && contents.record(id).isIn(found.get().data());
            requireRight(right ? null : "read(" + id + ") does not return the record");
            return true;
        } catch (CorruptLogException e) {
            return false;
        }
    }

    private static void requireRight(@Nullable String wrong) {
        if (wrong != null) {
            throw new Violation("the damaged log reports no corruption, but " + wrong);
        }
    }
}
