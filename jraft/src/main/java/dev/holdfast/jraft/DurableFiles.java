package dev.holdfast.jraft;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;

/** Directories and names that survive power failure. */
final class DurableFiles {
    private DurableFiles() {}

    /**
     * Makes a directory and those above it, each its owner's alone, unless they exist or somebody else makes them
     * meanwhile.
     */
    static void makeDirectories(Path directory) throws IOException {
        Path absolute = directory.toAbsolutePath().normalize();
        if (!Files.isDirectory(absolute)) {
            Path parent = parentOf(absolute);
            makeDirectories(parent);
            try {
                makeDirectory(absolute);
            } catch (FileAlreadyExistsException e) {
                if (!Files.isDirectory(absolute)) {
                    throw e;
                }
            }
            sync(parent);
        }
    }

    /** Makes a directory that is its owner's alone; its name is not synced. */
    static void makeDirectory(Path directory) throws IOException {
        boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        if (posix) {
            Files.createDirectory(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } else {
            Files.createDirectory(directory);
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
