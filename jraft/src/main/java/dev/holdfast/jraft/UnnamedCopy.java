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
 * The directory in which a copy is put together. It gets the name that was asked for when it is whole: a copy that was
 * killed is never taken for the log of a node, which would have forgotten what is missing in it.
 *
 * @param path where the copy is before it gets its name
 */
record UnnamedCopy(Path path, Path target) {
    private static final String SUFFIX = ".partial";

    /**
     * Makes the directory, and those above it.
     *
     * @throws FileAlreadyExistsException if its name or the target's is taken
     */
    static UnnamedCopy begin(Path target) throws IOException {
        Path absolute = target.toAbsolutePath().normalize();
        requireFree(absolute, "it exists already; the target of a copy is a new directory");
        Path path = absolute.resolveSibling(absolute.getFileName() + SUFFIX);
        requireFree(
                path,
                "another copy is being made there, or one that was killed has left it behind: then delete it and try again");
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
     * Gives the copy its name, after everything in it is on the disk: what a storage has synced by itself is its own
     * affair.
     */
    void publish() throws IOException {
        try (Stream<Path> paths = Files.walk(path)) {
            for (Path each : paths.toList()) {
                DurableFiles.sync(each);
            }
        }
        requireFree(target, "it has been made while the copy was put together");
        Files.move(path, target, StandardCopyOption.ATOMIC_MOVE);
        DurableFiles.sync(DurableFiles.parentOf(target));
    }

    /** Removes what there is of a copy that failed and has no name yet. */
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
