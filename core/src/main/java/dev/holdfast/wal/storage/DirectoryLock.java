package dev.holdfast.wal.storage;

import dev.holdfast.wal.LogFilesChangedException;
import dev.holdfast.wal.LogLockedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One writer per directory, held from {@link #take} to {@link #close}. Three lines of defence, as each has a hole:
 *
 * <ol>
 *   <li><b>A list of this process</b>, by real path and by device and inode of LOCK, so that no symbolic link, relative
 *       path, bind mount or renamed directory leads around it. (The inode of a directory would not do: it may be
 *       another's after a delete. That of LOCK is in use while LOCK is open.) The list also sees to it that LOCK is
 *       opened once: when a process closes <em>any</em> descriptor of a file, the kernel drops all locks that the
 *       process has on it, and nothing tells.
 *   <li><b>The kernel's lock on the file LOCK</b>, against other processes. It ends with the process, however that
 *       ends.
 *   <li><b>The holder's name in LOCK</b>, for the case that a stranger in the holder's process (a backup, a class
 *       loaded twice) opened and closed LOCK: whoever gets the kernel's lock and finds a holder named that still runs
 *       is refused, too.
 * </ol>
 *
 * <p>A name in a LOCK that was copied, by a snapshot or a backup of a running log, is nobody's: the text says which
 * file it belongs to.
 *
 * <p>Not seen at once: LOCK deleted by hand while held; a holder in another container or on another machine that has
 * lost the kernel's lock. The holder notices before its next change of a name, by {@link #requireHeld}. LOCK is never
 * deleted here: a process that has the deleted file open would lock that, another the new one.
 */
final class DirectoryLock implements AutoCloseable {
    /**
     * Guards {@link #HELD}, and that LOCK is opened and closed by one thread at a time. Not a monitor: I/O is done
     * under it.
     */
    private static final ReentrantLock ONE_AT_A_TIME = new ReentrantLock();

    private static final List<DirectoryLock> HELD = new ArrayList<>();

    private final Path directory;
    private final Optional<Object> key;
    private final LockHolder holder;
    private final UninterruptibleFile file;

    private DirectoryLock(Path directory, Optional<Object> key, LockHolder holder, UninterruptibleFile file) {
        this.directory = directory;
        this.key = key;
        this.holder = holder;
        this.file = file;
    }

    /**
     * Takes a directory.
     *
     * @param directory its real path
     * @throws LogLockedException if someone has it
     */
    static DirectoryLock take(Path directory) throws IOException {
        ONE_AT_A_TIME.lock();
        try {
            Optional<DirectoryLock> ours = held(directory);
            if (ours.isPresent()) throw locked(directory, ours.get().phrase());
            UninterruptibleFile file = open(directory);
            try {
                LockHolder holder = lock(directory, file);
                DirectoryLock taken = new DirectoryLock(directory, keyOfLock(directory), holder, file);
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
     * Who has a directory, as a phrase; opens LOCK only where this process does not have it. Empty: nobody, as far as
     * can be told. A LOCK that may not be read counts as held: who reads the log then takes no file for one that nobody
     * changes.
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
            return Optional.of("unknown, as " + Storage.LOCK_NAME + " may not be read: ask as the log's owner");
        } finally {
            ONE_AT_A_TIME.unlock();
        }
    }

    /**
     * Returns if the path of the directory still leads to the LOCK that is held.
     *
     * @throws LogFilesChangedException if the directory was moved, replaced or mounted over, or LOCK was
     */
    void requireHeld() throws IOException {
        Optional<Object> now = keyOfLock(directory);
        if (now.equals(key)) return;
        throw new LogFilesChangedException(directory + ": is no longer the directory that was locked: expected "
                + Storage.LOCK_NAME + " " + key.orElse("") + ", found " + now.orElse("none")
                + ". It was moved, replaced or mounted over, or " + Storage.LOCK_NAME
                + " was deleted, while the log was open. Nothing was changed here since this was noticed. What was acknowledged is in the files that"
                + " were open, wherever they are now. Close the log, put its directory back and open it again.");
    }

    /** As {@link #requireHeld}, for reading: where LOCK was only deleted the other files are still the log's. */
    void requireNotReplaced() throws IOException {
        if (keyOfLock(directory).isPresent()) requireHeld();
    }

    /**
     * Gives the directory back, even if it throws; then the holder's name may stay in LOCK until this process ends.
     * Idempotent.
     */
    @Override
    public void close() throws IOException {
        ONE_AT_A_TIME.lock();
        try {
            if (!HELD.remove(this)) return;
            // The name goes first: once the kernel's lock is free, a name there is another's.
            try (file) {
                if (isNamed()) file.write(0, LockHolder.nobody());
            }
        } catch (IOException e) {
            throw new IOException(
                    directory.resolve(Storage.LOCK_NAME) + ": was given back, but still names this process: "
                            + e.getMessage(),
                    e);
        } finally {
            ONE_AT_A_TIME.unlock();
        }
    }

    private static UninterruptibleFile open(Path directory) throws IOException {
        Path path = directory.resolve(Storage.LOCK_NAME);
        try {
            return UninterruptibleFile.open(
                    path,
                    Set.of(
                            StandardOpenOption.CREATE,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE,
                            LinkOption.NOFOLLOW_LINKS),
                    Attributes.ofNewFile());
        } catch (AccessDeniedException e) {
            throw Directories.denied(path, "writing it is not permitted, so the directory cannot be locked", e);
        } catch (IOException e) {
            throw FullDisk.orFailure(e, path, directory);
        }
    }

    private static LockHolder lock(Path directory, UninterruptibleFile file) throws IOException {
        if (!tryLock(directory, file)) {
            throw locked(
                    directory,
                    read(file).map(DirectoryLock::describe).orElse("a process that has not written its name yet"));
        }
        String place = Attributes.placeOfLock(directory);
        Optional<LockHolder> named = read(file).filter(holder -> holder.isOf(place));
        if (named.isPresent() && stillRuns(named.get())) {
            throw locked(
                    directory,
                    named.get().phrase() + " (still running, although the kernel's lock on " + Storage.LOCK_NAME
                            + " got lost)");
        }
        LockHolder here = LockHolder.here(place);
        write(file, here);
        return here;
    }

    private static boolean tryLock(Path directory, UninterruptibleFile file) throws IOException {
        try {
            return file.tryLock();
        } catch (IOException e) {
            throw new IOException(
                    directory.resolve(Storage.LOCK_NAME)
                            + ": could not be locked, perhaps its file system has no locks: " + e.getMessage(),
                    e);
        }
    }

    /** Whether the one named in LOCK holds it, though the kernel has just given the lock to us. */
    private static boolean stillRuns(LockHolder named) {
        // This process: then the list knows better, unless giving back a lock failed half way, when the name stays.
        if (named.isThisProcess()) {
            return HELD.stream().anyMatch(held -> held.holder.token().equals(named.token()));
        }
        return named.liveness() == LockHolder.Liveness.RUNS;
    }

    private static String describe(LockHolder holder) {
        return switch (holder.liveness()) {
            case RUNS -> holder.phrase();
            case UNSEEN -> holder.phrase() + " (in another container; whether it still runs cannot be seen from here)";
            case ENDED -> holder.phrase() + " (which is ending), or one that has not written its name yet";
        };
    }

    /** The name in LOCK, if it has one: damage there costs the third line of defence, not the log. */
    private static Optional<LockHolder> read(UninterruptibleFile file) {
        try {
            ByteBuffer text = ByteBuffer.allocateDirect(LockHolder.TEXT_BYTES);
            if (file.read(0, text) < 0) return Optional.empty();
            return LockHolder.parse(text.flip());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static void write(UninterruptibleFile file, LockHolder holder) {
        try {
            file.write(0, holder.text());
            if (file.length() > LockHolder.TEXT_BYTES) file.truncate(LockHolder.TEXT_BYTES);
        } catch (IOException e) {
            // A full disk must not keep a log from opening; the kernel's lock holds without a name.
        }
    }

    private boolean isNamed() {
        return read(file).map(LockHolder::token).equals(Optional.of(holder.token()));
    }

    private static Optional<DirectoryLock> held(Path directory) throws IOException {
        Optional<Object> key = keyOfLock(directory);
        return HELD.stream()
                .filter(held -> held.directory.equals(directory) || (key.isPresent() && held.key.equals(key)))
                .findFirst();
    }

    /** What tells LOCK from all other files, if there is one. Anything else of that name is refused. */
    private static Optional<Object> keyOfLock(Path directory) throws IOException {
        try {
            return Attributes.keyOfRegular(directory.resolve(Storage.LOCK_NAME));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private String phrase() {
        return "this very process: " + holder.phrase();
    }

    private static LogLockedException locked(Path directory, String holder) {
        return new LogLockedException(directory + ": is open for writing by " + holder);
    }
}
