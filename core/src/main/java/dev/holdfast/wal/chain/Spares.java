package dev.holdfast.wal.chain;

import dev.holdfast.wal.CallRefusedException;
import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.DiskFullException;
import dev.holdfast.wal.LogFilesChangedException;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.SpareName;
import dev.holdfast.wal.storage.NoSpaceException;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.StoredFile;
import dev.holdfast.wal.storage.WritableFile;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Spares: files whose blocks are already allocated and written. They wait to become segments. Writing over such blocks
 * needs no free space and changes no file system metadata, so a sync is one flush of data. Appends leave
 * {@link #RESERVED} spares alone, so recovery and truncation work on a full disk.
 *
 * <p>A new spare is filled with zeros. A recycled spare is a dead segment under another name; its old bytes are
 * harmless, because none of them match the salt of the next header.
 *
 * <p><em>Settled</em>: the spare's name is synced. Only then is a recycled spare written to, because after a power
 * failure its old name could refer to the new bytes. A spare with a second name (a hard link, made by a copy of the
 * log) is never written to. Such a link is made from the name of a live segment, so one check after that name is gone
 * finds every link.
 *
 * <p><em>Proven</em>: this log has written every block of the spare. An older file may have holes, because tools that
 * copy files leave out zeros, and an append into a hole needs free space. Such a spare is filled with zeros before it
 * is used. Thread-safe.
 */
public final class Spares {
    /** Delay before the next attempt to make a spare after the disk was full, unless enough space is free earlier. */
    private static final long RETRY_NANOS = 60_000_000_000L;

    // Lambdas instead of Comparator.comparing, so Lincheck, which instruments every object, meets no JDK class.
    private static final Comparator<Spare> SHORT_FIRST = (one, other) -> Long.compare(one.length(), other.length());
    private static final Comparator<Spare> PROVEN_AND_SHORT_FIRST = (one, other) -> one.proven() == other.proven()
            ? SHORT_FIRST.compare(one, other)
            : Boolean.compare(other.proven(), one.proven());

    /** Pause between two chunks of a spare that is made at leisure, so appends have the disk most of the time. */
    private static final long REST_NANOS = 20_000_000;

    /**
     * Number of spares that appends never take, so recovery, truncate and trim work when the disk is full.
     *
     * <p>Why three: such an operation takes one spare and usually returns one, because it replaces a segment. At most
     * two operations in a row keep the spare they take: a recovery, and the first truncate or trim after it. Each later
     * operation replaces an empty tail and returns its spare; it needs the third only while it runs. See decision 3.
     */
    public static final int RESERVED = 3;

    /**
     * Maximum number of spares: the reserve and three for rolls. One serves the next roll, one allows a roll and a trim
     * in either order, and one is for rolls and trims that do not alternate.
     */
    private static final int WANTED = RESERVED + 3;

    private final Storage storage;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Spare> settled = new ArrayList<>();
    private final List<Spare> unsettled = new ArrayList<>();
    private final ReentrantLock making = new ReentrantLock();
    private final Set<Long> numbersAdopted = new HashSet<>();
    private final AtomicLong waits = new AtomicLong();
    private long nextNumber = 1;
    private volatile boolean stopped;

    /** The last attempt that filled the disk, the length of its spare, and the free bytes reported after it. */
    private record Full(NoSpaceException failure, long length, long freeBytes, long nanoTime) {}

    private volatile @Nullable Full full;
    private volatile long longestKept = Layout.MAX_FILE_BYTES;
    private volatile LongSupplier nanoTime = () -> 0;

    /** A spare: its name, its length in bytes, and whether it is proven. */
    public record Spare(String name, long length, boolean proven) {}

    public Spares(Storage storage) {
        this.storage = storage;
    }

    /** Takes over the spares in the directory and deletes unfinished ones. The caller must have synced their names. */
    public void adopt(List<StoredFile> files) throws IOException {
        for (StoredFile file : files) {
            Optional<SpareName> name = SpareName.parse(file.name());
            if (name.isEmpty()) {
                continue;
            }
            long number = name.get().number();
            numbersAdopted.add(number); // seam: spare-number
            nextNumber = Math.max(nextNumber, number + 1); // seam: spare-next-number
            if (name.get().finished() && isUsable(file)) { // seam: spare-finished
                settled.add(new Spare(file.name(), file.length() & -Layout.ALIGNMENT, false)); // seam: spare-adopted
            } else if (file.regular()) {
                storage.delete(file.name());
            }
        }
    }

    /** Returns whether a file can become a spare: its length is possible for a segment and it has no second name. */
    private static boolean isUsable(StoredFile file) {
        return file.regular()
                && file.links() == 1
                && file.length() >= Layout.MIN_SEGMENT_BYTES
                && file.length() <= Layout.MAX_FILE_BYTES;
    }

    public int count() {
        return locked(() -> settled.size() + unsettled.size());
    }

    /** Returns the number of proven spares of at least this length beyond the reserve. Allocates nothing. */
    public int forRolls(long length) {
        return Math.max(0, Math.min(proven(length, Long.MAX_VALUE), proven(0, Long.MAX_VALUE) - RESERVED));
    }

    private int proven(long shortest, long longest) {
        lock.lock();
        try {
            return countProven(settled, shortest, longest) + countProven(unsettled, shortest, longest);
        } finally {
            lock.unlock();
        }
    }

    private static int countProven(List<Spare> among, long shortest, long longest) {
        int count = 0;
        for (int i = 0; i < among.size(); i++) {
            Spare spare = among.get(i);
            count += spare.proven() && spare.length() >= shortest && spare.length() <= longest ? 1 : 0;
        }
        return count;
    }

    /** Returns how often an operation had to wait until a spare was made. */
    public long waits() {
        return waits.get();
    }

    /** Returns whether a spare of at least this length exists. */
    public boolean has(long length) {
        return locked(() -> all().anyMatch(spare -> spare.length() >= length));
    }

    private Stream<Spare> all() {
        return Stream.concat(settled.stream(), unsettled.stream());
    }

    private <T> T locked(Supplier<T> task) {
        lock.lock();
        try {
            return task.get();
        } finally {
            lock.unlock();
        }
    }

    /** Sets clock and segment length. Longer spares (of large batches) beyond the reserve are deleted from now on. */
    public void use(long segmentBytes, LongSupplier clock) throws IOException {
        longestKept = segmentBytes;
        nanoTime = clock;
        deleteLonger();
    }

    private void deleteLonger() throws IOException {
        while (count() > RESERVED) {
            Optional<Spare> longer = take(0, SHORT_FIRST, spare -> spare.length() > longestKept);
            if (longer.isEmpty()) {
                return;
            }
            deleteIfThere(longer.get().name());
        }
    }

    /** Makes spares until the reserve is complete, after recovery. Spares that may have holes count. */
    public void reserveUnproven(long length) throws IOException {
        while (count() < RESERVED && !stopped) { // seam: reserve-count
            waits.incrementAndGet();
            makeUnless(() -> count() >= RESERVED, length, () -> true);
        }
    }

    /** Completes the reserve with spares without holes. Throws {@link DiskFullException} if there is no space. */
    public void reserve(long length) throws IOException {
        while (proven(0, longestKept) < RESERVED && !stopped) { // seam: reserve-proven
            try {
                if (!proveOne(Layout.MIN_SEGMENT_BYTES, () -> true)) {
                    waits.incrementAndGet();
                    makeUnless(() -> proven(0, longestKept) >= RESERVED, length, () -> true);
                }
            } catch (DiskFullException e) {
                if (proven(0, Long.MAX_VALUE) < RESERVED) {
                    throw e;
                }
                return; // spares that are longer than a segment complete the reserve
            }
            deleteLonger();
        }
    }

    /** Fills an unproven spare with zeros. Deletes spares that find no space. Returns false if none is left. */
    private boolean proveOne(long length, BooleanSupplier urgent) throws IOException {
        making.lock();
        try {
            while (!stopped) {
                Optional<Spare> spare = take(
                        0, SHORT_FIRST, one -> !one.proven() && one.length() >= length && one.length() <= longestKept);
                if (spare.isEmpty()) {
                    return false;
                }
                if (prove(spare.get(), urgent)) {
                    add(settled, new Spare(spare.get().name(), spare.get().length(), !stopped));
                    return true;
                }
            }
            return false;
        } finally {
            making.unlock();
        }
    }

    private boolean prove(Spare spare, BooleanSupplier urgent) throws IOException {
        boolean decided = false;
        try (WritableFile file = storage.openForWriting(spare.name())) {
            fill(file, spare.length(), urgent);
            decided = true;
            return true;
        } catch (NoSpaceException e) {
            decided = true;
            deleteIfThere(spare.name());
            return false;
        } catch (NoSuchFileException | AccessDeniedException e) {
            decided = true;
            forgetDeleted();
            return false;
        } catch (IOException e) {
            throw refused(spare.name() + " could not be filled with zeros", e);
        } finally {
            if (!decided) {
                add(settled, spare); // the error may be temporary
            }
        }
    }

    /** Makes a synced spare of zeros. If the disk is full, throws {@link DiskFullException} and leaves no file. */
    public void make(long length) throws IOException {
        makeUnless(() -> false, length, () -> true);
    }

    /** Fills or makes a spare. Pauses between chunks unless a thread waits for a spare or {@code urgent} is true. */
    public void makeAtLeisure(long length, BooleanSupplier urgent) throws IOException {
        BooleanSupplier awaited = () -> making.hasQueuedThreads() || urgent.getAsBoolean();
        if (!proveOne(length, awaited)) {
            makeUnless(() -> false, length, awaited);
        }
    }

    /** Waits until no other thread makes a spare, and then makes one unless {@code enough} is true. */
    private void makeUnless(BooleanSupplier enough, long length, BooleanSupplier urgent) throws IOException {
        making.lock();
        try {
            if (!enough.getAsBoolean() && !stopped) {
                makeOne(length, urgent);
            }
        } finally {
            making.unlock();
        }
    }

    private void makeOne(long length, BooleanSupplier urgent) throws IOException {
        requireRoom(length);
        long number = newNumber();
        String name = new SpareName(number, true).fileName();
        String unfinished = new SpareName(number, false).fileName();
        boolean filled = false;
        try (WritableFile file = storage.create(unfinished)) {
            fill(file, length, urgent);
            filled = !stopped;
        } catch (NoSpaceException e) {
            OptionalLong free = storage.freeBytes();
            full = free.isPresent() ? new Full(e, length, free.getAsLong(), nanoTime.getAsLong()) : null;
            throw noRoom(length, e);
        } catch (IOException e) {
            throw refused("a segment of " + length + " bytes could not be made", e);
        } finally {
            if (!filled) {
                deleteIfThere(unfinished);
            }
        }
        if (filled) {
            storage.rename(unfinished, name);
            storage.sync(); // seam: spare-name-sync
            add(settled, new Spare(name, length, true));
        }
    }

    /**
     * Refuses an attempt to make a spare if it would fill the disk again. A failed attempt takes all free space from
     * other programs for a while, so no attempt is made until enough space is free. A quota does not affect the number
     * of free bytes, so one attempt a minute is allowed nevertheless.
     */
    private void requireRoom(long length) throws IOException {
        Full before = full;
        if (before != null
                && length >= before.length()
                && nanoTime.getAsLong() - before.nanoTime() < RETRY_NANOS
                && storage.freeBytes().orElse(Long.MAX_VALUE) - before.freeBytes() < length) {
            throw noRoom(length, before.failure());
        }
        full = null;
    }

    private DiskFullException noRoom(long length, NoSpaceException cause) {
        return new DiskFullException(
                storage.name() + ": no room for another segment of " + length + " bytes. The call was refused and "
                        + "changed nothing. Free some space and try again; trimming a log that is open makes room, too.",
                cause);
    }

    private void deleteIfThere(String name) throws IOException {
        if (storage.find(name).isPresent()) {
            storage.delete(name);
        }
    }

    /** Creates the exception to throw if a call fails before it has changed the log. */
    IOException refused(String what, Throwable cause) {
        if (cause instanceof LogFilesChangedException || cause instanceof CorruptLogException) {
            return (IOException) cause; // the cause is more specific
        }
        return new CallRefusedException(
                storage.name() + ": " + what + " (" + cause
                        + "). The call was refused and changed nothing. The log stays usable: remove the cause and try again.",
                cause);
    }

    /** Fills a file with zeros. Syncs each chunk, so a concurrent append waits for one chunk only. */
    private void fill(WritableFile file, long length, BooleanSupplier urgent) throws IOException {
        byte[] zeros = new byte[(int) Math.min(Layout.CHUNK_BYTES, length)];
        for (long offset = 0; offset < length && !stopped; offset += zeros.length) {
            file.write(offset, zeros, 0, (int) Math.min(zeros.length, length - offset));
            file.sync(); // seam: spare-sync
            if (offset + zeros.length < length && !urgent.getAsBoolean()) {
                LockSupport.parkNanos(REST_NANOS);
            }
        }
    }

    /** Stops making spares; returns when no thread is making one. */
    @SuppressWarnings("LockNotBeforeTry") // acquiring the lock waits for the thread that makes a spare
    public void stop() {
        stopped = true;
        making.lock();
        making.unlock();
    }

    /**
     * Turns the file of a dead segment into a spare if one is wanted, and deletes it otherwise. Does not sync the new
     * name. The shortest spares form the reserve; of the rest, for rolls, the longest are kept.
     *
     * @param proven false if the file may have holes, because this log has not written all of it
     */
    public void recycleOrDelete(StoredFile dead, boolean proven) throws IOException {
        boolean kept = dead.length() <= longestKept || count() < RESERVED;
        boolean wanted = isUsable(dead) && kept && makePlaceFor(dead.length());
        if (!wanted) {
            storage.delete(dead.name());
            return;
        }
        String name = new SpareName(newNumber(), true).fileName();
        storage.rename(dead.name(), name);
        add(unsettled, new Spare(name, dead.length() & -Layout.ALIGNMENT, proven)); // seam: recycled-unsettled
    }

    /** Returns whether to keep a spare of this length. If there are enough, deletes a shorter one or returns false. */
    private boolean makePlaceFor(long length) throws IOException {
        while (count() >= WANTED) {
            Optional<Spare> shorter = take(RESERVED, SHORT_FIRST, spare -> spare.length() < length);
            if (shorter.isEmpty()) {
                return false;
            }
            deleteIfThere(shorter.get().name());
        }
        return true;
    }

    /** Returns the length of the spare that {@link #takeReserved} would take. */
    public long shortest(long lengthIfMade) {
        return locked(() -> all().mapToLong(Spare::length).min().orElse(lengthIfMade));
    }

    /** Syncs the directory. Spares recycled before become settled, or are deleted if they have a second name. */
    public void syncNames() throws IOException {
        List<Spare> before = locked(() -> List.copyOf(unsettled));
        storage.sync(); // seam: spares-names-sync
        List<Spare> own = new ArrayList<>();
        for (Spare spare : before) {
            if (storage.find(spare.name()).filter(file -> file.links() > 1).isPresent()) {
                deleteIfThere(spare.name());
            } else {
                own.add(spare);
            }
        }
        locked(() -> {
            unsettled.removeAll(before);
            return settled.addAll(own);
        });
    }

    /** Takes or makes a spare of at least this length beyond the reserve. Throws {@link DiskFullException}. */
    public Spare take(long length) throws IOException {
        while (!canTake(length)) {
            if (count() <= RESERVED || !proveOne(length, () -> true)) {
                waits.incrementAndGet();
                makeUnless(() -> canTake(length), length, () -> true);
                break;
            }
        }
        return settledSpare(length);
    }

    private boolean canTake(long length) {
        return forRolls(length) > 0; // seam: spare-for-roll
    }

    /** Takes a settled spare, also from the reserve. If there is none, makes one of at least {@code lengthIfMade}. */
    public Spare takeReserved(long length, long lengthIfMade) throws IOException {
        if (!has(length)) {
            make(Math.max(length, lengthIfMade));
        }
        return settledSpare(length);
    }

    private Spare settledSpare(long length) throws IOException {
        Optional<Spare> taken = takeProven(length);
        if (taken.isEmpty()) {
            syncNames();
            taken = takeProven(length);
        }
        if (taken.isEmpty()) {
            make(length); // the only candidate was deleted: it had a second name, or holes and no space to fill them
            taken = takeProven(length);
        }
        return taken.orElseThrow(() -> new AssertionError("no spare of " + length + " bytes among " + settled));
    }

    /** Takes a settled spare and fills it with zeros first if it is unproven. */
    private Optional<Spare> takeProven(long length) throws IOException {
        Optional<Spare> taken;
        do {
            taken = take(0, PROVEN_AND_SHORT_FIRST, spare -> spare.length() >= length);
        } while (taken.isPresent() && !taken.get().proven() && !prove(taken.get(), () -> true));
        return taken;
    }

    /** Skips the first {@code left} settled spares in this order and takes the first wanted one, if there is any. */
    private Optional<Spare> take(int left, Comparator<Spare> order, Predicate<Spare> wanted) {
        return locked(() -> {
            Optional<Spare> first =
                    settled.stream().sorted(order).skip(left).filter(wanted).findFirst();
            first.ifPresent(settled::remove);
            return first;
        });
    }

    interface Taking {
        Spare take() throws IOException;
    }

    /** A spare that was taken and is open for writing. */
    record Taken(Spare spare, WritableFile file) {}

    /** Takes and opens a spare. Forgets a spare that was deleted or is not writable, and takes another. */
    Taken open(Taking taking) throws IOException {
        while (true) {
            Spare spare = taking.take();
            try {
                return new Taken(spare, storage.openForWriting(spare.name()));
            } catch (NoSuchFileException | AccessDeniedException e) {
                forgetDeleted();
            } catch (IOException e) {
                add(settled, spare);
                throw refused(spare.name() + " could not be opened", e);
            }
        }
    }

    /** Forgets the spares whose files were deleted. The reserve may be incomplete afterwards. */
    void forgetDeleted() throws IOException {
        Set<String> there = storage.list().stream().map(StoredFile::name).collect(Collectors.toSet());
        locked(() -> {
            settled.removeIf(spare -> !there.contains(spare.name()));
            return unsettled.removeIf(spare -> !there.contains(spare.name()));
        });
    }

    /** Returns a spare that did not become a segment. Bytes written to it are harmless. */
    void giveBack(Taken taken) {
        add(settled, taken.spare());
    }

    /** Returns a number that no spare has. If a file was found with the largest number, continues at 1. */
    private long newNumber() {
        return locked(() -> {
            do {
                nextNumber = nextNumber > SpareName.MAX_NUMBER ? 1 : nextNumber;
            } while (numbersAdopted.contains(nextNumber++));
            return nextNumber - 1;
        });
    }

    private void add(List<Spare> list, Spare spare) {
        locked(() -> list.add(spare));
    }
}
