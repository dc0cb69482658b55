package dev.holdfast.wal.storage;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.AccessMode;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** Creates directories that survive a power failure, and syncs the names in a directory. */
final class Directories {
    private Directories() {}

    /** Creates a directory and missing parents for their owner alone. Syncs each parent. Returns the real path. */
    static Path make(Path directory) throws IOException {
        // If the directory contains LOCK, a log was opened in it before, and its parent was synced.
        if (!Files.exists(directory.resolve(Storage.LOCK_NAME))) makeMissing(directory.toAbsolutePath());
        return directory.toRealPath();
    }

    private static void makeMissing(Path directory) throws IOException {
        if (Files.exists(directory)) {
            requireDirectory(directory);
            syncParentOfExisting(directory); // seam: parent-sync
            return;
        }
        Path parent = directory.getParent();
        if (parent == null) throw new NoSuchFileException(directory.toString(), null, "the path has no root");
        makeMissing(parent);
        try {
            Files.createDirectory(directory, Attributes.OF_NEW_DIRECTORY);
        } catch (FileAlreadyExistsException e) {
            requireDirectory(directory); // another process created it first, and may not have synced it yet
        } catch (AccessDeniedException e) {
            throw denied(directory, "creating this directory is not permitted", e);
        } catch (IOException e) {
            throw FullDisk.orFailure(e, directory, parent);
        }
        sync(parent); // seam: directory-parent-sync
    }

    /** Returns the real path of an existing directory, and checks that its files can be listed. */
    static Path existing(Path directory) throws IOException {
        Path real;
        try {
            real = directory.toRealPath();
        } catch (NoSuchFileException e) {
            throw new NoSuchFileException(directory.toString(), null, "there is no such directory");
        } catch (AccessDeniedException e) {
            throw denied(directory, "a directory above it may not be read", e);
        }
        requireDirectory(real);
        try {
            real.getFileSystem().provider().checkAccess(real, AccessMode.READ, AccessMode.EXECUTE);
        } catch (AccessDeniedException e) {
            throw denied(directory, "reading this directory is not permitted", e);
        }
        return real;
    }

    /** Syncs the names in a directory, so that they survive a power failure. A failed sync is not repeated. */
    static void sync(Path directory) throws IOException {
        try (UninterruptibleFile names = UninterruptibleFile.openDirectory(directory)) {
            names.syncNames();
        }
    }

    /**
     * Syncs the parent of an existing directory, because the process that created the directory may have been killed
     * before that sync. A failure is ignored: an administrator may have created the directory, in a parent that this
     * user cannot read or that cannot be synced.
     */
    private static void syncParentOfExisting(Path existing) throws IOException {
        Path parent = existing.toRealPath().getParent();
        if (parent == null) return;
        try {
            sync(parent);
        } catch (IOException e) {
            // Ignored, see above.
        }
    }

    private static void requireDirectory(Path path) throws IOException {
        try {
            if (Files.readAttributes(path, BasicFileAttributes.class).isDirectory()) return;
        } catch (NoSuchFileException e) {
            // A symbolic link without a target.
        }
        // NotDirectoryException has no parameter for a reason.
        throw new NotDirectoryException(path + ": this is not a directory, but a log is a directory");
    }

    static AccessDeniedException denied(Path path, String why, IOException cause) {
        AccessDeniedException denied = new AccessDeniedException(path.toString(), null, why);
        denied.initCause(cause);
        return denied;
    }
}
