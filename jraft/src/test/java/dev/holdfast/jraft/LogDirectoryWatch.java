package dev.holdfast.jraft;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.file.FileLogOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A storage in a directory, with access to its logs. */
final class LogDirectoryWatch {
    private static final class Watched implements LogPlace {
        private final LogDirectory directory;
        private @Nullable Log log;

        Watched(Path path) {
            directory = new LogDirectory(path, FileLogOptions.builder().build());
        }

        @Override
        public Log open() throws IOException {
            log = directory.open();
            return log;
        }

        @Override
        public boolean exists() throws IOException {
            return directory.exists();
        }

        @Override
        public String toString() {
            return directory.toString();
        }
    }

    private static final EntryCodec NO_CONFIGURATIONS = new EntryCodec() {
        @Override
        public boolean isConfiguration(byte[] encoded) {
            return false;
        }

        @Override
        public EncodedEntry placeholder(long index) {
            return new EncodedEntry(index, false, new byte[1]);
        }
    };

    private final Watched entries;
    private final Watched notes;
    private final Watched pieces;

    LogDirectoryWatch(Path path) {
        entries = new Watched(path.resolve("entries"));
        notes = new Watched(path.resolve("notes"));
        pieces = new Watched(path.resolve("pieces"));
    }

    EntryLog open() throws IOException {
        return EntryLog.open(entries, notes, pieces, NO_CONFIGURATIONS);
    }

    Log entries() {
        return Objects.requireNonNull(entries.log);
    }

    Log notes() {
        return Objects.requireNonNull(notes.log);
    }
}
