package dev.holdfast.wal.storage;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.AccessMode;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.Set;

/** Makes directories that survive a power failure, and syncs the names in one. */
final class Directories {
    private Directories() {}

    /**
     * Makes a directory and those above it where they are missing, each its owner's alone and with its parent synced.
     *
     * @return its real path
     * @throws NotDirectoryException if something else has this name
     */
    static Path make(Path directory) throws IOException {
        Deque<Path> missing = new ArrayDeque<>();
        Path existing = directory.toAbsolutePath();
        while (!Files.exists(existing)) {
            missing.push(existing);
            existing = existing.getParent();
            if (existing == null) throw new NoSuchFileException(directory.toString(), null, "it has no root");
        }
        requireDirectory(existing);
        if (!missing.isEmpty() || !Files.exists(existing.resolve(Storage.LOCK_NAME))) syncParentOfExisting(existing);
        for (Path made : missing) {
            try {
                Files.createDirectory(made, Attributes.ofNewDirectory());
            } catch (FileAlreadyExistsException e) {
                requireDirectory(made); // another process was faster, and may not have synced it yet
            } catch (AccessDeniedException e) {
                throw denied(made, "making this directory is not permitted", e);
            } catch (IOException e) {
                throw FullDisk.orFailure(e, made, existing);
            }
            sync(Objects.requireNonNull(made.getParent()));
        }
        return directory.toRealPath();
    }

    /**
     * Returns the real path of a directory whose files can be listed.
     *
     * @throws NoSuchFileException if there is none
     * @throws NotDirectoryException if it is something else
     * @throws AccessDeniedException if it may not be read
     */
    static Path existing(Path directory) throws IOException {
        Path real = real(directory);
        requireDirectory(real);
        try {
            real.getFileSystem().provider().checkAccess(real, AccessMode.READ, AccessMode.EXECUTE);
        } catch (AccessDeniedException e) {
            throw denied(directory, "reading this directory is not permitted", e);
        }
        return real;
    }

    /** Returns when the names in a directory survive a power failure. Not repeated if it fails. */
    static void sync(Path directory) throws IOException {
        try (UninterruptibleFile names = names(directory)) {
            try {
                names.sync();
            } catch (IOException e) {
                throw notSynced(directory, e);
            }
        }
    }

    /** A directory itself, to be synced. */
    static UninterruptibleFile names(Path directory) throws IOException {
        return UninterruptibleFile.open(directory, Set.of(StandardOpenOption.READ));
    }

    static IOException notSynced(Path directory, IOException cause) {
        return new IOException(
                directory + ": the directory could not be synced (" + cause.getMessage()
                        + "). New names in it may not"
                        + " survive a power failure, and deleted ones may come back. If its file system cannot sync"
                        + " directories at all, POWER_LOSS durability cannot be promised on it: keep the log on another one.",
                cause);
    }

    /**
     * Whoever made an existing directory may have been killed before the sync of its parent. A log in it that was
     * locked once was opened to the end, and so synced; otherwise that is made up for. The administrator may have made
     * it as well, where we may not read the parent or the parent cannot be synced: no reason to refuse the directory.
     */
    private static void syncParentOfExisting(Path existing) throws IOException {
        Path parent = existing.toRealPath().getParent();
        if (parent == null) return;
        try {
            sync(parent);
        } catch (IOException e) {
            // See above.
        }
    }

    private static void requireDirectory(Path path) throws IOException {
        try {
            if (Files.readAttributes(path, BasicFileAttributes.class).isDirectory()) return;
        } catch (NoSuchFileException e) {
            // A symbolic link that leads nowhere.
        }
        // The exception has no place for a reason.
        throw new NotDirectoryException(path + ": this is not a directory, and a log is one");
    }

    private static Path real(Path directory) throws IOException {
        try {
            return directory.toRealPath();
        } catch (NoSuchFileException e) {
            NoSuchFileException missing =
                    new NoSuchFileException(directory.toString(), null, "there is no such directory");
            missing.initCause(e);
            throw missing;
        } catch (AccessDeniedException e) {
            throw denied(directory, "a directory above it may not be read", e);
        }
    }

    static AccessDeniedException denied(Path path, String why, AccessDeniedException cause) {
        AccessDeniedException denied = new AccessDeniedException(path.toString(), null, why);
        denied.initCause(cause);
        return denied;
    }
}
