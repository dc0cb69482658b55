package dev.holdfast.wal.storage;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A flat directory of files: the seam between the log and the disk. Its contract keeps apart what is <em>written</em>
 * (readers see it, a kill of the process leaves it) from what is <em>synced</em> (a power failure leaves it too):
 *
 * <ol>
 *   <li>Bytes of a file are synced by {@link WritableFile#writeSynced} (its own bytes alone) and by
 *       {@link WritableFile#sync} (all written before, the file's length included). Before that any subset of the
 *       written sectors may be lost, and a sector may be torn.
 *   <li>Names (create, rename, delete) are synced by {@link #sync()}, and by nothing else. Before that any subset of
 *       them may be lost, in any order. A name that survives refers to its file, with those of the file's bytes that
 *       were synced.
 *   <li>After a failed sync the written bytes may stay visible and yet never reach the disk, even if a later sync
 *       succeeds. Only writing them again helps.
 *   <li>A write damages nothing outside its range.
 * </ol>
 *
 * <p>No call is ended by {@link Thread#interrupt}, none closes a file because of one, and the flag stays set.
 * Thread-safe.
 */
public interface Storage extends AutoCloseable {
    /** The name of the file that {@link #lock} uses; it is not listed. */
    String LOCK_NAME = "LOCK";

    /** What messages call this directory: its path. */
    String name();

    /**
     * Takes the directory for the only writer; {@link #close} gives it back.
     *
     * @throws dev.holdfast.wal.LogLockedException if someone has it, in this process or another; the message names the
     *     holder
     */
    void lock() throws IOException;

    /**
     * Who has the directory locked for writing as far as can be told without locking it: a phrase for messages. Empty:
     * nobody.
     */
    Optional<String> holder() throws IOException;

    /** The files, in no order. A name is listed once it exists, synced or not. */
    List<StoredFile> list() throws IOException;

    /**
     * Changes with every name that is created, renamed or deleted: while two calls return equal stamps, {@link #list}
     * has the names that it had at any moment between them. Empty if that cannot be told, as right after a change: then
     * only a listing tells.
     */
    default Optional<Object> namesStamp() throws IOException {
        return Optional.empty();
    }

    /**
     * Tells the regular file that has a name from every other file, whatever its name and its bytes. Empty if that
     * cannot be told.
     */
    default Optional<Object> identity(String name) throws IOException {
        return Optional.empty();
    }

    /** The file with this name, if it is listed. */
    default Optional<StoredFile> find(String name) throws IOException {
        return list().stream().filter(file -> file.name().equals(name)).findFirst();
    }

    /**
     * Makes a new empty file, readable by its owner alone.
     *
     * @throws java.nio.file.FileAlreadyExistsException if the name exists
     * @throws NoSpaceException if there is no room
     */
    WritableFile create(String name) throws IOException;

    /**
     * Opens an existing regular file for writing in place. Symbolic links are not followed.
     *
     * @throws java.nio.file.NoSuchFileException if there is none
     */
    WritableFile openForWriting(String name) throws IOException;

    /**
     * Opens an existing regular file for reading. It stays readable after it was deleted or renamed.
     *
     * @throws java.nio.file.NoSuchFileException if there is none
     */
    ReadableFile openForReading(String name) throws IOException;

    /** Gives a file another name, which no file has yet, in one step. */
    void rename(String from, String to) throws IOException;

    /** Removes a name. */
    void delete(String name) throws IOException;

    /** Returns when all creations, renames and deletions before it survive a power failure. */
    void sync() throws IOException;

    /** How many bytes are free on the disk, for comparisons: some may be for others. Empty if that is unknown. */
    default OptionalLong freeBytes() {
        return OptionalLong.empty();
    }

    /**
     * Gives back the lock and all that this object itself holds; files that were opened are their openers' to close.
     * Idempotent.
     */
    @Override
    void close() throws IOException;
}
