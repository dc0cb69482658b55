package dev.holdfast.wal.chain;

import static dev.holdfast.wal.chain.SpareFiller.URGENT;

import dev.holdfast.wal.CallRefusedException;
import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.DiskFullException;
import dev.holdfast.wal.LogFilesChangedException;
import dev.holdfast.wal.chain.DeadFiles.Blocks;
import dev.holdfast.wal.chain.Spares.Spare;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.SpareName;
import dev.holdfast.wal.segment.SegmentWriter;
import dev.holdfast.wal.storage.NoSpaceException;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.StoredFile;
import dev.holdfast.wal.storage.WritableFile;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes spares, on the thread that needs one or in the background, and refuses calls if the disk has no room.
 *
 * <p>A new spare is filled with zeros. A recycled spare is a dead segment under another name; its old bytes are
 * harmless, because none of them match the salt of the next header. {@link Spares} decides which spares to make, to
 * take and to delete. Thread-safe, except {@link #prepare}.
 */
public final class SpareMaker {
    private final Storage storage;
    final long firstSegmentBytes;
    private final Spares pool = new Spares();
    private final DeadFiles dead;
    private final ReentrantLock making = new ReentrantLock(true);
    private final ReentrantLock syncing = new ReentrantLock();

    /** The first failure of {@link #syncNames}, which the disk reports to one thread only. */
    private volatile @Nullable IOException syncFailure;

    /** Whether a dead file was removed since the last sync of the names. */
    private volatile boolean removedSinceSync;

    private final AtomicBoolean inBackground = new AtomicBoolean();
    private final AtomicLong waits = new AtomicLong();
    private volatile boolean stopped;
    private final RoomCheck room;
    private volatile LongSupplier nanoTime = () -> 0;
    volatile Executor background = Runnable::run;
    private long segmentBytes;
    private boolean logTrims;
    private boolean secondMade;

    private final GrowthRate growth = new GrowthRate();
    private final SpareFiller filler = new SpareFiller(growth, () -> stopped);

    /** Names of recycled spares whose blocks are probably not in the cache, because groups were written past it. */
    private final Set<String> cold = ConcurrentHashMap.newKeySet();

    /** Creates a pool without spares. A spare is as long as a first segment if nothing else determines its length. */
    public SpareMaker(Storage storage, long firstSegmentBytes) {
        this.storage = storage;
        this.firstSegmentBytes = firstSegmentBytes;
        this.dead = new DeadFiles(storage, this);
        this.room = new RoomCheck(storage);
    }

    /** Takes over the spares in the directory and deletes unfinished ones. The caller must have synced their names. */
    public void adopt(List<StoredFile> files) throws IOException {
        for (StoredFile file : files) {
            Optional<SpareName> name = SpareName.parse(file.name());
            if (name.isPresent() && !pool.adopt(name.get(), file) && file.regular()) {
                storage.delete(file.name());
            }
        }
    }

    /** Begins to serve a log whose segments grow to {@code segmentBytes}. Deletes superfluous longer spares. */
    public void use(long segmentBytes, LongSupplier clock, Executor background) throws IOException {
        this.segmentBytes = segmentBytes;
        this.nanoTime = clock;
        this.background = background;
        growth.start(clock.getAsLong());
        waits.set(0);
        pool.keepUpTo(segmentBytes);
        deleteAll(() -> pool.takeUnfit(0));
    }

    private void deleteAll(Supplier<Optional<Spare>> take) throws IOException {
        for (Optional<Spare> spare = take.get(); spare.isPresent(); spare = take.get()) {
            deleteIfThere(spare.get().name());
        }
    }

    public Spares pool() {
        return pool;
    }

    /** Returns how often an append had to wait until a spare was made. */
    public long waits() {
        return waits.get();
    }

    /**
     * Completes the reserve with spares without holes, each with room for a copy of a group of this many bytes, unless
     * the group is a single large batch. Throws {@link DiskFullException} if there is no space.
     */
    public void reserve(long groupBytes) throws IOException {
        long shortest = Math.min(CutPlan.fileLengthFor(Math.min(groupBytes, Layout.MAX_GROUP_BYTES)), segmentBytes);
        long grown = Math.min(Layout.SECOND_SEGMENT_BYTES, segmentBytes);
        long length = shortest <= firstSegmentBytes ? firstSegmentBytes : grown;
        while (!pool.hasProvenReserve(shortest) && !stopped) { // seam: reserve-length
            try {
                supply(() -> pool.hasProvenReserve(shortest), shortest, length);
            } catch (DiskFullException e) {
                if (!pool.hasLongReserve(shortest)) throw e;
                return; // spares that are longer than a segment complete the reserve
            }
            deleteAll(() -> pool.takeUnfit(shortest));
        }
    }

    /** Proves a spare of at least {@code shortest} bytes or, if there is none, makes one, unless there are enough. */
    private void supply(BooleanSupplier enough, long shortest, long lengthIfMade) throws IOException {
        dead.recycleUntil(enough);
        if (enough.getAsBoolean()) return;
        making.lock();
        try {
            if (enough.getAsBoolean() || proveOne(shortest, URGENT)) return;
            waits.incrementAndGet();
            makeUnless(enough, lengthIfMade, URGENT);
        } finally {
            making.unlock();
        }
    }

    /**
     * Prepares a spare of the next segment's length in the background, if there is none. A log that trims prepares one
     * more spare, once: decision 10. Allocates nothing if no spare is missing. Only the writer of the log calls this.
     *
     * @param urgent whether the disk may be used without pauses; called on the thread that makes the spare
     */
    public void prepare(long atLeast, BooleanSupplier urgent) {
        if (growth.takesHoles()) return;
        long length = Math.max(atLeast, firstSegmentBytes); // as take does
        int ready = pool.forRolls(length);
        if (ready == 0) {
            makeInBackground(length, urgent);
        } else if (logTrims && !secondMade && length == segmentBytes) {
            secondMade = ready > 1 || makeInBackground(length, urgent);
        }
    }

    void logTrims() {
        logTrims = true;
        growth.trimmed();
    }

    /** Prepares a spare in the background if only the reserve is left. Any thread may call this. */
    public void prepareBeyondReserve(long length, BooleanSupplier urgent) {
        if (pool.count() <= Spares.RESERVED) makeInBackground(Math.max(length, firstSegmentBytes), urgent);
    }

    /** Starts to make a spare. Returns false if one is being made already, or if no thread is available. */
    private boolean makeInBackground(long length, BooleanSupplier urgent) {
        if (!inBackground.compareAndSet(false, true)) return false;
        try {
            background.execute(() -> makeAtLeisure(length, urgent));
            return true;
        } catch (OutOfMemoryError | RejectedExecutionException e) {
            // The roll that needs the spare makes it.
            inBackground.set(false);
            return false;
        }
    }

    /** Fills or makes a spare. Pauses between chunks unless a thread waits for a spare or {@code urgent} is true. */
    private void makeAtLeisure(long length, BooleanSupplier urgent) {
        BooleanSupplier awaited = () -> making.hasQueuedThreads() || urgent.getAsBoolean();
        try {
            if (!proveOne(length, awaited)) {
                makeUnless(() -> false, length, awaited);
            }
        } catch (IOException e) {
            // The roll that needs the spare tries again and reports the failure.
        } finally {
            inBackground.set(false);
        }
    }

    public GrowthRate growth() {
        return growth;
    }

    /** Fills an unproven spare with zeros. Deletes spares that find no space. Returns false if none is left. */
    private boolean proveOne(long length, BooleanSupplier urgent) throws IOException {
        making.lock();
        try {
            if (stopped) return false;
            Optional<Spare> filled = takeProven(() -> pool.takeUnproven(length), urgent);
            filled.ifPresent(pool::add);
            return filled.isPresent();
        } finally {
            making.unlock();
        }
    }

    /** Takes a spare and fills it with zeros if it is unproven. If this is impossible, takes another one. */
    private Optional<Spare> takeProven(Supplier<Optional<Spare>> take, BooleanSupplier urgent) throws IOException {
        Optional<Spare> taken;
        do {
            taken = take.get();
        } while (taken.isPresent() && !taken.get().proven() && !prove(taken.get(), urgent));
        return taken.map(spare -> new Spare(spare.name(), spare.length(), spare.proven() || !stopped, true));
    }

    private boolean prove(Spare spare, BooleanSupplier urgent) throws IOException {
        try (WritableFile file = storage.openForWriting(spare.name())) {
            filler.fill(file, spare.length(), urgent);
            return true;
        } catch (NoSpaceException e) {
            deleteIfThere(spare.name());
            return false;
        } catch (NoSuchFileException | AccessDeniedException e) {
            pool.forgetDeleted(storage);
            return false;
        } catch (Throwable e) {
            pool.add(spare); // the error may be temporary
            if (e instanceof IOException || e instanceof OutOfMemoryError) {
                throw refused(spare.name() + " could not be filled with zeros", e);
            }
            throw e;
        }
    }

    /** Makes a spare as long as a first segment. If the disk is full, throws {@link DiskFullException}. */
    public void make() throws IOException {
        make(firstSegmentBytes);
    }

    /** Makes a synced spare of zeros. If the disk is full, throws {@link DiskFullException} and leaves no file. */
    void make(long length) throws IOException {
        makeUnless(() -> false, length, URGENT);
    }

    /**
     * Waits until no other thread makes a spare, and then makes one unless {@code enough} is true. If the disk is full,
     * waits until no dead file is left, and tries again.
     */
    private void makeUnless(BooleanSupplier enough, long length, BooleanSupplier urgent) throws IOException {
        making.lock();
        try {
            if (enough.getAsBoolean() || stopped) return;
            boolean removing = !dead.isEmpty(); // before the attempt, during which the last file may be removed
            try {
                makeOne(length, urgent);
            } catch (DiskFullException e) {
                if (!dead.removeAll() && !removing) throw e; // seam: room-of-dead-files
                if (!enough.getAsBoolean() && !stopped) makeOne(length, urgent);
            }
        } finally {
            making.unlock();
        }
    }

    private void makeOne(long length, BooleanSupplier urgent) throws IOException {
        Optional<SpareName> unfinished = create(length, file -> filler.fill(file, length, urgent));
        if (unfinished.isEmpty()) return;
        String name = new SpareName(unfinished.get().number(), true).fileName();
        storage.rename(unfinished.get().fileName(), name);
        syncNames(); // seam: spare-name-sync
        pool.add(new Spare(name, length, true, true));
    }

    /** Writes the blocks of a new file. */
    private interface Content {
        void write(WritableFile file) throws IOException;
    }

    /** Creates the file of an unfinished spare, which an opening deletes. Returns empty if this maker was stopped. */
    private Optional<SpareName> create(long length, Content content) throws IOException {
        requireSyncedNames();
        room.require(length, nanoTime);
        SpareName name = new SpareName(pool.newNumber(), false);
        boolean complete = false;
        try (WritableFile file = storage.create(name.fileName())) {
            content.write(file);
            complete = !stopped;
        } catch (NoSpaceException e) {
            throw room.missing(length, nanoTime, e);
        } catch (IOException e) {
            throw refused("a segment of " + length + " bytes could not be made", e);
        } finally {
            if (!complete) deleteIfThere(name.fileName());
        }
        return complete ? Optional.of(name) : Optional.empty();
    }

    /** Creates the exception to throw if a call fails before it has changed the log. */
    IOException refused(String what, Throwable cause) {
        if (cause instanceof LogFilesChangedException || cause instanceof CorruptLogException) {
            return (IOException) cause; // the cause is more specific
        }
        String why = storage.name() + ": " + what + " (" + cause + "). The call was refused and changed nothing. The "
                + "log stays usable: remove the cause and try again.";
        return new CallRefusedException(why, cause);
    }

    private void deleteIfThere(String name) throws IOException {
        cold.remove(name);
        if (storage.find(name).isPresent()) storage.delete(name);
    }

    /** Stops making spares and removing dead files; returns when no thread does so. */
    @SuppressWarnings("LockNotBeforeTry") // acquiring the locks waits for the threads that hold them
    public void stop() {
        stopped = true;
        dead.stop();
        making.lock();
        making.unlock();
        syncing.lock();
        syncing.unlock();
    }

    /** Returns the files of dead segments that wait to become spares or to be deleted. */
    public DeadFiles dead() {
        return dead;
    }

    /**
     * Turns the file of a dead segment into a spare, in place of a shorter spare if there are enough, or deletes the
     * file. Does not sync the names.
     */
    public void recycleOrDelete(StoredFile dead, Blocks blocks) throws IOException {
        deleteAll(() -> pool.takeShorter(dead));
        if (!recycle(dead, blocks)) {
            storage.delete(dead.name());
            removedSinceSync = true;
        }
    }

    /** Syncs the directory if dead files were removed since the last sync. Returns whether this was necessary. */
    boolean syncRemoved() throws IOException {
        syncing.lock();
        try {
            requireSyncedNames();
            boolean unsynced = removedSinceSync && !stopped;
            if (unsynced) syncNames();
            return unsynced;
        } finally {
            syncing.unlock();
        }
    }

    /** Turns the file of a dead segment into a spare. Returns false if no more spares of its length are wanted. */
    boolean recycle(StoredFile dead, Blocks blocks) throws IOException {
        if (!pool.wants(dead)) return false;
        boolean proven = blocks == Blocks.PROVEN;
        String name = new SpareName(pool.newNumber(), true).fileName();
        storage.rename(dead.name(), name);
        pool.add(new Spare(name, Spares.wholeWords(dead), proven, false)); // seam: recycled-unsettled
        removedSinceSync = true;
        if (proven && growth.isBulk()) cold.add(name);
        return true;
    }

    /**
     * Syncs the directory. Spares recycled before become settled, or are deleted if they have a second name. After a
     * failure every further call fails: the disk might report success to another thread whose names are lost.
     */
    public void syncNames() throws IOException {
        syncing.lock();
        try {
            requireSyncedNames();
            List<Spare> before = pool.unsettled();
            removedSinceSync = false;
            storage.sync(); // seam: spares-names-sync
            for (Spare spare : before) {
                if (storage.find(spare.name()).filter(file -> file.links() > 1).isPresent() && pool.remove(spare)) {
                    storage.delete(spare.name());
                }
            }
            pool.settle(before);
        } catch (IOException e) {
            syncFailure = e;
            throw e;
        } finally {
            syncing.unlock();
        }
    }

    /** Throws if names are not synced because a sync has failed, perhaps on the thread that makes spares. */
    public void requireSyncedNames() throws IOException {
        IOException failure = syncFailure;
        if (failure != null) throw failure;
    }

    /**
     * A file that was taken and is open for writing. It has holes if it is not proven; {@code cold} if its blocks are
     * probably not in the cache.
     */
    record Taken(Spare spare, WritableFile file, boolean cold) {}

    /** Takes a spare beyond the complete reserve, of at least this length and that of a first segment. */
    Taken take(long atLeast) throws IOException {
        long length = Math.max(atLeast, firstSegmentBytes);
        long provable = pool.count() > Spares.RESERVED ? length : Long.MAX_VALUE; // none of an incomplete reserve
        supply(() -> pool.forRolls(length) > 0, provable, length); // seam: spare-for-roll
        return open(length);
    }

    /** Takes a file for a roll: a spare beyond the reserve, or a file with holes if the log grows in bulk. */
    Taken takeForRoll(long atLeast) throws IOException {
        long length = Math.max(atLeast, firstSegmentBytes);
        long free = storage.leavesHoles() ? storage.freeBytes().orElse(Long.MAX_VALUE) : 0;
        growth.rolls(length, free, nanoTime.getAsLong());
        boolean holes = growth.takesHoles() && pool.forRolls(length) == 0;
        Taken taken = holes ? makeWithHoles(length) : take(length);
        growth.start(nanoTime.getAsLong());
        return taken;
    }

    /** Makes a file, and writes only its first blocks and the place of the footer. */
    private Taken makeWithHoles(long length) throws IOException {
        Optional<SpareName> made;
        try {
            made = create(length, file -> SegmentWriter.writeEnds(file, length));
        } catch (DiskFullException e) {
            growth.fillNext();
            return take(length); // waits for the files of dead segments
        }
        String name =
                made.orElseThrow(() -> new AssertionError("the log has failed")).fileName();
        try {
            return new Taken(new Spare(name, length, false, true), storage.openForWriting(name), false);
        } catch (IOException e) {
            deleteIfThere(name);
            throw refused(name + " could not be opened", e);
        }
    }

    /** Takes back a file that did not become a segment, and that is closed. Bytes written to a spare are harmless. */
    void takeBack(Taken taken) throws IOException {
        if (taken.spare().proven()) { // seam: take-back
            pool.add(taken.spare());
        } else {
            deleteIfThere(taken.spare().name());
        }
    }

    /** Takes a spare of at least this length, also from the reserve. If there is none, makes one. */
    Taken takeReserved(long length) throws IOException {
        dead.recycleUntil(() -> pool.hasReserve() && pool.has(length));
        if (!pool.has(length)) {
            makeUnless(() -> pool.has(length), Math.max(length, firstSegmentBytes), URGENT);
        }
        return open(length);
    }

    /**
     * Takes and opens a settled spare. If the only candidate was deleted, because it had a second name, or holes and no
     * space to fill them, or because another program deleted it, makes and takes another. That one has only the needed
     * length, because the blocks of the deleted one may be all the free space.
     */
    private Taken open(long length) throws IOException {
        for (; !stopped; make(length)) {
            Optional<Spare> spare = takeProven(() -> pool.take(length), URGENT);
            if (spare.isEmpty()) {
                syncNames();
                spare = takeProven(() -> pool.take(length), URGENT);
            }
            if (spare.isPresent()) {
                try {
                    String name = spare.get().name();
                    return new Taken(spare.get(), storage.openForWriting(name), cold.remove(name));
                } catch (NoSuchFileException | AccessDeniedException e) {
                    pool.forgetDeleted(storage);
                } catch (IOException e) {
                    pool.add(spare.get());
                    throw refused(spare.get().name() + " could not be opened", e);
                }
            }
        }
        throw new AssertionError("no spare of " + length + " bytes");
    }
}
