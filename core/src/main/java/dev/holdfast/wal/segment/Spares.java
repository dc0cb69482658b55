package dev.holdfast.wal.segment;

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
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Files whose blocks are already written, waiting to become segments. Writing over such blocks needs no room and
 * changes nothing in the file system, so that a sync costs one flush of data, and a full disk stops neither recovery
 * nor truncation: the last ones are theirs alone.
 *
 * <p>A new spare is full of zeros; a recycled one is a dead segment with another name. Which of the two makes no
 * difference to its next life, as nothing that stands in it can match the salt of the next header.
 *
 * <p>A recycled spare is <em>settled</em> once its new name is synced. It is not written to before that: after a power
 * failure the old name would refer to the new bytes. Nor is it ever written to if it has a second name, by which a copy
 * of the log has it. Whoever gives it one does so by the name of a live segment. So looking once more after that name
 * is gone finds every such name there will ever be.
 *
 * <p>A spare is <em>proven</em> if this log has written all of its blocks. One that was there before may have holes,
 * since tools that copy files leave out zeros: an append into a hole would need room on a full disk. Zeros are written
 * over such a spare before it is used. Thread-safe.
 */
public final class Spares {
    /** After an attempt to make a spare has filled the disk, no other is made for so long unless enough is free. */
    private static final long RETRY_NANOS = 60_000_000_000L;

    // Plain comparisons, so that Lincheck, which looks at every object, meets none of the JDK's.
    private static final Comparator<Spare> SHORT_FIRST = (one, other) -> Long.compare(one.length(), other.length());
    private static final Comparator<Spare> PROVEN_AND_SHORT_FIRST = (one, other) -> one.proven() == other.proven()
            ? SHORT_FIRST.compare(one, other)
            : Boolean.compare(other.proven(), one.proven());

    /** Between two chunks of a spare that is made at leisure: the disk belongs to appends most of the time. */
    private static final long REST_NANOS = 20_000_000;

    /**
     * How many are left alone by appends, for when no block is free. Each operation takes one first, and either gives
     * back the file of a segment that it replaces or leaves one more segment with records than there was. Before there
     * are appends again the latter can happen twice: in the recovery after a crash, and in the first truncation or
     * trim, which leaves a tail without a record. Each further one replaces such a tail, for which it needs the third,
     * and gives back as many.
     */
    public static final int RESERVED = 3;

    /**
     * What is reserved, one for the next roll, one more as trims and rolls take turns, the one or the other first, and
     * one as they do not always: so they need no new spares.
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

    /**
     * The last attempt that filled the disk, how long the spare was to be, and how many bytes were said to be free
     * then.
     */
    private record Full(NoSpaceException failure, long length, long freeBytes, long nanoTime) {}

    private volatile @Nullable Full full;
    private volatile long longestKept = Layout.MAX_FILE_BYTES;
    private volatile LongSupplier nanoTime = () -> 0;

    /** One spare: its name, how long it is, in bytes, and whether this log has written all of its blocks. */
    public record Spare(String name, long length, boolean proven) {
        Spare(String name, long length) {
            this(name, length, true);
        }
    }

    public Spares(Storage storage) {
        this.storage = storage;
    }

    /** Takes over the spares that are there, and removes those that were never finished. The names have been synced. */
    public void adopt(List<StoredFile> files) throws IOException {
        for (StoredFile file : files) {
            Optional<SpareName> name = SpareName.parse(file.name());
            if (name.isEmpty()) {
                continue;
            }
            long number = name.get().number();
            numbersAdopted.add(number);
            nextNumber = Math.max(nextNumber, number + 1);
            if (name.get().finished() && isUsable(file)) {
                settled.add(new Spare(file.name(), file.length() & -Layout.ALIGNMENT, false));
            } else if (file.regular()) {
                storage.delete(file.name());
            }
        }
    }

    /** Whether a file may be written over: nobody else has it under another name. */
    private static boolean isUsable(StoredFile file) {
        return file.regular()
                && file.links() == 1
                && file.length() >= Layout.MIN_SEGMENT_BYTES
                && file.length() <= Layout.MAX_FILE_BYTES;
    }

    /** How many there are. */
    public int count() {
        lock.lock();
        try {
            return settled.size() + unsettled.size();
        } finally {
            lock.unlock();
        }
    }

    /**
     * How many proven ones are for rolls, which leave the reserve alone. Asked on the way of appends, so it allocates
     * nothing.
     */
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

    /** How often something that could not go on without had to wait until one was made. */
    public long waits() {
        return waits.get();
    }

    /** Whether one of them is at least so long. */
    public boolean has(long length) {
        lock.lock();
        try {
            return Stream.concat(settled.stream(), unsettled.stream()).anyMatch(spare -> spare.length() >= length);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Says how long segments are and what time it is. From now on no longer spare is kept unless the reserve is not
     * whole without it: batches that were longer than a segment leave long files behind.
     */
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

    /** Makes what is missing of the reserve, proven or not: what a recovery leaves behind. */
    public void reserveUnproven(long length) throws IOException {
        while (count() < RESERVED && !stopped) {
            waits.incrementAndGet();
            makeUnless(() -> count() >= RESERVED, length, () -> true);
        }
    }

    /**
     * Makes what is missing of the reserve, and proves what is there.
     *
     * @throws DiskFullException if there is no room; nothing is left behind
     */
    public void reserve(long length) throws IOException {
        while (proven(0, longestKept) < RESERVED && !stopped) {
            try {
                if (!proveOne(Layout.MIN_SEGMENT_BYTES, () -> true)) {
                    waits.incrementAndGet();
                    makeUnless(() -> proven(0, longestKept) >= RESERVED, length, () -> true);
                }
            } catch (DiskFullException e) {
                if (proven(0, Long.MAX_VALUE) < RESERVED) {
                    throw e;
                }
                return; // with longer ones it is whole
            }
            deleteLonger();
        }
    }

    /**
     * Writes zeros over a spare that may have holes; false if there is none. One for which there is no room is removed.
     */
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
                add(settled, spare); // the cause may pass
            }
        }
    }

    /**
     * Makes a spare full of zeros and returns when it and its name are synced.
     *
     * @throws DiskFullException if there is no room; nothing is left behind
     */
    public void make(long length) throws IOException {
        makeUnless(() -> false, length, () -> true);
    }

    /**
     * Proves a spare or makes one, leaving the disk to others most of the time as long as nobody waits for a spare.
     *
     * @param urgent whether it will be needed soon
     */
    public void makeAtLeisure(long length, BooleanSupplier urgent) throws IOException {
        BooleanSupplier awaited = () -> making.hasQueuedThreads() || urgent.getAsBoolean();
        if (!proveOne(length, awaited)) {
            makeUnless(() -> false, length, awaited);
        }
    }

    /** Makes a spare unless there is no need any more once nobody else makes one. */
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
            storage.sync();
            add(settled, new Spare(name, length));
        }
    }

    /**
     * An attempt that finds no room fills the disk and takes all of it from others. So none is made again before so
     * much more is free as it needs. Where the disk is not full, but somebody's share of it, no figure tells when there
     * is room: then one attempt a minute is made.
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

    /** What a call ends with that could not go on and has changed nothing of the log. */
    IOException refused(String what, Throwable cause) {
        if (cause instanceof LogFilesChangedException || cause instanceof CorruptLogException) {
            return (IOException) cause; // it says more
        }
        return new CallRefusedException(
                storage.name() + ": " + what + " (" + cause
                        + "). The call was refused and changed nothing. The log stays usable: remove the cause and try again.",
                cause);
    }

    /** Syncs each chunk: whoever appends meanwhile waits for one of them and not for all. */
    private void fill(WritableFile file, long length, BooleanSupplier urgent) throws IOException {
        byte[] zeros = new byte[(int) Math.min(Layout.CHUNK_BYTES, length)];
        for (long offset = 0; offset < length && !stopped; offset += zeros.length) {
            file.write(offset, zeros, 0, (int) Math.min(zeros.length, length - offset));
            file.sync();
            if (offset + zeros.length < length && !urgent.getAsBoolean()) {
                LockSupport.parkNanos(REST_NANOS);
            }
        }
    }

    /** Makes no spare any more; returns once none is being made. */
    @SuppressWarnings("LockNotBeforeTry") // nothing is done under the lock: to have had it is what counts
    public void stop() {
        stopped = true;
        making.lock();
        making.unlock();
    }

    /**
     * Turns the file of a dead segment into a spare if one is wanted, and removes it otherwise. Its name is not synced.
     * The three shortest spares do for the reserve; of the rest, which are for rolls, the longest three are kept.
     */
    public void recycleOrDelete(StoredFile dead) throws IOException {
        recycleOrDelete(dead, true);
    }

    /**
     * As {@link #recycleOrDelete}, of a segment that another process, or an earlier log of this one, has written: it
     * may have holes.
     */
    public void recycleOrDeleteUnproven(StoredFile dead) throws IOException {
        recycleOrDelete(dead, false);
    }

    private void recycleOrDelete(StoredFile dead, boolean proven) throws IOException {
        boolean kept = dead.length() <= longestKept || count() < RESERVED;
        boolean wanted = isUsable(dead) && kept && makePlaceFor(dead.length());
        if (!wanted) {
            storage.delete(dead.name());
            return;
        }
        String name = new SpareName(newNumber(), true).fileName();
        storage.rename(dead.name(), name);
        add(unsettled, new Spare(name, dead.length() & -Layout.ALIGNMENT, proven));
    }

    /** Whether a spare of this length is wanted; removes a shorter one for it if there are enough. */
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

    /** The length of the spare that {@link #takeReserved} would take. */
    public long shortest(long lengthIfMade) {
        lock.lock();
        try {
            return Stream.concat(settled.stream(), unsettled.stream())
                    .mapToLong(Spare::length)
                    .min()
                    .orElse(lengthIfMade);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Syncs the names of the storage; spares recycled before are settled then, or given up if they have a second name.
     */
    public void syncNames() throws IOException {
        List<Spare> before;
        lock.lock();
        try {
            before = List.copyOf(unsettled);
        } finally {
            lock.unlock();
        }
        storage.sync();
        List<Spare> own = new ArrayList<>();
        for (Spare spare : before) {
            if (isShared(spare)) {
                deleteIfThere(spare.name());
            } else {
                own.add(spare);
            }
        }
        lock.lock();
        try {
            unsettled.removeAll(before);
            settled.addAll(own);
        } finally {
            lock.unlock();
        }
    }

    private boolean isShared(Spare spare) throws IOException {
        Optional<StoredFile> file = storage.find(spare.name());
        return file.isPresent() && file.get().links() > 1;
    }

    /**
     * A settled spare of at least this length for what can wait until there is room: those that are reserved are left
     * for {@link #takeReserved}. Makes one if need be.
     *
     * @throws DiskFullException if there is none to take and no room to make one
     */
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
        return forRolls(length) > 0;
    }

    /**
     * A settled spare of at least this length, a reserved one too. Makes one only if there is none.
     *
     * @param lengthIfMade how long it is then at least
     */
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
            make(length); // the one that there was turned out to be shared, or to have holes
            taken = takeProven(length);
        }
        return taken.orElseThrow(() -> new AssertionError("no spare of " + length + " bytes among " + settled));
    }

    /** A settled spare, over which zeros have been written where it may have had holes. */
    private Optional<Spare> takeProven(long length) throws IOException {
        Optional<Spare> taken = takeSettled(length);
        while (taken.isPresent() && !taken.get().proven() && !prove(taken.get(), () -> true)) {
            taken = takeSettled(length);
        }
        return taken;
    }

    private Optional<Spare> takeSettled(long length) {
        return take(0, PROVEN_AND_SHORT_FIRST, spare -> spare.length() >= length);
    }

    /** Takes the first settled one that is wanted, without those that come before all others. */
    private Optional<Spare> take(int left, Comparator<Spare> order, Predicate<Spare> wanted) {
        lock.lock();
        try {
            Optional<Spare> first =
                    settled.stream().sorted(order).skip(left).filter(wanted).findFirst();
            first.ifPresent(settled::remove);
            return first;
        } finally {
            lock.unlock();
        }
    }

    /** Takes a spare. */
    interface Taking {
        Spare take() throws IOException;
    }

    /** A spare that was taken, and is open for writing. */
    record Taken(Spare spare, WritableFile file) {}

    /**
     * Takes and opens a spare. One that somebody deleted, or that may not be written, is forgotten, and another is
     * taken.
     */
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

    /** Somebody has deleted a spare, and perhaps all of them, so that the reserve is not whole. */
    void forgetDeleted() throws IOException {
        Set<String> there = storage.list().stream().map(StoredFile::name).collect(Collectors.toSet());
        lock.lock();
        try {
            settled.removeIf(spare -> !there.contains(spare.name()));
            unsettled.removeIf(spare -> !there.contains(spare.name()));
        } finally {
            lock.unlock();
        }
    }

    /** Gives back a spare that has not become a segment. What was written to it is of no consequence. */
    void giveBack(Taken taken) {
        add(settled, taken.spare());
    }

    /** Returns a number that no spare has. If a file was found with the largest number, continues at 1. */
    private long newNumber() {
        lock.lock();
        try {
            do {
                nextNumber = nextNumber > SpareName.MAX_NUMBER ? 1 : nextNumber;
            } while (numbersAdopted.contains(nextNumber++));
            return nextNumber - 1;
        } finally {
            lock.unlock();
        }
    }

    private void add(List<Spare> list, Spare spare) {
        lock.lock();
        try {
            list.add(spare);
        } finally {
            lock.unlock();
        }
    }
}
