package dev.holdfast.wal.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.wal.LogException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/** The directory of a store: a file that says so, and the shared log in a directory below it. */
final class StoreDirectory {
    /** The file that tells a store from a log. */
    static final String MARKER = "STORE";

    /** The directory of the shared log. */
    static final String SHARED = "shared";

    private static final String TEXT = "Holdfast store, format 1. The logs are in the directory \"" + SHARED + "\".\n";

    private StoreDirectory() {}

    /** Returns whether a directory holds a store. */
    static boolean isStore(Path directory) {
        return Files.isRegularFile(directory.resolve(MARKER));
    }

    /**
     * Returns the directory of the shared log. Creates the directory of the store, durably, if it may.
     *
     * @throws LogException if the directory holds something else
     */
    static Path prepare(Path directory, boolean create) throws IOException {
        if (isStore(directory)) return directory.resolve(SHARED);
        boolean interrupted = Thread.interrupted(); // an interrupt would close the channels
        try {
            return make(directory, create);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static Path make(Path directory, boolean create) throws IOException {
        if (Files.isDirectory(directory)) {
            List<Path> content;
            try (Stream<Path> files = Files.list(directory)) {
                content = files.limit(1).toList();
            }
            if (!content.isEmpty()) {
                throw new NotAStoreException(directory + " is not a store: it holds "
                        + content.get(0).getFileName() + ", and no file " + MARKER
                        + ". Nothing was changed. Open a log with FileLog.open, or name another directory.");
            }
        }
        if (!create) throw new NoSuchFileException(directory.toString(), null, "no store is there");
        Files.createDirectories(directory);
        Path marker = directory.resolve(MARKER);
        Path unfinished = directory.resolve(MARKER + ".tmp");
        try (FileChannel file = FileChannel.open(
                unfinished,
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING)) {
            file.write(UTF_8.encode(TEXT));
            file.force(true);
        }
        Files.move(unfinished, marker, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
        sync(directory);
        Path parent = directory.toAbsolutePath().getParent();
        if (parent != null) {
            sync(parent);
        }
        return directory.resolve(SHARED);
    }

    private static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** The directory does not hold a store. */
    static final class NotAStoreException extends LogException {
        private static final long serialVersionUID = 1L;

        NotAStoreException(String message) {
            super(message);
        }
    }
}
