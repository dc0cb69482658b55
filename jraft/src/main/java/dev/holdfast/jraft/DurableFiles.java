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

/** Creates and syncs directories and files. */
final class DurableFiles {
    private DurableFiles() {}

    /**
     * Creates a directory and its missing parents, and syncs their names. Only their owner can access the new
     * directories. A directory that another process creates meanwhile is used unchanged.
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

    /** Creates a directory that only its owner can access. Does not sync the directory's name. */
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

    /**
     * Syncs a file, or the names in a directory. An interrupt does not end the sync. The thread's interrupt flag is set
     * again afterwards.
     */
    static void sync(Path fileOrDirectory) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                interrupted |= Thread.interrupted();
                try (FileChannel channel = FileChannel.open(fileOrDirectory, StandardOpenOption.READ)) {
                    channel.force(true);
                    return;
                } catch (ClosedByInterruptException e) {
                    // The interrupt closed the channel, perhaps before the sync: try again.
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
