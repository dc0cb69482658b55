package dev.holdfast.bench.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Leaves the disk as it was found. */
public final class Deletion {
    private Deletion() {}

    /** Deletes a file, or a directory with all that is in it; does nothing where there is none. */
    public static void of(Path path) throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (NoSuchFileException e) {
            // Somebody else deletes here, too: a contender's background thread.
        }
    }

    /**
     * Has the operating system write out all that is dirty. Where there is no such command it will do so in its own
     * time.
     */
    static void syncAll() throws InterruptedException {
        try {
            new ProcessBuilder(List.of("sync")).start().waitFor();
        } catch (IOException e) {
            // Not here, then.
        }
    }
}
