package dev.holdfast.jraft;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.file.FileLog;
import dev.holdfast.wal.file.FileLogOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** A log in a directory of the file system. */
record LogDirectory(Path path, FileLogOptions options) implements LogPlace {
    @Override
    public Log open() throws IOException {
        return FileLog.open(path, options);
    }

    @Override
    public boolean exists() throws IOException {
        return holdsSegment(path);
    }

    /**
     * Returns whether a directory contains a segment, and thus a log, because every log has at least one segment.
     * Without a segment, the directory is the remainder of a deleted log, or of a failed attempt to create a log.
     */
    static boolean holdsSegment(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return false;
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.anyMatch(file -> file.toString().endsWith(".seg"));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
