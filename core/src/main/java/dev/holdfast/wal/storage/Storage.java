package dev.holdfast.wal.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A flat directory of files: the interface between the log and the disk. <em>Written</em> bytes are visible to readers
 * and survive a kill of the process. <em>Synced</em> bytes also survive a power failure.
 *
 * <ol>
 *   <li>{@link WritableFile#writeSynced} syncs the bytes that it writes. {@link WritableFile#sync} syncs the file's
 *       length and all bytes written before. Until then a power failure may lose any subset of the written sectors, and
 *       may tear a sector.
 *   <li>Only {@link #sync()} syncs names (create, rename, delete). Until then a power failure may lose any subset of
 *       these changes, in any order. A name that survives refers to its file, with those bytes of the file that were
 *       synced.
 *   <li>After a failed sync, written bytes may stay visible and yet never reach the disk, even if a later sync
 *       succeeds. Only writing them again helps.
 *   <li>A write damages nothing outside its range.
 * </ol>
 *
 * <p>{@link Thread#interrupt} neither ends a call nor closes a file, and the interrupt flag stays set. Thread-safe.
 */
public interface Storage extends AutoCloseable {
    /** Name of the file that {@link #lock} uses. {@link #list} omits it. */
    String LOCK_NAME = "LOCK";

    /** Returns the path of this directory, for messages. */
    String name();

    /**
     * Locks the directory: from now until {@link #close}, no other writer can lock it.
     *
     * @throws dev.holdfast.wal.LogLockedException if a writer holds the lock; the message names its process
     */
    void lock() throws IOException;

    /** Returns a phrase that names the process that holds the lock, if one is detected. Takes no lock. */
    Optional<String> holder() throws IOException;

    /** Writes up to 40 bytes for {@link #hint} of all processes, without a sync. Only the holder of the lock may. */
    void publish(byte[] hint) throws IOException;

    /** Returns what was published since the lock was last taken: nothing, a hint, or a mixture of two hints. */
    ByteBuffer hint();

    /** Returns the files in no particular order. A new name is listed at once, synced or not. */
    List<StoredFile> list() throws IOException;

    /**
     * Returns a stamp that changes with every name that is created, renamed or deleted. If two calls return equal
     * stamps, the names in {@link #list} did not change between the calls. Empty if no reliable stamp exists, for
     * example just after a change; then the caller has to list the directory.
     */
    default Optional<Object> namesStamp() throws IOException {
        return Optional.empty();
    }

    /**
     * Returns a key that identifies a regular file independently of its name and its bytes. Two existing files never
     * have equal keys. Empty if there is no such file, or if the platform has no such key.
     */
    default Optional<Object> identity(String name) throws IOException {
        return Optional.empty();
    }

    /** Returns the file with this name, if {@link #list} contains it. */
    default Optional<StoredFile> find(String name) throws IOException {
        return list().stream().filter(file -> file.name().equals(name)).findFirst();
    }

    /**
     * Creates an empty file that only its owner can read.
     *
     * @throws java.nio.file.FileAlreadyExistsException if the name exists
     * @throws NoSpaceException if the disk is full
     */
    WritableFile create(String name) throws IOException;

    /**
     * Opens an existing regular file for writing in place. Symbolic links are not followed.
     *
     * @throws java.nio.file.NoSuchFileException if the file does not exist
     */
    WritableFile openForWriting(String name) throws IOException;

    /**
     * Opens an existing regular file for reading. The file stays readable after it is deleted or renamed.
     *
     * @throws java.nio.file.NoSuchFileException if the file does not exist
     */
    ReadableFile openForReading(String name) throws IOException;

    /**
     * Opens a file that {@link #list} or {@link #find} has just returned, as {@link #openForReading(String)} does. May
     * rely on the attributes in the list instead of reading them again.
     */
    default ReadableFile openForReading(StoredFile listed) throws IOException {
        return openForReading(listed.name());
    }

    /** Renames a file atomically. No file may have the new name yet. */
    void rename(String from, String to) throws IOException;

    void delete(String name) throws IOException;

    /** Syncs all names created, renamed or deleted before, so that they survive a power failure. */
    void sync() throws IOException;

    /** Returns the number of free bytes on the disk, if known. Some of them may be reserved for other users. */
    default OptionalLong freeBytes() {
        return OptionalLong.empty();
    }

    /** Returns whether files can have holes, so that blocks which are never written cost neither space nor time. */
    default boolean leavesHoles() {
        return true;
    }

    /** Releases the lock and all resources of this object, but does not close opened files. Idempotent. */
    @Override
    void close() throws IOException;
}
