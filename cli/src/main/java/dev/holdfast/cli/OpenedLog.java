package dev.holdfast.cli;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.file.FileLog;
import dev.holdfast.wal.store.LogStore;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;

/**
 * A log that a command has opened: a log with a directory of its own, or a log of a store. The only place that turns a
 * {@link Location} into a log.
 *
 * @param owner the log itself, or the store that is open for it
 */
record OpenedLog(Log log, Closeable owner) implements Closeable {
    /** What to do with a log of a store that was opened. */
    private interface Finder {
        Log find(LogStore store) throws IOException;
    }

    /** Opens an existing log for reading. */
    static OpenedLog toRead(Location location) throws IOException {
        if (location instanceof Location.LogOfStore of) {
            return in(Stores.openToRead(of.path()), store -> Stores.find(store, of));
        }
        FileLog log = FileLog.openReadOnly(directoryToRead(location));
        return new OpenedLog(log, log);
    }

    /** Opens an existing log for changes. */
    static OpenedLog toChange(Location location) throws IOException {
        if (location instanceof Location.LogOfStore of) {
            return in(Stores.openToChange(of.path()), store -> Stores.find(store, of));
        }
        Path directory = directoryToChange(location);
        // Fails if there is no log: opening for writing would create one.
        FileLog.openReadOnly(directory).close();
        FileLog log = FileLog.open(directory);
        return new OpenedLog(log, log);
    }

    /** Opens a log for appending, and creates it if it is missing. */
    static OpenedLog toAppend(Location location) throws IOException {
        if (location instanceof Location.LogOfStore of) {
            return in(Stores.openToAppend(of.path()), store -> store.log(of.name()));
        }
        FileLog log = FileLog.open(directoryToChange(location));
        return new OpenedLog(log, log);
    }

    private static OpenedLog in(LogStore store, Finder finder) throws IOException {
        try {
            return new OpenedLog(finder.find(store), store);
        } catch (Throwable e) {
            try {
                store.close();
            } catch (Throwable suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
    }

    /** Returns the directory of a log that is only read. The shared log of a store is allowed. */
    static Path directoryToRead(Location location) throws FileSystemException {
        if (location instanceof Location.Store) {
            throw refused(location, "is a store of many logs, not a log. " + nameOneLogOf(location.path()));
        }
        return location.path();
    }

    /**
     * Returns the directory of a log that is changed.
     *
     * @throws FileSystemException if the directory is that of a store or of its shared log
     */
    static Path directoryToChange(Location location) throws FileSystemException {
        if (location instanceof Location.SharedLog shared) {
            throw refused(
                    location,
                    "is the shared log of a store, and a change here would damage all logs of the store. "
                            + nameOneLogOf(shared.store()));
        }
        return directoryToRead(location);
    }

    private static String nameOneLogOf(Path store) {
        return "Name one log of the store: " + store + "#name (`holdfast info " + store + "` lists them)";
    }

    static FileSystemException refused(Location location, String why) {
        return new FileSystemException(location.toString(), null, why);
    }

    @Override
    public void close() throws IOException {
        owner.close();
    }
}
