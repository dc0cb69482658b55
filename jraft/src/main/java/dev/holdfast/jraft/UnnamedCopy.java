package dev.holdfast.jraft;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * The directory in which a copy of a log is assembled. The directory is renamed to its target when the copy is
 * complete. If the process is killed before, no node can be started on the incomplete copy.
 *
 * @param path the directory before the rename
 * @param target the final name of the directory
 */
record UnnamedCopy(Path path, Path target) {
    private static final String SUFFIX = ".partial";

    /**
     * Creates the directory and its parents.
     *
     * @throws FileAlreadyExistsException if the target, or a directory with the name before the rename, exists already
     */
    static UnnamedCopy begin(Path target) throws IOException {
        Path absolute = target.toAbsolutePath().normalize();
        requireFree(absolute, "it already exists; the target of a copy must be a new directory");
        Path path = absolute.resolveSibling(absolute.getFileName() + SUFFIX);
        requireFree(
                path,
                "another copy is being made there, or a killed copy left it behind: in that case "
                        + "delete it and try again");
        DurableFiles.makeDirectories(DurableFiles.parentOf(absolute));
        DurableFiles.makeDirectory(path);
        return new UnnamedCopy(path, absolute);
    }

    private static void requireFree(Path path, String otherwise) throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(path.toString(), null, otherwise);
        }
    }

    /**
     * Syncs every file of the copy and renames the copy to its target, durably. Syncs even the files that the log
     * storages have already synced.
     */
    void publish() throws IOException {
        try (Stream<Path> paths = Files.walk(path)) {
            for (Path each : paths.toList()) {
                DurableFiles.sync(each);
            }
        }
        requireFree(target, "it was created while the copy was made");
        Files.move(path, target, StandardCopyOption.ATOMIC_MOVE);
        DurableFiles.sync(DurableFiles.parentOf(target));
    }

    /** Deletes a failed copy that has not been renamed. */
    void remove(Throwable failure) {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }
}
