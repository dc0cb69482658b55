package dev.holdfast.cli.copy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The directory of a copy. The copy is assembled in a directory with another name, which is renamed when the copy is
 * complete. An interrupted copy is therefore never taken for a log.
 */
public final class CopyTarget implements AutoCloseable {
    private static final String SUFFIX = ".partial";

    private final Path source;
    private final Path target;
    private final Path partial;
    private boolean begun;
    private boolean published;

    /** Names the directory of a copy, and the directory from which is copied. */
    public CopyTarget(Path source, Path target) {
        this.source = source;
        this.target = target.toAbsolutePath().normalize();
        this.partial = this.target.resolveSibling(this.target.getFileName() + SUFFIX);
    }

    /**
     * Creates the directory in which the copy is assembled.
     *
     * @throws FileAlreadyExistsException if the copy's name is taken
     * @throws FileSystemException if the copy would be inside the log's directory, where a copy must write nothing
     */
    public void begin() throws IOException {
        requireOutside();
        requireFree(target, "a copy needs a directory of its own, which must not exist yet");
        requireFree(
                partial,
                "another copy is being made there, or a killed copy left it behind: in that case "
                        + "delete it and try again");
        Files.createDirectory(partial, ownersAlone("rwx------"));
        begun = true;
    }

    /**
     * Checks that the copy is outside the log's directory. Compares directories by identity, because symbolic links and
     * mounts give a directory several names.
     */
    private void requireOutside() throws IOException {
        Path parent = target.getParent();
        for (Path above = parent == null ? null : parent.toRealPath(); above != null; above = above.getParent()) {
            if (Files.isSameFile(above, source)) {
                throw new FileSystemException(
                        target.toString(),
                        null,
                        "is inside the log's directory, where a copy must write nothing: choose a directory "
                                + "outside of it");
            }
        }
    }

    private static void requireFree(Path path, String otherwise) throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(path.toString(), null, otherwise);
        }
    }

    /** Returns the directory of the copy until it gets its final name. */
    public Path unnamed() {
        return partial;
    }

    /** Renames the copy to its final name, durably. */
    public void publish() throws IOException {
        requireFree(target, "it was created while the copy was made");
        Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
        published = true;
        sync(Objects.requireNonNull(target.getParent()));
    }

    static void sync(Path directory) throws IOException {
        try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
            names.force(true);
        }
    }

    static FileAttribute<?>[] ownersAlone(String permissions) {
        boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        return posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }

    /** Deletes the copy, unless {@link #publish} has given it its final name. */
    @Override
    public void close() throws IOException {
        if (begun && !published) {
            try (Stream<Path> files = Files.list(partial)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(partial);
        }
    }
}
