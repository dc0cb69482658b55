package dev.holdfast.wal.segment;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.format.GroupBuffer;
import dev.holdfast.wal.format.GroupKind;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.Predecessor;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.StoredFile;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The live segments of a log as its writer sees them, each naming the one before it. All that adds a segment to a log
 * or takes one away is here, and there is one way to do it: a file is completed under another name, synced, renamed,
 * and the directory synced. That sync is the moment at which it happens, the segment with the highest epoch says what
 * is live, and everything it does not lead to is dead. Dead files go later; if they come back after a power failure
 * they are still dead.
 *
 * <p>The end of a log never moves back within a file. {@link #cut} makes a segment that supersedes the rest of another:
 * old bytes can not come back to life, since no later group ever stands where they stood. One thread at a time.
 */
public final class Chain {
    private final Storage storage;
    private final Spares spares;
    private final UUID logId;
    private final LongSupplier random;
    private final int recordLimit;
    private final int firstSegmentBytes;
    private final List<Segment> live;
    private final List<Segment> dead = new ArrayList<>();

    /** Kept for the next cut: what a new direct buffer each time costs is in {@code docs/decisions/0007}. */
    private final ReadBuffer window = new ReadBuffer();

    private final long firstOwnEpoch;
    private long nextEpoch;
    private final AtomicLong syncs = new AtomicLong();

    /**
     * A chain.
     *
     * @param live the live segments, oldest first; empty for a log that is being made
     * @param nextEpoch higher than that of any segment there is
     * @param firstSegmentBytes how long a spare is made where there is none
     */
    public Chain(
            Storage storage,
            Spares spares,
            UUID logId,
            LongSupplier random,
            int recordLimit,
            int firstSegmentBytes,
            List<Segment> live,
            long nextEpoch) {
        this.storage = storage;
        this.spares = spares;
        this.logId = logId;
        this.random = random;
        this.recordLimit = recordLimit;
        this.firstSegmentBytes = firstSegmentBytes;
        this.live = new ArrayList<>(live);
        this.firstOwnEpoch = nextEpoch;
        this.nextEpoch = nextEpoch;
    }

    /** The live segments, oldest first. */
    public List<Segment> live() {
        return List.copyOf(live);
    }

    public Segment tail() {
        return live.get(live.size() - 1);
    }

    public Spares spares() {
        return spares;
    }

    /** How often this waited for stable storage. */
    public long syncs() {
        return syncs.get();
    }

    /**
     * Goes on in a new segment when the tail is full. Every record in it has been synced. A tail without a record is
     * replaced.
     *
     * @param length of the new file
     */
    public SegmentWriter roll(SegmentWriter full, long length, long trimPoint) throws IOException {
        return roll(full, spares.open(() -> spares.take(length)), trimPoint);
    }

    /** As {@link #roll}, in a spare of any length, be it reserved: for a trim, which makes room. */
    public SegmentWriter rollIntoReserved(SegmentWriter full, long trimPoint) throws IOException {
        return roll(full, takeReserved(Layout.MIN_SEGMENT_BYTES), trimPoint);
    }

    private Spares.Taken takeReserved(long length) throws IOException {
        return spares.open(() -> spares.takeReserved(length, firstSegmentBytes));
    }

    private SegmentWriter roll(SegmentWriter full, Spares.Taken spare, long trimPoint) throws IOException {
        Segment old = full.segment();
        boolean empty = full.nextId() == old.baseId();
        Predecessor predecessor = empty
                ? old.header().predecessor()
                : new Predecessor.Sealed(old.header().epoch(), full.position());
        boolean pinned = empty && old.header().pinned();
        SegmentWriter next = begin(spare, full.nextId(), recordLimit, pinned, trimPoint, predecessor);
        publish(
                next,
                spare,
                () -> markBirth(next, false, false, full.nextId() - 1, trimPoint),
                () -> sealTail(full, full.position(), full.nextId(), next.segment(), trimPoint, full.nextId() - 1));
        full.close();
        succeed(live.subList(empty ? live.size() - 1 : live.size(), live.size()), next.segment());
        return next;
    }

    /**
     * Makes the log empty, or as empty as a first batch: every segment before is dead.
     *
     * @param pinned whether the next record must be {@code baseId}
     * @param first records to begin with, the first being {@code baseId}; durable on return like all the rest
     * @param alignment of that group
     */
    public SegmentWriter origin(long baseId, boolean pinned, @Nullable GroupBuffer first, int alignment)
            throws IOException {
        long needed = first == null ? 0 : Layout.fileLengthFor(first.alignedLength());
        Spares.Taken spare = first == null
                ? takeReserved(Layout.MIN_SEGMENT_BYTES)
                : spares.open(() -> spares.take(Math.max(needed, firstSegmentBytes)));
        SegmentWriter origin = begin(spare, baseId, recordLimit, pinned, baseId - 1, new Predecessor.None());
        publish(
                origin,
                spare,
                () -> {
                    if (first != null) {
                        origin.write(first, baseId - 1, baseId - 1, alignment, false);
                    }
                    markBirth(origin, false, false, baseId - 1, baseId - 1);
                },
                () -> {
                    if (!live.isEmpty()) {
                        sealDead(null, live.get(0).baseId() - 1, origin.segment(), baseId - 1);
                    }
                });
        succeed(live, origin.segment());
        return origin;
    }

    /**
     * Supersedes what follows a record. It reads all that it needs before it changes anything.
     *
     * @param at which live segment holds the record; where {@code lastToKeep} is one less than its base id, it holds no
     *     live record
     * @param lastToKeep the last record that stays
     * @param provenId up to here records are known to be synced; those from here to {@code lastToKeep} are copied
     * @param tail the writer of the tail, if there is one
     * @param closed whether the new segment says from birth that the log is closed, as nothing has been written behind
     *     it
     */
    public SegmentWriter cut(
            int at, long lastToKeep, long provenId, long trimPoint, @Nullable SegmentWriter tail, boolean closed)
            throws IOException {
        CutPlan plan = plan(live.get(at), lastToKeep, provenId);
        return supersede(at, plan, provenId, trimPoint, true, tail, closed);
    }

    /**
     * As {@link #cut} behind a record of the newest live segment, for a repair: the records that are known to be synced
     * stay where they are, so that the segment stays as it is, damage included; and a valid footer stays as well, as
     * another log may have the file under a name of its own.
     */
    public SegmentWriter cutInPlace(long lastToKeep, long provenId, long trimPoint) throws IOException {
        CutPlan plan = CutPlan.of(tail(), lastToKeep, provenId, 0, window);
        boolean footless = !plan.replacesIt()
                && Footers.read(storage, tail().header())
                        .filter(footer -> footer.nextId() >= plan.baseId())
                        .isEmpty();
        return supersede(live.size() - 1, plan, provenId, trimPoint, footless, null, true);
    }

    private CutPlan plan(Segment segment, long lastToKeep, long provenId) throws IOException {
        try {
            return CutPlan.of(segment, lastToKeep, provenId, roomIn(spares.shortest(firstSegmentBytes)), window);
        } catch (IOException | OutOfMemoryError e) {
            throw spares.refused("the records that stay could not be read", e);
        }
    }

    private SegmentWriter supersede(
            int at,
            CutPlan plan,
            long provenId,
            long trimPoint,
            boolean footless,
            @Nullable SegmentWriter tail,
            boolean closed)
            throws IOException {
        long lastToKeep = plan.lastToKeep();
        Spares.Taken spare = takeReserved(plan.fileLength());
        SegmentWriter next = begin(
                spare,
                plan.baseId(),
                plan.copy().isPresent() ? plan.cut().header().recordLimit() : recordLimit,
                plan.pinned(),
                trimPoint,
                plan.predecessor());
        publish(
                next,
                spare,
                () -> {
                    if (plan.copy().isPresent()) {
                        next.write(plan.copy().get(), plan.baseId() - 1, trimPoint);
                    }
                    if (lastToKeep <= provenId) {
                        markBirth(next, plan.copy().isPresent(), closed, lastToKeep, trimPoint);
                    }
                },
                () -> {
                    if (at + 1 < live.size() || (footless && plan.replacesIt())) {
                        sealDead(tail, lastToKeep, next.segment(), trimPoint);
                    } else if (footless && plan.predecessor() instanceof Predecessor.Cut end) {
                        sealTail(tail, end.endOffset(), plan.baseId(), next.segment(), trimPoint, plan.baseId() - 1);
                    }
                    if (closed && lastToKeep > provenId) {
                        // Not at birth: if the name were lost in a power failure, so would be what the markers claim to
                        // be synced.
                        next.markClosed(lastToKeep, trimPoint);
                    }
                });
        if (tail != null) {
            tail.close();
        }
        succeed(live.subList(plan.replacesIt() ? at : at + 1, live.size()), next.segment());
        return next;
    }

    private static long roomIn(long fileLength) {
        return Layout.recordsEnd(fileLength) - Layout.HEADER_BYTES;
    }

    /** Whether a spare has room for a copy of groups of so many bytes. */
    public boolean hasRoomForCopy(long groupBytes) {
        return spares.has(CutPlan.fileLengthFor(groupBytes));
    }

    /**
     * Says in the new segment what is known at its birth: what it claims to be synced is so elsewhere, should its name
     * be lost. A segment that took the last spare says that the log is closed, so that recovery needs none if it comes
     * before there is another.
     */
    private void markBirth(SegmentWriter next, boolean copied, boolean closed, long lastId, long trimPoint)
            throws IOException {
        if (closed || spares.count() == 0) {
            next.mark(GroupKind.CLOSE, lastId, trimPoint, false);
            next.markSlot(GroupKind.CLOSE, lastId, trimPoint, false);
        } else if (copied) {
            next.mark(GroupKind.IDLE, lastId, trimPoint, false);
        }
    }

    /**
     * A tail that dies gets a footer too, which says what the log keeps. So every file that has the name of a segment
     * has one, but the newest: a missing newest is found, whichever dead file still has its name, or gets it back in a
     * power failure.
     */
    private void sealDead(@Nullable SegmentWriter writer, long keptId, Segment successor, long trimPoint)
            throws IOException {
        long nextId = Math.max(tail().baseId(), keptId + 1);
        sealTail(writer, Layout.HEADER_BYTES, nextId, successor, trimPoint, keptId);
    }

    private void sealTail(
            @Nullable SegmentWriter writer, long endOffset, long nextId, Segment successor, long trimPoint, long keptId)
            throws IOException {
        long successorEpoch = successor.header().epoch();
        if (writer != null) {
            writer.seal(endOffset, nextId, successorEpoch, trimPoint, keptId);
        } else {
            seal(tail(), endOffset, nextId, successorEpoch, trimPoint, keptId);
        }
        syncs.incrementAndGet();
    }

    /** Writes the footer of a segment that nobody writes to. */
    public void seal(Segment segment, long endOffset, long nextId, long successorEpoch, long trimPoint)
            throws IOException {
        seal(segment, endOffset, nextId, successorEpoch, trimPoint, nextId - 1);
    }

    private void seal(Segment segment, long endOffset, long nextId, long successorEpoch, long trimPoint, long keptId)
            throws IOException {
        try (SegmentWriter writer = new SegmentWriter(segment, storage.openForWriting(segment.fileName()))) {
            writer.seal(endOffset, nextId, successorEpoch, trimPoint, keptId);
        }
    }

    /** Takes the segments out that a trim has left no record of; whether there are any. */
    public boolean dropTrimmed(long trimPoint) {
        int trimmed = 0;
        while (trimmed + 1 < live.size() && live.get(trimmed + 1).baseId() - 1 <= trimPoint) {
            trimmed++;
        }
        List<Segment> gone = live.subList(0, trimmed);
        dead.addAll(gone);
        gone.clear();
        return trimmed > 0;
    }

    private SegmentWriter begin(
            Spares.Taken spare, long baseId, int limit, boolean pinned, long trimPoint, Predecessor predecessor)
            throws IOException {
        if (nextEpoch > SegmentHeader.MAX_EPOCH) {
            throw epochsUsedUp();
        }
        SegmentHeader header = new SegmentHeader(
                nextEpoch++,
                baseId,
                spare.spare().length(),
                limit,
                pinned,
                logId,
                random.getAsLong(),
                trimPoint,
                predecessor);
        Segment segment = new Segment(storage, header, new SegmentIndex(header.fileLength()));
        return SegmentWriter.of(segment, spare.file());
    }

    private CorruptLogException epochsUsedUp() {
        return new CorruptLogException(
                tail().fileName()
                        + " at byte 24: the epoch is the largest there is, so no segment can follow. Records from "
                        + tail().baseId()
                        + " on are not what a log has written. Restore the log from a copy.",
                tail().fileName(),
                24,
                tail().baseId(),
                Long.MAX_VALUE);
    }

    /** What is written before a segment gets its name, or once it has it. */
    private interface Content {
        void write() throws IOException;
    }

    /**
     * Completes a segment and gives it its name: the commit point of whatever it means. An error before that concerns a
     * file that is no part of the log, and so refuses the call. From the renaming on it fails the log: whether the
     * segment is there is unknown.
     */
    private void publish(SegmentWriter writer, Spares.Taken spare, Content content, Content after) throws IOException {
        boolean published = false;
        try {
            complete(writer, spare, content);
            rename(spare.spare().name(), writer.segment().fileName());
            syncNames();
            after.write();
            published = true;
        } finally {
            if (!published) {
                writer.close();
            }
        }
    }

    private void complete(SegmentWriter writer, Spares.Taken spare, Content content) throws IOException {
        try {
            content.write();
            writer.born();
            syncs.incrementAndGet();
        } catch (IOException | OutOfMemoryError e) {
            spares.giveBack(spare);
            throw spares.refused(spare.spare().name() + " could not be made the next segment", e);
        }
    }

    private void rename(String spare, String segment) throws IOException {
        try {
            removeDead();
            storage.rename(spare, segment);
        } catch (NoSuchFileException | AccessDeniedException e) {
            // Nothing has another name now.
            spares.forgetDeleted();
            throw spares.refused(spare + " could not be made the next segment", e);
        }
    }

    private void syncNames() throws IOException {
        spares.syncNames();
        syncs.incrementAndGet();
    }

    /** Takes segments out of the chain and adds another at its end. */
    private void succeed(List<Segment> superseded, Segment successor) {
        dead.addAll(superseded);
        superseded.clear();
        live.add(successor);
    }

    /**
     * Makes spares of the files of dead segments or removes them, oldest first: for when nobody is shown these segments
     * any more. If their names come back after a power failure, they are dead all the same.
     */
    public void removeDead() throws IOException {
        for (Segment segment : dead) {
            Optional<StoredFile> file = storage.find(segment.fileName());
            if (file.isPresent() && segment.header().epoch() >= firstOwnEpoch) {
                spares.recycleOrDelete(file.get());
            } else if (file.isPresent()) {
                spares.recycleOrDeleteUnproven(file.get());
            }
        }
        dead.clear();
    }

    /**
     * Whether {@link #removeDead} can be left to the next segment that appears, whose name is synced together with
     * theirs: so it costs what is synced before that nothing. At most one file waits, and only where the reserve of
     * spares is whole without it.
     */
    public boolean canWaitToRemoveDead() {
        return dead.size() <= 1 && spares.count() >= Spares.RESERVED;
    }

    /** As {@link #removeDead}, and returns when that is durable. */
    public void removeDeadDurably() throws IOException {
        if (!dead.isEmpty()) {
            removeDead();
            syncNames();
        }
    }
}
