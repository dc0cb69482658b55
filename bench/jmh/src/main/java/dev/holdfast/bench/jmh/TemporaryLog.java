package dev.holdfast.bench.jmh;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.memory.MemoryLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A log in a temporary directory, which is deleted with it. The directory is created in the working directory. */
record TemporaryLog(Path directory, Log log) {
    static final TemporaryLog NONE = new TemporaryLog(Path.of("none"), new MemoryLog());

    static Path newDirectory() throws IOException {
        return Files.createTempDirectory(Path.of("."), "jmh-log-");
    }

    void delete() throws IOException {
        log.close();
        try (Stream<Path> files = Files.walk(directory)) {
            List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
            for (Path file : deepestFirst) {
                Files.delete(file);
            }
        }
    }
}
