package dev.holdfast.wal.chain;

import dev.holdfast.wal.chain.DeadFiles.Blocks;
import dev.holdfast.wal.format.Declaration;
import dev.holdfast.wal.format.Footer;
import dev.holdfast.wal.format.GroupBuffer;
import dev.holdfast.wal.format.GroupKind;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.Predecessor;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.segment.Damage;
import dev.holdfast.wal.segment.GroupReader;
import dev.holdfast.wal.segment.ReadBuffer;
import dev.holdfast.wal.segment.Segment;
import dev.holdfast.wal.segment.SegmentIndex;
import dev.holdfast.wal.segment.SegmentWriter;
import dev.holdfast.wal.segment.SegmentWriter.Sync;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.StoredFile;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The live segments of a log, as its writer sees them. {@link #publish} is the only way to add a segment; the sync of
 * the directory is the commit point. The end of a log never moves back within a file: {@link #cut} creates a segment
 * that supersedes the rest of another. So no later group is written over old bytes, which could become valid again
 * behind it. docs/design.md has further reasons. Not thread-safe.
 */
public final class Chain {
    private final Storage storage;
    private final SpareMaker spares;
    private final UUID logId;
    private final LongSupplier random;
    private final int recordLimit;
    private final List<Segment> live;

    /** Segments that died since {@link #buryDead}. */
    private Queue<Segment> dead = new ArrayDeque<>();

    /** Read buffer of all cuts, because a new direct buffer for each is expensive: {@code docs/decisions/0007}. */
    private final ReadBuffer buffer = new ReadBuffer();

    private long nextEpoch;
    private final AtomicLong syncs = new AtomicLong();

    /** Creates a chain of live segments, oldest first. {@code nextEpoch} is above the epochs of all segments. */
    public Chain(
            Storage storage,
            SpareMaker spares,
            UUID logId,
            LongSupplier random,
            int recordLimit,
            List<Segment> live,
            long nextEpoch) {
        this.storage = storage;
        this.spares = spares;
        this.logId = logId;
        this.random = random;
        this.recordLimit = recordLimit;
        this.live = new ArrayList<>(live);
        this.nextEpoch = nextEpoch;
    }

    /** Returns a view of the live segments, oldest first. A copy would make each roll of a long log slow. */
    public List<Segment> live() {
        return Collections.unmodifiableList(live);
    }

    public Storage storage() {
        return storage;
    }

    public Segment tail() {
        return live.get(live.size() - 1);
    }

    public SpareMaker spares() {
        return spares;
    }

    public long syncs() {
        return syncs.get();
    }

    /** Rolls a full, synced tail into a segment of at least {@code length} bytes, which replaces an empty tail. */
    public SegmentWriter roll(SegmentWriter full, long length) throws IOException {
        return roll(full, spares.takeForRoll(length), full.trimPoint()); // seam: roll
    }

    /** Rolls into a spare of any length, also from the reserve, for a trim that frees space afterwards. */
    public SegmentWriter rollIntoReserved(SegmentWriter full, long trimPoint) throws IOException {
        return roll(full, spares.takeReserved(Layout.MIN_SEGMENT_BYTES), trimPoint);
    }

    private SegmentWriter roll(SegmentWriter full, SpareMaker.Taken spare, long trimPoint) throws IOException {
        SegmentHeader old = full.segment().header();
        boolean empty = full.nextId() == old.baseId();
        Predecessor predecessor = empty ? old.predecessor() : new Predecessor.Sealed(old.epoch(), full.position());
        SegmentHeader unpinned = header(spare, full.nextId(), recordLimit, trimPoint, predecessor);
        SegmentHeader header = empty && old.pinned() ? unpinned.withPin() : unpinned; // seam: roll-pin
        Footer footer = footer(full.position(), full.nextId() - 1, header);
        List<Segment> superseded = live.subList(empty ? live.size() - 1 : live.size(), live.size());
        return publish(spare, header, superseded, this::markInitial, ignored -> sealTail(full, footer));
    }

    /** Makes the log empty: earlier segments are dead. The next id is {@code baseId} unless an append names another. */
    public SegmentWriter origin(long baseId) throws IOException {
        SpareMaker.Taken spare = spares.takeReserved(Layout.MIN_SEGMENT_BYTES);
        return origin(spare, originHeader(spare, baseId), this::markInitial);
    }

    /** Makes the log empty: earlier segments are dead. The next record must be {@code baseId}. */
    public SegmentWriter pinnedOrigin(long baseId) throws IOException {
        SpareMaker.Taken spare = spares.takeReserved(Layout.MIN_SEGMENT_BYTES);
        return origin(spare, originHeader(spare, baseId).withPin(), this::markInitial);
    }

    /** Replaces the content of the log by a group, durable on return. Every earlier segment is dead then. */
    public SegmentWriter origin(GroupBuffer first, int alignment) throws IOException {
        SpareMaker.Taken spare = spares.take(Layout.fileLengthFor(first.alignedLength()));
        return origin(spare, originHeader(spare, first.firstId()), origin -> {
            origin.write(first, alignment, Sync.LATER);
            closeIfLastSpare(origin);
        });
    }

    private SegmentHeader originHeader(SpareMaker.Taken spare, long baseId) throws IOException {
        return header(spare, baseId, recordLimit, baseId - 1, new Predecessor.None());
    }

    private SegmentWriter origin(SpareMaker.Taken spare, SegmentHeader header, Content content) throws IOException {
        return publish(spare, header, live, content, ignored -> {
            if (!live.isEmpty())
                sealTail(null, footer(Layout.HEADER_BYTES, live.get(0).baseId() - 1, header));
        });
    }

    /** Supersedes everything after a record. All reads happen before the first change. The tail must be synced. */
    public SegmentWriter cut(long lastToKeep, SegmentWriter tail) throws IOException {
        int at = live.size() - 1;
        while (at > 0 && live.get(at).baseId() > lastToKeep) {
            at--;
        }
        Declaration kept = new Declaration(lastToKeep, tail.trimPoint());
        return supersede(plan(live.get(at), lastToKeep, kept), kept, CutFooter.WRITE, tail);
    }

    /**
     * Ends the newest live segment, which has no writer. The new segment declares the log closed, because nothing may
     * be written before the next operation.
     *
     * @param lastToKeep the last record that stays; one less than the segment's base id if none of its records stays
     * @param known the last record that is known to be synced, and the trim point; later records are copied
     */
    public SegmentWriter cutTail(long lastToKeep, Declaration known) throws IOException {
        return supersede(plan(tail(), lastToKeep, known), known, CutFooter.WRITE, null);
    }

    /**
     * Ends the newest live segment for a repair, without rewriting its file. Synced records and damaged bytes stay
     * where they are. A valid footer stays, too, because another log may share the file through a hard link.
     */
    public SegmentWriter cutInPlace(long lastToKeep, Declaration known) throws IOException {
        CutPlan plan = CutPlan.of(tail(), lastToKeep, known, 0, buffer);
        boolean footless = !plan.replacesIt()
                && GroupReader.footer(storage, tail().header(), buffer)
                        .filter(footer -> footer.nextId() >= plan.baseId())
                        .isEmpty();
        return supersede(plan, known, footless ? CutFooter.WRITE : CutFooter.KEEP, null);
    }

    private CutPlan plan(Segment segment, long lastToKeep, Declaration known) throws IOException {
        try {
            long room = Layout.recordsEnd(spares.pool().shortest(spares.firstSegmentBytes)) - Layout.HEADER_BYTES;
            return CutPlan.of(segment, lastToKeep, known, room, buffer);
        } catch (IOException | OutOfMemoryError e) {
            throw spares.refused("the records that stay could not be read", e);
        }
    }

    /** What a cut does with the footer of the segment that it cuts. */
    private enum CutFooter {
        WRITE,
        KEEP
    }

    private SegmentWriter supersede(CutPlan plan, Declaration known, CutFooter cutFooter, @Nullable SegmentWriter tail)
            throws IOException {
        int at = live.indexOf(plan.cut());
        boolean proven = plan.lastToKeep() <= known.durableId(); // seam: cut-markers
        SpareMaker.Taken spare = spares.takeReserved(plan.fileLength());
        int limit = plan.copy().isPresent() ? plan.cut().header().recordLimit() : recordLimit;
        SegmentHeader unpinned = header(spare, plan.baseId(), limit, known.trimPoint(), plan.predecessor());
        SegmentHeader header = plan.pinned() ? unpinned.withPin() : unpinned;
        Content content = next -> {
            if (plan.copy().isPresent()) next.write(plan.copy().get());
            if (tail != null) {
                markInitial(next);
            } else if (proven) {
                next.markTwice(GroupKind.CLOSE);
            }
        };
        return publish(spare, header, live.subList(plan.replacesIt() ? at : at + 1, live.size()), content, next -> {
            if (at + 1 < live.size() || (cutFooter == CutFooter.WRITE && plan.replacesIt())) {
                sealTail(tail, footer(Layout.HEADER_BYTES, plan.lastToKeep(), header)); // seam: dead-footer
            } else if (cutFooter == CutFooter.WRITE && plan.predecessor() instanceof Predecessor.Cut end) {
                sealTail(tail, footer(end.endOffset(), plan.baseId() - 1, header));
            }
            if (!proven) {
                // Not before the name is synced: a power failure that loses the name also loses the copied records,
                // which the markers declare durable.
                next.markTwice(GroupKind.CLOSE);
            }
        });
    }

    /** Returns whether a spare has room for a copy of groups of {@code groupBytes}. */
    public boolean hasRoomForCopy(long groupBytes) {
        return spares.pool().has(CutPlan.fileLengthFor(groupBytes));
    }

    /**
     * Writes the first markers. The records they declare durable are already durable in an older segment, so losing
     * this file's name loses nothing.
     */
    private void markInitial(SegmentWriter next) throws IOException {
        if (!closeIfLastSpare(next) && next.nextId() > next.segment().baseId()) {
            next.mark(GroupKind.IDLE);
        }
    }

    /** Declares the log closed in a segment that took the last spare, so a recovery needs no spare. */
    private boolean closeIfLastSpare(SegmentWriter next) throws IOException {
        if (spares.pool().count() > 0) return false;
        next.markTwice(GroupKind.CLOSE);
        return true;
    }

    /**
     * Returns a footer of the tail without its index, which its writer adds. A tail that becomes dead gets one, too: it
     * ends with its header and records the last id that the log keeps. A missing newest segment is thus noticed.
     */
    private Footer footer(long endOffset, long keptId, SegmentHeader successor) {
        long nextId = Math.max(tail().baseId(), keptId + 1);
        return new Footer(nextId, endOffset, successor.epoch(), successor.trimPoint(), new int[0], keptId);
    }

    /** Seals the tail and closes its writer. The tail may have no writer. */
    private void sealTail(@Nullable SegmentWriter writer, Footer footer) throws IOException {
        if (writer != null) {
            writer.seal(footer);
            writer.close();
        } else {
            seal(tail(), footer);
        }
        syncs.incrementAndGet();
    }

    /** Writes the footer of a segment that has no writer. */
    public void seal(Segment segment, Footer footer) throws IOException {
        try (SegmentWriter writer = new SegmentWriter(segment, storage.openForWriting(segment.fileName()))) {
            writer.seal(footer);
        }
    }

    /** Removes the segments without remaining records from the chain after a trim. */
    public void dropTrimmed(long trimPoint) {
        int trimmed = 0;
        while (trimmed + 1 < live.size() && live.get(trimmed + 1).baseId() - 1 <= trimPoint) { // seam: trimmed-segment
            trimmed++;
        }
        if (trimmed == 0) return;
        dead.addAll(live.subList(0, trimmed));
        live.subList(0, trimmed).clear();
        spares.logTrims();
    }

    private SegmentHeader header(
            SpareMaker.Taken spare, long baseId, int limit, long trimPoint, Predecessor predecessor)
            throws IOException {
        if (nextEpoch > SegmentHeader.MAX_EPOCH) {
            throw Damage.at(tail().fileName(), 24, "the epoch is the largest possible one, so no segment can follow")
                    .means("No log wrote the records from " + tail().baseId() + " on.")
                    .atRisk(tail().baseId(), Long.MAX_VALUE)
                    .remedy("Restore the log from a copy.");
        }
        long length = spare.spare().length();
        long epoch = nextEpoch++; // seam: next-epoch
        long salt = random.getAsLong(); // seam: segment-salt
        return new SegmentHeader(epoch, baseId, length, limit, false, logId, salt, trimPoint, predecessor);
    }

    /** Writes to a new segment: either before or after its file gets the segment's name. */
    private interface Content {
        void write(SegmentWriter next) throws IOException;
    }

    /**
     * Completes a segment and renames its file to the segment's name, the commit point. An error before the rename only
     * refuses the call. From the rename on an error fails the log, because the segment may or may not exist. Superseded
     * segments are dead afterwards.
     */
    private SegmentWriter publish(
            SpareMaker.Taken spare, SegmentHeader header, List<Segment> superseded, Content content, Content after)
            throws IOException {
        Segment segment = new Segment(storage, header, new SegmentIndex());
        SegmentWriter writer = SegmentWriter.create(segment, spare.file());
        if (spare.spare().proven()) { // seam: new-holes
            segment.prove();
        } else {
            writer.fillHoles();
        }
        if (spare.cold()) writer.writeWholeBlocks();
        try {
            complete(writer, spare, content);
            rename(spare.spare().name(), segment.fileName()); // seam: segment-rename
            syncNames();
            after.write(writer);
        } catch (Throwable e) {
            writer.close();
            throw e;
        }
        dead.addAll(superseded);
        superseded.clear();
        live.add(segment);
        return writer;
    }

    private void complete(SegmentWriter writer, SpareMaker.Taken spare, Content content) throws IOException {
        try {
            content.write(writer);
            writer.writeInitial(); // seam: header-write
            syncs.incrementAndGet();
        } catch (IOException | OutOfMemoryError e) {
            writer.close();
            spares.takeBack(spare);
            throw spares.refused(spare.spare().name() + " could not be made the next segment", e);
        }
    }

    private void rename(String spare, String segment) throws IOException {
        try {
            recycleDead();
            storage.rename(spare, segment);
        } catch (NoSuchFileException | AccessDeniedException e) {
            spares.pool().forgetDeleted(storage); // nothing was renamed
            throw spares.refused(spare + " could not be made the next segment", e);
        }
    }

    private void syncNames() throws IOException {
        spares.syncNames(); // seam: segment-name-sync
        syncs.incrementAndGet();
    }

    /** Recycles the file that waited for this: see {@link #canWaitToRemoveDead}. */
    private void recycleDead() throws IOException {
        Segment waited = dead.peek();
        if (waited == null) return;
        Optional<StoredFile> file = storage.find(waited.fileName());
        if (file.isEmpty() || spares.recycle(file.get(), Blocks.of(waited))) dead.remove();
    }

    /**
     * Hands over the files of dead segments to {@link DeadFiles}. The segments must no longer be in the catalog.
     * Returns false if there is none.
     */
    public boolean buryDead() {
        if (dead.isEmpty()) return false;
        spares.dead().add(dead); // seam: dead-order
        dead = new ArrayDeque<>();
        return true;
    }

    /**
     * Returns whether {@link #buryDead} can wait for the next roll, whose sync of the directory then covers it for
     * free. At most one file waits, and only if the reserve is complete without it.
     */
    public boolean canWaitToRemoveDead() {
        return dead.size() <= 1 && spares.pool().hasReserve();
    }
}
