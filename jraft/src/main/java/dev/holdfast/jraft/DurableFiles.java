package dev.holdfast.jraft;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/** Directories and names that survive power failure. */
final class DurableFiles {
    private DurableFiles() {}

    /** Makes a directory and those above it, unless they exist. */
    static void makeDirectories(Path directory) throws IOException {
        Path absolute = directory.toAbsolutePath().normalize();
        if (!Files.isDirectory(absolute)) {
            Path parent = parentOf(absolute);
            makeDirectories(parent);
            Files.createDirectory(absolute);
            sync(parent);
        }
    }

    static Path parentOf(Path absolute) {
        return Objects.requireNonNull(absolute.getParent());
    }

    /** Syncs a file, or the names in a directory. An interrupt is remembered and does not end it. */
    static void sync(Path fileOrDirectory) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                interrupted |= Thread.interrupted();
                try (FileChannel channel = FileChannel.open(fileOrDirectory, StandardOpenOption.READ)) {
                    channel.force(true);
                    return;
                } catch (ClosedByInterruptException e) {
                    // The interrupt closed the channel, and perhaps before the sync: again.
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
