package dev.holdfast.wal.storage;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.holdfast.wal.LogFilesChangedException;
import dev.holdfast.wal.LogLockedException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Lets one writer hold a directory, from {@link #take} to {@link #close}, by three mechanisms. Each of them has a gap:
 *
 * <ol>
 *   <li><b>A list in this process</b>, by real path and by device and inode of LOCK. Symbolic links, relative paths,
 *       bind mounts and renamed directories therefore do not bypass it. The inode of the directory is not sufficient,
 *       because after a delete another directory may get it; the inode of LOCK is in use while LOCK is open. The list
 *       also ensures that LOCK is closed only here: when a process closes <em>any</em> descriptor of a file, the kernel
 *       silently drops all locks of that process on the file.
 *   <li><b>The kernel's lock on the file LOCK</b>, against other processes, and against other machines if the file
 *       system propagates locks. It ends with the process, however the process ends.
 *   <li><b>The holder's name in LOCK</b>, in case other code in the holder's process (a backup, a class loaded twice)
 *       opened and closed LOCK, so that the kernel's lock was dropped. A process that gets the kernel's lock is still
 *       refused if LOCK names a holder that is running.
 * </ol>
 *
 * <p>The name also identifies the file it was written to, so it has no effect in a backup of a running log. A LOCK
 * deleted by hand while held is not detected at once, nor is a holder in another container or on another machine that
 * lost the kernel's lock. The holder itself detects both before it next changes a name, by {@link #requireHeld}
 * (docs/decisions, 15). This class never deletes LOCK: a process with the deleted file open would lock that file,
 * another process the new file.
 */
final class DirectoryLock implements AutoCloseable {
    /** Guards {@link #HELD} and each opening and closing of LOCK. Not a monitor, because I/O is done under it. */
    private static final ReentrantLock ONE_AT_A_TIME = new ReentrantLock();

    private static final List<DirectoryLock> HELD = new ArrayList<>();

    private final Path directory;
    private final Optional<Object> key;
    private final LockHolder holder;
    private final UninterruptibleFile file;
    private @Nullable RandomAccessFile hints; // open from the first hint on

    /** Takes the kernel's lock on LOCK and writes the name of this process into it. */
    private DirectoryLock(Path directory, UninterruptibleFile file) throws IOException {
        if (!file.tryLock()) { // seam: process-lock
            throw locked(
                    directory,
                    read(file).map(DirectoryLock::describe).orElse("a process that has not written its name yet"));
        }
        String place = Attributes.placeOfLock(directory);
        Optional<LockHolder> rival =
                read(file).filter(named -> named.isOf(place)).filter(DirectoryLock::stillRuns);
        if (rival.isPresent()) {
            String lost = " (still running, although the kernel's lock on " + Storage.LOCK_NAME + " was lost)";
            throw locked(directory, rival.get().phrase() + lost);
        }
        this.directory = directory;
        this.holder = LockHolder.here(place);
        this.file = file;
        try {
            file.truncate(LockHolder.TEXT_BYTES); // seam: lock-hint
            file.write(0, holder.text());
        } catch (IOException e) {
            // A full disk must not prevent opening the log. The kernel's lock works without a name.
        }
        this.key = keyOfLock(directory);
    }

    /** Locks a directory, given by its real path. Throws {@link LogLockedException} if a writer holds it. */
    static DirectoryLock take(Path directory) throws IOException {
        ONE_AT_A_TIME.lock();
        try {
            Optional<DirectoryLock> ours = held(directory);
            if (ours.isPresent()) throw locked(directory, ours.get().phrase());
            UninterruptibleFile file = open(directory);
            try {
                DirectoryLock taken = new DirectoryLock(directory, file);
                HELD.add(taken);
                return taken;
            } catch (Throwable e) {
                file.close();
                throw e;
            }
        } finally {
            ONE_AT_A_TIME.unlock();
        }
    }

    /**
     * Returns a phrase that names the holder of a directory, if one is known. Opens LOCK only if this process does not
     * hold it. If LOCK is unreadable, the directory counts as held, so that readers expect its files to change.
     */
    static Optional<String> holder(Path directory) throws IOException {
        ONE_AT_A_TIME.lock();
        try {
            Optional<DirectoryLock> ours = held(directory);
            if (ours.isPresent()) return Optional.of(ours.get().phrase());
            Path path = directory.resolve(Storage.LOCK_NAME);
            try (UninterruptibleFile file = UninterruptibleFile.openForReading(path)) {
                String place = Attributes.placeOfLock(directory);
                return read(file)
                        .filter(holder -> holder.isOf(place))
                        .filter(holder -> holder.liveness() != LockHolder.Liveness.ENDED)
                        .map(DirectoryLock::describe);
            }
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (AccessDeniedException e) {
            return Optional.of("unknown, because " + Storage.LOCK_NAME + " may not be read: ask as the log's owner");
        } finally {
            ONE_AT_A_TIME.unlock();
        }
    }

    /** Returns the hint behind the name, empty if it cannot be read. */
    static ByteBuffer hint(Path directory) {
        ByteBuffer hint = ByteBuffer.allocateDirect(40);
        ONE_AT_A_TIME.lock();
        try {
            Optional<DirectoryLock> ours = held(directory);
            UninterruptibleFile opened =
                    ours.isPresent() ? null : UninterruptibleFile.openForReading(directory.resolve(Storage.LOCK_NAME));
            try (opened) {
                (opened == null ? ours.get().file : opened).read(LockHolder.TEXT_BYTES, hint);
            }
            return hint.flip();
        } catch (IOException e) {
            return hint.limit(0);
        } finally {
            ONE_AT_A_TIME.unlock();
        }
    }

    /** Writes a hint behind the name, through a file that allocates nothing. Not during or after {@link #close}. */
    void publish(byte[] hint) throws IOException {
        if (hints == null) {
            requireHeld(); // otherwise this could create a file
            hints = new RandomAccessFile(directory.resolve(Storage.LOCK_NAME).toString(), "rw");
        }
        hints.seek(LockHolder.TEXT_BYTES);
        hints.write(hint);
    }

    /**
     * Checks that the path of the directory still leads to the LOCK that is held.
     *
     * @throws LogFilesChangedException if the directory or LOCK was moved, replaced or mounted over
     */
    void requireHeld() throws IOException {
        Optional<Object> now = keyOfLock(directory);
        if (now.equals(key)) return; // seam: lock-key
        throw new LogFilesChangedException(
                directory + ": is no longer the directory that was locked: expected "
                        + Storage.LOCK_NAME + " " + key.orElse("") + ", found " + now.orElse("none")
                        + ". It was moved, replaced or mounted over, or " + Storage.LOCK_NAME
                        + " was deleted, while the log was open. The log has changed nothing since it noticed. Acknowledged records are"
                        + " in the files that were open, even if these were moved. Close the log, put its directory back and open it again.");
    }

    /** Checks as {@link #requireHeld} does, but accepts that LOCK was deleted: the files are still those of the log. */
    void requireNotReplaced() throws IOException {
        if (keyOfLock(directory).isPresent()) requireHeld();
    }

    /**
     * Releases the directory, even if this method throws. If it throws, LOCK may name this process until the process
     * ends. Idempotent.
     */
    @Override
    public void close() throws IOException {
        ONE_AT_A_TIME.lock();
        try {
            if (!HELD.remove(this)) return;
            // Erase the name first: after the kernel's lock is released, LOCK may already name the next holder.
            RandomAccessFile written = hints;
            try (file;
                    written) {
                if (!read(file).equals(Optional.of(holder))) return;
                file.truncate(LockHolder.TEXT_BYTES);
                file.write(0, LockHolder.nobody());
            }
        } catch (IOException e) {
            Path path = directory.resolve(Storage.LOCK_NAME);
            throw new IOException(path + ": was unlocked, but still names this process: " + e.getMessage(), e);
        } finally {
            ONE_AT_A_TIME.unlock();
        }
    }

    private static UninterruptibleFile open(Path directory) throws IOException {
        Path path = directory.resolve(Storage.LOCK_NAME);
        try {
            return new UninterruptibleFile(path, Set.of(CREATE, READ, WRITE, NOFOLLOW_LINKS), Attributes.OF_NEW_FILE);
        } catch (AccessDeniedException e) {
            throw Directories.denied(path, "writing it is not permitted, so the directory cannot be locked", e);
        } catch (IOException e) {
            throw FullDisk.orFailure(e, path, directory);
        }
    }

    /** Returns whether the holder named in LOCK still holds the directory, although the kernel's lock was free. */
    private static boolean stillRuns(LockHolder named) {
        if (named.liveness() != LockHolder.Liveness.RUNS) return false;
        if (!named.pid().equals(Long.toString(ProcessHandle.current().pid()))) return true;
        // The list is exact for this process. A name without an entry was left by a release that failed half way.
        return HELD.stream().anyMatch(held -> held.holder.equals(named));
    }

    private static String describe(LockHolder holder) {
        return switch (holder.liveness()) {
            case RUNS -> holder.phrase();
            case UNSEEN -> holder.phrase() + " (in another container, so it is unknown whether it still runs)";
            case ENDED -> holder.phrase() + " (which is ending), or another process that has not written its name yet";
        };
    }

    /** Reads the name in LOCK. An unreadable name counts as none: the other two mechanisms still work. */
    private static Optional<LockHolder> read(UninterruptibleFile file) {
        try {
            ByteBuffer text = ByteBuffer.allocateDirect(LockHolder.TEXT_BYTES);
            file.read(0, text);
            return LockHolder.parse(text.flip());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Optional<DirectoryLock> held(Path directory) throws IOException {
        Optional<Object> key = keyOfLock(directory);
        return HELD.stream()
                .filter(held -> held.directory.equals(directory) || (key.isPresent() && held.key.equals(key)))
                .findFirst();
    }

    /** Returns the key of LOCK, if LOCK exists. Throws if LOCK is not a regular file. */
    private static Optional<Object> keyOfLock(Path directory) throws IOException {
        return Attributes.keyIfExists(directory.resolve(Storage.LOCK_NAME));
    }

    private String phrase() {
        return "this process: " + holder.phrase();
    }

    private static LogLockedException locked(Path directory, String holder) {
        return new LogLockedException(directory + ": is open for writing by " + holder);
    }
}
