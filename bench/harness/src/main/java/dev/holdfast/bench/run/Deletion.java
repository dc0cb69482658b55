package dev.holdfast.bench.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Removes the files of the benchmark from the disk. */
public final class Deletion {
    private Deletion() {}

    /** Deletes a file, or a directory with its content. Does nothing if the path does not exist. */
    public static void of(Path path) throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (NoSuchFileException e) {
            // A background thread of a contender deletes files here, too.
        }
    }

    /**
     * Lets the operating system write out all dirty pages. Without the command {@code sync}, the system does so in its
     * own time.
     */
    static void syncAll() throws InterruptedException {
        try {
            new ProcessBuilder(List.of("sync")).start().waitFor();
        } catch (IOException e) {
            // The command does not exist here.
        }
    }
}
