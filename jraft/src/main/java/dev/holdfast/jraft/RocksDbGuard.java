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
 * JRaft takes RocksDB, which would make an empty log there, and the node would vote without the entries that it
 * acknowledged.
 *
 * <p>The guard is a directory with the name of the file that RocksDB locks first. RocksDB then fails to open and to
 * destroy its database ("LOCK: Is a directory"). It is not called {@code CURRENT}: that name tells a log of RocksDB,
 * for earlier versions of this storage, too.
 */
final class RocksDbGuard {
    private static final String GUARD = "LOCK";
    private static final String WORDS = "README";
    private static final String TEXT = """
            The directory above holds the log of a SOFAJRaft node, written by Holdfast. RocksDB cannot open a log
            there as long as this LOCK is a directory. Leave it in place.

            If a node fails with "LOCK: Is a directory", holdfast-jraft is not on its class path, or the node was told
            to use another JRaftServiceFactory. Put holdfast-jraft back. An empty log of RocksDB would let the node
            vote without the entries that it has acknowledged, and the group could lose them.
            """;

    private RocksDbGuard() {}

    /** Whether RocksDB has made a log in a directory. */
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

    /** Whether Holdfast has made a log in a directory. */
    static boolean holdsHoldfast(Path directory) throws IOException {
        for (String log : List.of("entries", "notes", "pieces")) {
            if (LogDirectory.holdsSegment(directory.resolve(log))) {
                return true;
            }
        }
        return false;
    }

    /** Refuses a directory in which both have made a log. */
    static void requireOneLog(Path directory) throws IOException {
        if (holdsRocksDb(directory) && holdsHoldfast(directory)) {
            throw new IOException(
                    directory + " holds two logs, expected one: a log of Holdfast (entries, notes) and a log of RocksDB"
                            + " (CURRENT, MANIFEST). Usually the node was started without holdfast-jraft on its class path, and"
                            + " RocksDB made a new, empty log, with which the node voted. Each of the two may lack entries that"
                            + " the other has acknowledged, so neither was opened or copied. Delete neither, and do not start the"
                            + " node on one of them. While a majority of the other nodes is whole: stop this node, move its"
                            + " directories aside, remove it from its group, and add it again with an empty log, no votes and no"
                            + " snapshots (\"Damage\" in docs/raft.md). If it is not, keep a copy of the directories of all nodes"
                            + " before anything else");
        }
    }

    /**
     * Puts the guard into a directory, which is made if it is missing. When this returns the guard survives power
     * failure.
     *
     * @throws IOException if the guard cannot be made; nothing that was in the directory has changed
     */
    static void put(Path directory) throws IOException {
        DurableFiles.makeDirectories(directory);
        Path guard = directory.resolve(GUARD);
        if (Files.isRegularFile(guard, LinkOption.NOFOLLOW_LINKS) && Files.size(guard) == 0) {
            // What RocksDB leaves of an attempt to open a log there: nobody has it open, since there is no log.
            Files.delete(guard);
        }
        if (Files.exists(guard, LinkOption.NOFOLLOW_LINKS) && !Files.isDirectory(guard, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException(
                    guard + " is a file, expected a directory or nothing: Holdfast makes a directory of that name to"
                            + " keep RocksDB from making an empty log beside this one. Move the file away");
        }
        if (!Files.exists(guard)) {
            DurableFiles.makeDirectory(guard);
        }
        // Also if it was there: a process that was killed may have left it unsynced.
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
