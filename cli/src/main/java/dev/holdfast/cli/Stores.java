package dev.holdfast.cli;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.file.FileLogOptions;
import dev.holdfast.wal.store.LogStore;
import dev.holdfast.wal.store.LogStoreOptions;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.stream.Stream;

/**
 * Recognizes and opens stores of many logs. Opening a store for changes takes the lock of its shared log, and recovers
 * the shared log as an application would.
 */
final class Stores {
    private static final String MARKER = "STORE";
    private static final String SHARED = "shared";

    private Stores() {}

    /** Returns whether a directory holds a store. */
    static boolean isStore(Path directory) {
        return Files.isRegularFile(directory.resolve(MARKER));
    }

    /** Returns whether a path is the directory of the shared log of a store, also through symbolic links. */
    static boolean isSharedLog(Path path) {
        Path real = real(path);
        Path parent = real.getParent();
        return parent != null && real.endsWith(SHARED) && isStore(parent);
    }

    /** Returns the real path of a directory; if it is missing, its absolute path. */
    static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException missing) {
            return path.toAbsolutePath().normalize();
        }
    }

    /** Opens a store to read its logs, also while another process writes it. Changes nothing. */
    static LogStore openToRead(Path directory) throws IOException {
        requireStore(directory);
        return open(() -> LogStore.openReadOnly(directory));
    }

    /** Opens a store to change its logs. */
    static LogStore openToChange(Path directory) throws IOException {
        requireStore(directory);
        return open(() -> LogStore.open(directory, options(false)));
    }

    /** Opens a store to add records to it. Makes a new store if the directory exists and is empty. */
    static LogStore openToAppend(Path directory) throws IOException {
        boolean create = !isStore(directory) && isEmptyDirectory(directory);
        if (!create) {
            requireStore(directory);
        }
        return open(() -> LogStore.open(directory, options(create)));
    }

    private static LogStoreOptions options(boolean create) {
        return LogStoreOptions.builder()
                .shared(FileLogOptions.builder()
                        .segmentBytes(LogStoreOptions.SEGMENT_BYTES)
                        .createIfMissing(create)
                        .build())
                .build();
    }

    private interface Opening {
        LogStore open() throws IOException;
    }

    private static LogStore open(Opening opening) throws IOException {
        try {
            return opening.open();
        } catch (CorruptLogException e) {
            String remark = "this is the shared log of a store, which `holdfast repair` refuses: restore a copy of the "
                    + "store's whole directory";
            CorruptLogException told = new CorruptLogException(
                    FailureText.followedBy(FailureText.of(e), remark),
                    e.file(),
                    e.offset(),
                    e.firstIdAtRisk(),
                    e.lastIdAtRisk());
            told.initCause(e);
            throw told;
        }
    }

    /** Checks that a directory holds a store, and otherwise throws an exception that says what is there instead. */
    static void requireStore(Path directory) throws IOException {
        try {
            if (Files.readAttributes(directory.resolve(MARKER), BasicFileAttributes.class)
                    .isRegularFile()) {
                return;
            }
        } catch (NoSuchFileException e) {
            if (!Files.isDirectory(directory)) {
                throw new NoSuchFileException(
                        directory.toString(),
                        null,
                        "there is no such directory, so no store is there. A new directory with a # in its name must "
                                + "be made before it is named");
            }
        }
        throw new FileSystemException(
                directory.toString(),
                null,
                "is not a store of many logs: it has no file " + MARKER
                        + ". If it is the directory of a log, leave out " + "the # and the name");
    }

    private static boolean isEmptyDirectory(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return false;
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.findAny().isEmpty();
        }
    }

    /** Returns a log of an open store; if there is none of that name, the exception names similar logs. */
    static Log find(LogStore store, Location.LogOfStore location) throws IOException {
        return store.find(location.name()).orElseThrow(() -> unknown(store, location));
    }

    private static NoSuchFileException unknown(LogStore store, Location.LogOfStore location) {
        List<String> similar = Names.similar(location.name(), store.names());
        String remark = similar.isEmpty()
                ? "; `holdfast info " + location.path() + "` lists its "
                        + store.names().size() + " logs"
                : "; did you mean: "
                        + String.join(", ", similar.stream().map(Names::quoted).toList());
        return new NoSuchFileException(
                location.path().toString(), null, "the store has no log " + Names.quoted(location.name()) + remark);
    }
}
