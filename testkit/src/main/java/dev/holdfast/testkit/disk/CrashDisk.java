package dev.holdfast.testkit.disk;

import dev.holdfast.testkit.disk.DiskStep.Kind;
import dev.holdfast.testkit.disk.DiskStep.Moment;
import dev.holdfast.wal.LogLockedException;
import dev.holdfast.wal.storage.NoSpaceException;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.StoredFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Simulates a directory on a disk that can lose power. The disk is as harsh as the contract of {@link Storage} permits.
 *
 * <p>Sectors have 512 bytes. Until a sync, each written sector may keep its old bytes, take the new bytes or tear,
 * independently of all others. Each changed name and file length also survives or is lost independently. After a failed
 * sync of a file, its unsynced bytes stay visible, but no later sync makes them stable.
 *
 * <p>Each program that uses the disk is a {@link #process}. A crash ends all processes: it releases their files and
 * locks, and every later call of these processes throws. {@link #kill} and {@link #cutPower} crash this disk itself. To
 * explore several outcomes of a crash, take a {@link #state} at any moment and create new disks from that state. A
 * {@link CrashListener} may take a state in the middle of an operation.
 *
 * <p>Thread-safe. Deterministic: chance comes only from a seed or from a {@link PowerCut}.
 */
public final class CrashDisk {
    private static final int BLOCK_BYTES = Sector.BYTES * Sector.PER_BLOCK;
    private static final ByteBuffer NO_HINT = ByteBuffer.allocate(0);

    private final Map<Integer, FileState> files;
    private Names names;
    private long nameChanges;
    private long sequence;
    private long capacityBytes;

    private int nextFile;
    private int life;
    private int processes;
    private long steps;
    private long reads;
    private @Nullable CrashProcess owner;

    /** The bytes that the last owner published. They outlive a crash, because nothing may rely on them then. */
    private ByteBuffer hint = NO_HINT;

    private @Nullable CrashListener listener;
    private @Nullable Fault fault;
    private long strikes;
    private @Nullable DiskState known;

    /** Creates an empty disk with unlimited space. */
    public CrashDisk() {
        this(new DiskState(Map.of(), Names.EMPTY, 0, Long.MAX_VALUE));
    }

    CrashDisk(DiskState state) {
        files = new HashMap<>(state.files());
        names = state.names();
        sequence = state.sequence();
        capacityBytes = state.capacityBytes();
        known = state;
        for (int number : files.keySet()) {
            nextFile = Math.max(nextFile, number + 1);
        }
    }

    /** Opens the directory as a new process. */
    public synchronized Storage process() {
        processes++;
        return new CrashProcess(this, life, processes);
    }

    /**
     * Returns the visible, stable and pending (unsynced) content of the disk. Returns the same object until the disk
     * changes.
     */
    public synchronized DiskState state() {
        DiskState state = known;
        if (state == null) {
            Map<Integer, FileState> named = new HashMap<>();
            for (Integer number : names.files()) {
                named.put(number, file(number));
            }
            state = new DiskState(named, names, sequence, capacityBytes);
            known = state;
        }
        return state;
    }

    /** Ends all processes. All bytes that the processes have written stay visible. */
    public synchronized void kill() {
        life++;
        owner = null;
    }

    /** Ends all processes and drops every unsynced change that the rule {@code cut} does not keep. */
    public synchronized void cutPower(PowerCut cut) {
        DiskState left = state().afterPowerCut(cut);
        kill();
        files.clear();
        files.putAll(left.files());
        names = left.names();
        known = left;
    }

    /** Calls {@code listener} at every crash point from now on; null stops the calls. */
    public synchronized void listen(@Nullable CrashListener listener) {
        this.listener = listener;
    }

    /** Makes operations fail from now on, as {@code fault} describes; null stops the failures. */
    public synchronized void fail(@Nullable Fault fault) {
        this.fault = fault;
        strikes = 0;
        if (fault != null && fault.kind() == Fault.Kind.BLOCKS) {
            limitTo(fault.step() * BLOCK_BYTES);
        }
    }

    /** Returns the number of operations that have failed since the last call of {@link #fail}. */
    public synchronized long strikes() {
        return strikes;
    }

    /** Returns the number of reads of file bytes that were started. */
    public synchronized long reads() {
        return reads;
    }

    /** Returns the number of operations that were started and that change the disk, including failed operations. */
    public synchronized long steps() {
        return steps;
    }

    /**
     * Limits the space of the disk to this many bytes. Space is counted in blocks of 4096 bytes. A block takes space
     * from its first write on.
     */
    public synchronized void limitTo(long bytes) {
        capacityBytes = bytes;
        known = null;
    }

    synchronized long freeBytes() {
        return Math.max(0, capacityBytes - usedBytes());
    }

    /**
     * Returns whether the disk may be full because {@link #limitTo} or a fault of {@link #fail} limits its space.
     * Returns false if the space is unlimited.
     */
    public synchronized boolean isFull() {
        return capacityBytes != Long.MAX_VALUE || (fault != null && fault.kind() == Fault.Kind.NO_SPACE);
    }

    /** Returns whether {@link #fail} has set a fault, no matter whether the fault has occurred yet. */
    public synchronized boolean hasFault() {
        return fault != null;
    }

    /** Returns the number of bytes that the blocks of all visible files take. */
    public synchronized long usedBytes() {
        long blocks = 0;
        for (Integer number : names.visible().values()) {
            blocks += file(number).visible().blocks(Sector.PER_BLOCK);
        }
        return blocks * BLOCK_BYTES;
    }

    synchronized void requireLife(int life) throws IOException {
        if (life != this.life) {
            throw new IOException("this process has crashed");
        }
    }

    synchronized void lock(CrashProcess process) throws IOException {
        if (owner != null) {
            throw new LogLockedException(process.name() + " is locked by " + owner);
        }
        owner = process;
        hint = NO_HINT;
    }

    synchronized void unlock(CrashProcess process) {
        if (owner == process) {
            owner = null;
        }
    }

    synchronized Optional<String> holder() {
        return Optional.ofNullable(owner).map(CrashProcess::toString);
    }

    synchronized ByteBuffer hint() {
        return hint.duplicate();
    }

    synchronized void publish(CrashProcess process, byte[] bytes) {
        if (owner != process) {
            throw new AssertionError(process + " publishes a hint without the lock");
        }
        hint = ByteBuffer.wrap(bytes.clone());
    }

    synchronized List<StoredFile> list() {
        List<StoredFile> found = new ArrayList<>();
        names.visible()
                .forEach((name, number) ->
                        found.add(new StoredFile(name, file(number).visible().length(), 1, true)));
        return found;
    }

    /** Returns a stamp of the file names: a number that changes whenever a name changes. */
    synchronized long namesStamp() {
        return nameChanges;
    }

    synchronized int find(String name) throws NoSuchFileException {
        Integer number = names.visible().get(name);
        if (number == null) {
            throw new NoSuchFileException(name);
        }
        return number;
    }

    synchronized long length(int number) {
        return file(number).visible().length();
    }

    synchronized int read(int number, long offset, ByteBuffer into) throws IOException {
        reads++;
        Fault now = fault;
        if (now != null && now.strikes(Fault.Kind.READ, reads - 1)) {
            strikes++;
            throw new IOException("simulated fault: read at offset " + offset);
        }
        return file(number).visible().read(offset, into);
    }

    synchronized int create(String name) throws IOException {
        requireFree(name);
        DiskStep step = begin(Kind.CREATE, name, 0, 0);
        int number = nextFile++;
        changeNames(step, new NameChange(sequence++, null, name, number), true);
        return number;
    }

    synchronized void rename(String from, String to) throws IOException {
        int number = find(from);
        requireFree(to);
        changeNames(begin(Kind.RENAME, from + " -> " + to, 0, 0), new NameChange(sequence++, from, to, number), false);
    }

    synchronized void delete(String name) throws IOException {
        int number = find(name);
        changeNames(begin(Kind.DELETE, name, 0, 0), new NameChange(sequence++, name, null, number), false);
    }

    private void requireFree(String name) throws FileAlreadyExistsException {
        if (names.visible().containsKey(name)) {
            throw new FileAlreadyExistsException(name);
        }
    }

    private void changeNames(DiskStep step, NameChange change, boolean takesSpace) throws IOException {
        boolean fails = strikes(step, takesSpace);
        if (!fails || chance(step).nextBoolean()) {
            files.putIfAbsent(change.file(), FileState.EMPTY);
            names = names.changed(change);
            nameChanges++;
            known = null;
        }
        end(step, fails, "");
    }

    synchronized void syncNames() throws IOException {
        DiskStep step = begin(Kind.SYNC_NAMES, "", 0, 0);
        boolean fails = strikes(step, false);
        names = fails ? names.syncFailed(chance(step)) : names.synced();
        known = null;
        end(step, fails, "");
    }

    synchronized void syncFile(int number, String openedAs) throws IOException {
        DiskStep step = begin(Kind.SYNC_FILE, nameOf(number, openedAs), 0, 0);
        boolean fails = strikes(step, false);
        FileState file = file(number);
        put(number, fails ? file.syncFailed(chance(step)) : file.synced());
        end(step, fails, "");
    }

    synchronized void write(
            int number, String openedAs, long offset, byte[] bytes, int from, int length, boolean synced)
            throws IOException {
        if (length == 0) {
            return;
        }
        Kind kind = synced ? Kind.WRITE_SYNCED : Kind.WRITE;
        DiskStep step = begin(kind, nameOf(number, openedAs), offset, length);
        int room = room(number, offset, length);
        boolean fails = strikes(step, room < length || takesBlocks(number, offset, length));
        int reached = fails ? reachedByFailing(chance(step), offset, length) : length;
        int written = Math.min(reached, room);
        if (written > Sector.BYTES) {
            int half = upToSector(offset, new SplittableRandom(step.number()).nextInt(written));
            writePart(number, offset, bytes, from, half);
            tell(step, Moment.WITHIN);
            writePart(number, offset + half, bytes, from + half, written - half);
        } else {
            writePart(number, offset, bytes, from, written);
        }
        if (synced) {
            tell(step, Moment.WRITTEN);
            // What a full disk took may be synced or not.
            syncPart(
                    step,
                    number,
                    offset,
                    written,
                    fails || (written < length && chance(step).nextBoolean()));
        }
        if (room < reached) {
            strikes++;
            tell(step, Moment.AFTER);
            throw new NoSpaceException("simulated disk is full: " + step, null);
        }
        end(step, fails, " (" + written + " bytes were written)");
    }

    private static int reachedByFailing(SplittableRandom random, long offset, int length) {
        return random.nextInt(4) == 0 ? length : upToSector(offset, random.nextInt(length));
    }

    /**
     * Returns the number of bytes from {@code offset} to the last sector boundary within the next {@code length} bytes;
     * 0 if there is no boundary.
     */
    private static int upToSector(long offset, int length) {
        return (int) Math.max(0, (offset + length) / Sector.BYTES * Sector.BYTES - offset);
    }

    private void writePart(int number, long offset, byte[] bytes, int from, int length) {
        if (length > 0) {
            put(number, file(number).written(sequence, offset, bytes, from, length));
            sequence += Sector.count(length) + 2;
        }
    }

    private void syncPart(DiskStep step, int number, long offset, int length, boolean fails) {
        if (length > 0) {
            FileState file = file(number);
            put(
                    number,
                    fails
                            ? file.syncFailed(
                                    chance(step), (int) (offset / Sector.BYTES), Sector.count(offset + length))
                            : file.syncedRange(sequence++, offset, length));
        }
    }

    /** Returns the number of leading bytes of a write that fit into the free space. */
    private int room(int number, long offset, int length) {
        if (capacityBytes == Long.MAX_VALUE) {
            return length;
        }
        long free = Math.max(0, capacityBytes - usedBytes()) / BLOCK_BYTES;
        Content content = file(number).visible();
        for (int done = 0; done < length; ) {
            int block = (int) ((offset + done) / BLOCK_BYTES);
            if (!content.hasBlock(block, Sector.PER_BLOCK) && free-- == 0) {
                return done;
            }
            done = (int) Math.min(length, (block + 1L) * BLOCK_BYTES - offset);
        }
        return length;
    }

    private boolean takesBlocks(int number, long offset, int length) {
        Content content = file(number).visible();
        int behind = (int) ((offset + length - 1) / BLOCK_BYTES) + 1;
        for (int block = (int) (offset / BLOCK_BYTES); block < behind; block++) {
            if (!content.hasBlock(block, Sector.PER_BLOCK)) {
                return true;
            }
        }
        return false;
    }

    private String nameOf(int number, String openedAs) {
        for (Map.Entry<String, Integer> name : names.visible().entrySet()) {
            if (name.getValue() == number) {
                return name.getKey();
            }
        }
        return openedAs;
    }

    private DiskStep begin(Kind kind, String name, long offset, int length) {
        DiskStep step = new DiskStep(steps++, kind, name, offset, length);
        tell(step, Moment.BEFORE);
        return step;
    }

    private void end(DiskStep step, boolean fails, String remark) throws IOException {
        tell(step, Moment.AFTER);
        if (!fails) {
            return;
        }
        String message = "simulated fault: " + step + remark;
        if (fault != null && fault.kind() == Fault.Kind.NO_SPACE) {
            throw new NoSpaceException(message, null);
        }
        throw new IOException(message);
    }

    private void tell(DiskStep step, Moment moment) {
        if (listener != null) {
            listener.at(step, moment);
        }
    }

    private boolean strikes(DiskStep step, boolean takesSpace) {
        Fault now = fault;
        boolean fails = now != null
                && (now.strikes(Fault.Kind.ERROR, step.number())
                        || (takesSpace && now.strikes(Fault.Kind.NO_SPACE, step.number())));
        strikes += fails ? 1 : 0;
        return fails;
    }

    private static SplittableRandom chance(DiskStep step) {
        return new SplittableRandom(step.number() * 0x9E3779B97F4A7C15L);
    }

    private FileState file(int number) {
        FileState file = files.get(number);
        if (file == null) {
            throw new AssertionError("no file " + number);
        }
        return file;
    }

    private void put(int number, FileState file) {
        files.put(number, file);
        known = null;
    }
}
