package dev.holdfast.testkit.explorer;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.engine.LogSettings;
import dev.holdfast.wal.storage.Storage;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Opens a log that was closed and whose bytes have gone bad: it says so, or it shows what was there. */
final class DamagedLog {
    private DamagedLog() {}

    /**
     * Opens it read-only and then for writing.
     *
     * @return whether it says so
     * @throws Violation if a record is missing or wrong and nobody says so
     */
    static boolean check(Subject subject, LogSettings settings, CrashDisk disk, Contents contents) throws IOException {
        boolean noticed = false;
        try (Storage storage = disk.process();
                Log view = subject.openReadOnly(storage, settings, new SimulatedWorkers(1).workers())) {
            noticed = show(view, contents);
        } catch (CorruptLogException e) {
            noticed = true;
        }
        try (Log log = subject.open(disk.process(), settings, new SimulatedWorkers(1).workers())) {
            noticed |= show(log, contents);
        } catch (CorruptLogException e) {
            noticed = true;
        }
        return noticed;
    }

    private static boolean show(Log log, Contents contents) throws IOException {
        if (log.nextId() != contents.nextId() || log.lastId().isPresent() == contents.isEmpty()) {
            throw new Violation("damaged, it says nothing of it and shows ids up to " + log.lastId() + ", next id "
                    + log.nextId() + " of " + contents);
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
                requireRight(right ? null : "a cursor does not show record " + id);
            }
            requireRight(cursor.next() ? "a cursor shows more" : null);
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
            requireRight(right ? null : "read(" + id + ") does not give it");
            return true;
        } catch (CorruptLogException e) {
            return false;
        }
    }

    private static void requireRight(@Nullable String wrong) {
        if (wrong != null) {
            throw new Violation("damaged, it says nothing of it: " + wrong);
        }
    }
}
