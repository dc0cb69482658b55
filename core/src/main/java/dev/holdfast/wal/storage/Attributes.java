package dev.holdfast.wal.storage;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Reads the attributes of files, and defines the permissions of new files and directories: for their owner alone. */
final class Attributes {
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final long FINE_TICK_NANOS = 50 * NANOS_PER_MILLI;
    private static final long COARSE_TICK_NANOS = 2_100 * NANOS_PER_MILLI;

    /** Whether this platform has the attributes of Unix, such as inodes. */
    static final boolean UNIX =
            FileSystems.getDefault().supportedFileAttributeViews().contains("unix");

    /** The permissions of a new file and of a new directory, or none on a platform without permissions. */
    static final FileAttribute<?>[] OF_NEW_FILE = permissions("rw-------");

    static final FileAttribute<?>[] OF_NEW_DIRECTORY = permissions("rwx------");

    private Attributes() {}

    /** Reads the attributes of a name, without following a symbolic link. Empty if there is no such name. */
    static Optional<StoredFile> read(Path file) throws IOException {
        // One system call. The standard attributes lack the number of links.
        String wanted = UNIX ? "unix:size,isRegularFile,nlink" : "size,isRegularFile";
        try {
            Map<String, Object> all = Files.readAttributes(file, wanted, LinkOption.NOFOLLOW_LINKS);
            int links = UNIX ? (int) value(all, "nlink") : 1;
            String name = file.getFileName().toString();
            return Optional.of(
                    new StoredFile(name, (long) value(all, "size"), links, (boolean) value(all, "isRegularFile")));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /**
     * Returns a key of a regular file, the same for all of its names: device and inode. Empty if there are no inodes.
     *
     * @throws FileSystemException if the file is not regular, for example a symbolic link
     */
    static Optional<Object> keyOfRegular(Path file) throws IOException {
        BasicFileAttributes basic = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!basic.isRegularFile()) {
            String kind = basic.isDirectory() ? "a directory" : "a device, pipe or socket";
            String found = "this is " + (basic.isSymbolicLink() ? "a symbolic link" : kind);
            throw new FileSystemException(
                    file.toString(), null, found + ", expected a regular file (symbolic links are not followed)");
        }
        return Optional.ofNullable(basic.fileKey());
    }

    /** Returns the same key as {@link #keyOfRegular}. Empty also if the file does not exist. */
    static Optional<Object> keyIfExists(Path file) throws IOException {
        try {
            return keyOfRegular(file);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** Returns device and inode of LOCK and the inode of its directory, as written in LOCK. Empty without inodes. */
    static String placeOfLock(Path directory) throws IOException {
        if (!UNIX) return "";
        Path file = directory.resolve(Storage.LOCK_NAME);
        Map<String, Object> lock = Files.readAttributes(file, "unix:dev,ino", LinkOption.NOFOLLOW_LINKS);
        Map<String, Object> parent = Files.readAttributes(directory, "unix:ino");
        return String.join(".", word(lock, "dev"), word(lock, "ino"), word(parent, "ino"));
    }

    private static String word(Map<String, Object> all, String name) {
        return Long.toUnsignedString((long) value(all, name), Character.MAX_RADIX);
    }

    /**
     * Returns a stamp of the names in a directory: the directory's key and the time of the last change of a name. Empty
     * if the last change is so recent that another change might get the same time: within one clock tick, or within two
     * seconds if the file system seems to store only whole milliseconds or seconds.
     */
    static Optional<Object> stampOfNames(Path directory) throws IOException {
        BasicFileAttributes basic = Files.readAttributes(directory, BasicFileAttributes.class);
        long changed = basic.lastModifiedTime().to(TimeUnit.NANOSECONDS);
        long tick = changed % NANOS_PER_MILLI == 0 ? COARSE_TICK_NANOS : FINE_TICK_NANOS;
        boolean settled = System.currentTimeMillis() * NANOS_PER_MILLI - changed > tick;
        Object key = basic.fileKey();
        return settled && key != null ? Optional.of(List.of(key, changed)) : Optional.empty(); // seam: stamp-settled
    }

    private static Object value(Map<String, Object> all, String name) {
        return Objects.requireNonNull(all.get(name), name);
    }

    private static FileAttribute<?>[] permissions(String text) {
        if (!UNIX) return new FileAttribute<?>[0];
        return new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(text))};
    }
}
