package dev.holdfast.jraft;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Keeps RocksDB out of a directory that holds a Holdfast log. If a node starts without Holdfast on its class path,
 * JRaft falls back to RocksDB. RocksDB would create an empty log, and the node would vote without the entries that it
 * has acknowledged.
 *
 * <p>The guard is a directory named {@code LOCK}. RocksDB first tries to lock a file of this name, and fails with
 * "LOCK: Is a directory", so it can neither open nor destroy a database there. The guard is not named {@code CURRENT},
 * because this class, and earlier versions of this library, recognise a log of RocksDB by a file of that name.
 */
final class RocksDbGuard {
    private static final String GUARD = "LOCK";
    private static final String WORDS = "README";
    private static final String TEXT = """
            The directory above contains the log of a SOFAJRaft node, written by Holdfast. RocksDB cannot open a log
            there as long as this LOCK is a directory. Do not delete it.

            If a node fails with "LOCK: Is a directory", holdfast-jraft is not on its class path, or the node is
            configured with another JRaftServiceFactory. Put holdfast-jraft back. With an empty log of RocksDB the node
            would vote without the entries that it has acknowledged, and the group could lose them.
            """;

    private RocksDbGuard() {}

    /** Returns whether a directory contains a log of RocksDB. */
    static boolean holdsRocksDb(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return false;
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .anyMatch(name -> name.equals("CURRENT") || name.startsWith("MANIFEST-"));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** Returns whether a directory contains a log of Holdfast. */
    static boolean holdsHoldfast(Path directory) throws IOException {
        for (String log : List.of("entries", "notes", "pieces")) {
            if (LogDirectory.holdsSegment(directory.resolve(log))) {
                return true;
            }
        }
        return false;
    }

    /**
     * Checks that a directory does not contain both a log of Holdfast and a log of RocksDB.
     *
     * @throws IOException if the directory contains both
     */
    static void requireOneLog(Path directory) throws IOException {
        if (holdsRocksDb(directory) && holdsHoldfast(directory)) {
            throw new IOException(
                    directory + " contains two logs, expected one: a log of Holdfast (entries, notes) and a log of "
                            + "RocksDB (CURRENT, MANIFEST). Usually the node was started without holdfast-jraft on "
                            + "its class path, and RocksDB created a new, empty log, with which the node voted. Each "
                            + "of the two logs may lack entries that the other has acknowledged, so neither was "
                            + "opened or copied. Delete neither, and do not start the node on one of them. While a "
                            + "majority of the other nodes is intact: stop this node, move its directories aside, "
                            + "remove it from its group, and add it again with an empty log, no votes and no "
                            + "snapshots (\"Damage\" in docs/raft.md). Otherwise, first of all, keep a copy of the "
                            + "directories of all nodes");
        }
    }

    /**
     * Creates the guard in a directory. Creates the directory too if it is missing. On return the guard is durable.
     *
     * @throws IOException if the guard cannot be created; nothing else in the directory has changed
     */
    static void put(Path directory) throws IOException {
        DurableFiles.makeDirectories(directory);
        Path guard = directory.resolve(GUARD);
        if (Files.isRegularFile(guard, LinkOption.NOFOLLOW_LINKS) && Files.size(guard) == 0) {
            // A failed attempt of RocksDB to open a log left this empty file. RocksDB has no log here, so no process
            // has it open.
            Files.delete(guard);
        }
        if (Files.exists(guard, LinkOption.NOFOLLOW_LINKS) && !Files.isDirectory(guard, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException(
                    guard + " is a file, expected a directory or nothing: Holdfast creates a directory of that name "
                            + "to keep RocksDB from creating an empty log beside this one. Move the file away");
        }
        if (!Files.exists(guard)) {
            DurableFiles.makeDirectory(guard);
        }
        // Sync even if the guard existed: a killed process may have left it unsynced.
        DurableFiles.sync(directory);
        Path words = guard.resolve(WORDS);
        if (!Files.exists(words) || Files.size(words) == 0) {
            try (FileOutputStream file = new FileOutputStream(words.toFile())) {
                file.write(TEXT.getBytes(StandardCharsets.UTF_8));
                file.getFD().sync();
            }
            DurableFiles.sync(guard);
        }
    }
}
