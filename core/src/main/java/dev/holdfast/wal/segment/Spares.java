package dev.holdfast.wal.segment;

import dev.holdfast.wal.CallRefusedException;
import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.DiskFullException;
import dev.holdfast.wal.LogFilesChangedException;
import dev.holdfast.wal.format.Layout;
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
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Files whose blocks are already written, waiting to become segments. Writing over such blocks needs no room and
 * changes nothing in the file system, so that a sync costs one flush of data, and a full disk stops neither recovery nor
 * truncation: the last ones are theirs alone.
 *
 * <p>A new spare is full of zeros; a recycled one is a dead segment with another name. Which of the two makes no difference to its
 * next life, as nothing that stands in it can match the salt of the next header.
 *
 * <p>A recycled spare is <em>settled</em> once its new name is synced. It is not written to before that: after a power failure
 * the old name would refer to the new bytes. Nor is it ever written to if it has a second name, by which a copy of the log has it. Whoever gives it
 * one does so by the name of a live segment. So looking once more after that name is gone finds every such name there will ever be.
 * Thread-safe.
 */
public final class Spares {
    private static final Pattern NAME = Pattern.compile("spare-([0-9a-f]{8,15})(\\.new)?\\.tmp");
    private static final long MAX_NUMBER = (1L << 60) - 1;
    private static final int CHUNK_BYTES = 1 << 20;

    /** Between two chunks of a spare that is made at leisure: the disk belongs to appends most of the time. */
    private static final long REST_NANOS = 20_000_000;

    /**
     * How many are left alone by appends, for when no block is free. Each operation takes one first, and either gives back the file of a segment
     * that it replaces or leaves one more segment with records than there was. Before there are appends again the latter can happen twice: in the
     * recovery after a crash, and in the first truncation or trim, which leaves a tail without a record. Each further one replaces such a
     * tail, for which it needs the third, and gives back as many.
     */
    public static final int RESERVED = 3;

    /**
     * What is reserved, one for the next roll, one more as trims and rolls take turns, the one or the other first, and one as they do not always: so
     * they need no new spares.
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

    /** One spare: its name and how long it is, in bytes. */
    public record Spare(String name, long length) {}

    public Spares(Storage storage) {
        this.storage = storage;
    }

    /** Takes over the spares that are there, and removes those that were never finished. The names have been synced. */
    public void adopt(List<StoredFile> files) throws IOException {
        for (StoredFile file : files) {
            Matcher name = NAME.matcher(file.name());
            if (!name.matches()) {
                continue;
            }
            long number = Long.parseLong(name.group(1), 16);
            numbersAdopted.add(number);
            nextNumber = Math.max(nextNumber, number + 1);
            if (name.group(2) == null && isUsable(file)) {
                settled.add(new Spare(file.name(), file.length() & -Layout.ALIGNMENT));
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

    /** How many of them are for rolls, which leave the reserve alone, and at least so long. Asked on the way of appends, so it allocates nothing. */
    public int forRolls(long length) {
        lock.lock();
        try {
            int longEnough = countLongEnough(settled, length) + countLongEnough(unsettled, length);
            return Math.max(0, Math.min(longEnough, settled.size() + unsettled.size() - RESERVED));
        } finally {
            lock.unlock();
        }
    }

    /** How often something that could not go on without had to wait until one was made. */
    public long waits() {
        return waits.get();
    }

    /** Whether one of them is at least so long. */
    public boolean has(long length) {
        lock.lock();
        try {
            return countLongEnough(settled, length) + countLongEnough(unsettled, length) > 0;
        } finally {
            lock.unlock();
        }
    }

    private static int countLongEnough(List<Spare> among, long length) {
        int count = 0;
        for (int i = 0; i < among.size(); i++) {
            if (among.get(i).length() >= length) {
                count++;
            }
        }
        return count;
    }

    /** The shortest that is long enough. */
    private static Optional<Spare> longEnough(List<Spare> among, long length) {
        return among.stream().filter(spare -> spare.length() >= length).min(Comparator.comparingLong(Spare::length));
    }

    /**
     * Makes what is missing of the reserve.
     *
     * @throws DiskFullException if there is no room; nothing is left behind
     */
    public void reserve(long length) throws IOException {
        while (count() < RESERVED && !stopped) {
            waits.incrementAndGet();
            makeUnless(() -> count() >= RESERVED, length, () -> true);
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
     * As {@link #make}, leaving the disk to others most of the time as long as nobody waits for a spare.
     *
     * @param urgent whether it will be needed soon
     */
    public void makeAtLeisure(long length, BooleanSupplier urgent) throws IOException {
        makeUnless(() -> false, length, () -> making.hasQueuedThreads() || urgent.getAsBoolean());
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
        String name = newName();
        String unfinished = name.replace(".tmp", ".new.tmp");
        boolean filled = false;
        try {
            fill(unfinished, length, urgent);
            filled = !stopped;
        } catch (NoSpaceException e) {
            throw new DiskFullException(
                    storage.name() + ": no room for another segment of " + length + " bytes. The call was refused and "
                            + "changed nothing. Free some space and try again; trimming a log that is open makes room, too.",
                    e);
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
    private void fill(String name, long length, BooleanSupplier urgent) throws IOException {
        byte[] zeros = new byte[(int) Math.min(CHUNK_BYTES, length)];
        try (WritableFile file = storage.create(name)) {
            for (long offset = 0; offset < length && !stopped; offset += zeros.length) {
                file.write(offset, zeros, 0, (int) Math.min(zeros.length, length - offset));
                file.sync();
                if (offset + zeros.length < length && !urgent.getAsBoolean()) {
                    LockSupport.parkNanos(REST_NANOS);
                }
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
     * Turns the file of a dead segment into a spare if one is wanted, and removes it otherwise. Its name is not synced. The three shortest
     * spares do for the reserve; of the rest, which are for rolls, the longest three are kept.
     */
    public void recycleOrDelete(StoredFile dead) throws IOException {
        boolean wanted = isUsable(dead) && makePlaceFor(dead.length());
        if (!wanted) {
            storage.delete(dead.name());
            return;
        }
        String name = newName();
        storage.rename(dead.name(), name);
        add(unsettled, new Spare(name, dead.length() & -Layout.ALIGNMENT));
    }

    /** Whether a spare of this length is wanted; removes a shorter one for it if there are enough. */
    private boolean makePlaceFor(long length) throws IOException {
        while (count() >= WANTED) {
            Optional<Spare> shorter = takeBeyondReserve(length);
            if (shorter.isEmpty()) {
                return false;
            }
            deleteIfThere(shorter.get().name());
        }
        return true;
    }

    private Optional<Spare> takeBeyondReserve(long longer) {
        lock.lock();
        try {
            Optional<Spare> shortest = settled.stream()
                    .sorted(Comparator.comparingLong(Spare::length))
                    .skip(RESERVED)
                    .findFirst()
                    .filter(spare -> spare.length() < longer);
            shortest.ifPresent(settled::remove);
            return shortest;
        } finally {
            lock.unlock();
        }
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

    /** Syncs the names of the storage; spares recycled before are settled then, or given up if they have a second name. */
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
     * A settled spare of at least this length for what can wait until there is room: those that are reserved are left for {@link
     * #takeReserved}. Makes one if need be.
     *
     * @throws DiskFullException if there is none to take and no room to make one
     */
    public Spare take(long length) throws IOException {
        if (!canTake(length)) {
            waits.incrementAndGet();
            makeUnless(() -> canTake(length), length, () -> true);
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
        Optional<Spare> taken = takeSettled(length);
        if (taken.isEmpty()) {
            syncNames();
            taken = takeSettled(length);
        }
        if (taken.isEmpty()) {
            make(length); // the one that there was turned out to be shared
            taken = takeSettled(length);
        }
        return taken.orElseThrow(() -> new AssertionError("no spare of " + length + " bytes among " + settled));
    }

    private Optional<Spare> takeSettled(long length) {
        lock.lock();
        try {
            Optional<Spare> spare = longEnough(settled, length);
            spare.ifPresent(settled::remove);
            return spare;
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

    /** Takes and opens a spare. One that somebody deleted, or that may not be written, is forgotten, and another is taken. */
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

    private String newName() {
        lock.lock();
        try {
            return String.format(Locale.ROOT, "spare-%08x.tmp", newNumber());
        } finally {
            lock.unlock();
        }
    }

    /** Somebody may have left a file with the last number there is: then it goes on with those that are free. */
    private long newNumber() {
        do {
            nextNumber = nextNumber > MAX_NUMBER ? 1 : nextNumber;
        } while (numbersAdopted.contains(nextNumber++));
        return nextNumber - 1;
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
