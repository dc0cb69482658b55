package dev.holdfast.jraft;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.file.FileLog;
import dev.holdfast.wal.file.FileLogOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A log in a directory. */
record LogDirectory(Path path, FileLogOptions options) implements LogPlace {
    @Override
    public Log open() throws IOException {
        return FileLog.open(path, options);
    }

    @Override
    public boolean exists() {
        return Files.isDirectory(path);
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
