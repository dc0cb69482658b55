package dev.holdfast.wal.storage;

import dev.holdfast.wal.DiskFullException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Distinguishes a full disk from a broken disk. The JDK reports both as an {@link IOException} with the system's
 * message, in the system's language. The message is therefore compared with that of a write to the device
 * {@code /dev/full}, which always fails because it is full.
 */
final class FullDisk {
    private static final List<String> KNOWN_WORDS =
            List.of("No space left on device", "Disk quota exceeded", "not enough space on the disk");

    private FullDisk() {}

    /**
     * Returns whether a write failed because the disk or the owner's quota is full.
     *
     * @param directory a directory on that disk
     * @param bytes number of bytes that the write was given
     */
    static boolean caused(IOException failure, Path directory, long bytes) {
        String reason = failure instanceof FileSystemException named ? named.getReason() : failure.getMessage();
        String words = reason == null ? "" : reason;
        if (KNOWN_WORDS.stream().anyMatch(words::contains)) return true;
        if (WordsHere.OF_A_FULL_DISK != null) return words.contains(WordsHere.OF_A_FULL_DISK);
        try {
            return Files.getFileStore(directory).getUsableSpace() <= bytes;
        } catch (IOException e) {
            return false;
        }
    }

    /** Returns a {@link DiskFullException} if opening a log failed because the disk is full, else the failure. */
    static IOException orFailure(IOException failure, Path missing, Path directory) {
        if (!caused(failure, directory, 0)) return failure;
        return new DiskFullException(
                missing
                        + ": cannot be created because the disk is full, so the log was not opened. Nothing was changed. Free some space and open "
                        + directory + " again.",
                failure);
    }

    /** The system's message for a full disk, determined once, on first use. */
    private static final class WordsHere {
        static final @Nullable String OF_A_FULL_DISK = ask(Path.of("/dev/full"));

        private static @Nullable String ask(Path device) {
            try {
                // A bare container may lack the device. A file of this name must not be written to.
                if (Files.readAttributes(device, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                        .isOther()) {
                    try (var full = new UninterruptibleFile(device, Set.of(StandardOpenOption.WRITE))) {
                        full.write(0, ByteBuffer.allocateDirect(1));
                    }
                }
                return null;
            } catch (FileSystemException e) {
                return null; // not opened: missing in a bare container, not permitted, or too many open files
            } catch (IOException e) {
                return e.getMessage() == null || e.getMessage().isBlank() ? null : e.getMessage();
            }
        }
    }
}
