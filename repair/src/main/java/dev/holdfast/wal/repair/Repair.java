package dev.holdfast.wal.repair;

import dev.holdfast.wal.chain.Chain;
import dev.holdfast.wal.chain.SpareMaker;
import dev.holdfast.wal.format.Declaration;
import dev.holdfast.wal.format.Footer;
import dev.holdfast.wal.format.GroupKind;
import dev.holdfast.wal.format.KeptName;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.inspect.PartialChain;
import dev.holdfast.wal.segment.ReadBuffer;
import dev.holdfast.wal.segment.Segment;
import dev.holdfast.wal.segment.SegmentWriter;
import dev.holdfast.wal.segment.TailScan;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.StoredFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongSupplier;

/**
 * Repairs a damaged log so that it opens again and holds all records below an id. Records at or above the id are
 * dropped. Files that are no longer part of the log are renamed, not deleted, so nothing else is lost without the
 * caller's consent.
 *
 * <p>If the power fails between two steps, the same repair can be run again:
 *
 * <ol>
 *   <li>Write damaged footers of intact segments again, from the segments' records.
 *   <li>Rename all files that are not part of the repaired log, and sync the names. The log may not open now, because
 *       its end is missing. The kept segments are untouched.
 *   <li>Create a segment that records the new end of the log, as a truncation does. This is the commit point. The last
 *       kept segment is not rewritten: the new segment contains the offset at which that segment ends, so any damaged
 *       bytes after the offset stay in the file. Records at the end of the last kept segment that are not proven to be
 *       synced are copied to the new segment, as in recovery.
 * </ol>
 *
 * <p>If no record is kept, one old segment keeps its name until the new segment exists, because a directory without any
 * segment would be opened as a new log.
 */
public final class Repair {
    private final Storage storage;
    private final LongSupplier random;

    /**
     * Creates a repair of the log on a storage. Changes nothing yet.
     *
     * @param random source of unpredictable 64-bit numbers, for the salt of the new segment
     */
    public Repair(Storage storage, LongSupplier random) {
        this.storage = storage;
        this.random = random;
    }

    /**
     * Returns the plan of the repair that drops all records from an id on. Changes nothing.
     *
     * @throws RepairRefusedException if records below the id would be lost
     */
    public Plan plan(long dropFrom) throws IOException {
        return Planner.of(storage).plan(dropFrom);
    }

    /**
     * Returns the greatest id from which a repair can drop records. A repair from this id on loses the fewest records.
     * Changes nothing.
     */
    public long greatestDropFrom() throws IOException {
        return Planner.of(storage).greatestDropFrom();
    }

    /**
     * Runs the repair that drops all records from an id on. The caller must have locked the storage. All changes are
     * durable on return.
     *
     * @return the plan that was carried out
     * @throws RepairRefusedException if records below the id would be lost; nothing was changed
     * @throws dev.holdfast.wal.DiskFullException if the disk has no room for the new segment
     */
    public Plan run(long dropFrom) throws IOException {
        storage.sync();
        Plan plan = plan(dropFrom);
        if (!plan.done()) {
            SpareMaker spares = new SpareMaker(storage, Layout.FIRST_SEGMENT_BYTES);
            spares.adopt(storage.list());
            spares.reserve(0);
            writeFooters(plan);
            Chain chain = chain(plan, spares);
            if (plan.kept().members().isEmpty()) {
                begin(plan, chain);
            } else {
                end(plan, chain);
            }
        }
        return plan;
    }

    private Chain chain(Plan plan, SpareMaker spares) throws IOException {
        List<Segment> live = new ArrayList<>();
        for (PartialChain.Member member : plan.kept().members()) {
            live.add(indexed(member));
        }
        return new Chain(
                storage,
                spares,
                logId(plan),
                random,
                plan.kept().recordLimit(),
                live,
                plan.kept().nextEpoch());
    }

    private UUID logId(Plan plan) {
        UUID known = plan.kept().logId();
        return known.equals(new UUID(0, 0)) ? new UUID(random.getAsLong(), random.getAsLong()) : known;
    }

    private void writeFooters(Plan plan) throws IOException {
        List<PartialChain.Member> members = plan.kept().members();
        for (int i = 0; i + 1 < members.size(); i++) {
            PartialChain.Member member = members.get(i);
            if (plan.footersToWrite().contains(member.header().name().fileName())) {
                try (SegmentWriter writer = SegmentWriter.resume(
                        scan(member),
                        storage.openForWriting(member.header().name().fileName()))) {
                    writer.seal(new Footer(
                            member.nextId(),
                            member.endOffset(),
                            members.get(i + 1).header().epoch(),
                            plan.kept().trimPoint(),
                            new int[0],
                            member.nextId() - 1));
                }
            }
        }
    }

    private Segment indexed(PartialChain.Member member) throws IOException {
        return scan(member).segment();
    }

    /** Scans a segment, which fills its index. */
    private TailScan scan(PartialChain.Member member) throws IOException {
        Segment segment = member.segment(storage);
        TailScan scan = new TailScan(segment, segment.acquire(), new ReadBuffer());
        try {
            scan.proceed();
        } finally {
            segment.release();
        }
        return scan;
    }

    private void begin(Plan plan, Chain chain) throws IOException {
        List<StoredFile> files = plan.aside();
        setAside(files.subList(0, files.size() - 1));
        try (SegmentWriter origin = chain.origin(plan.dropFrom())) {
            if (!origin.isClosedOnDisk()) {
                origin.markTwice(GroupKind.CLOSE);
            }
        }
        setAside(files.subList(files.size() - 1, files.size()));
    }

    private void end(Plan plan, Chain chain) throws IOException {
        setAside(plan.aside());
        SegmentWriter writer = chain.cutInPlace(
                plan.dropFrom() - 1,
                new Declaration(plan.kept().provenId(), plan.kept().trimPoint()));
        writer.close();
        setAside(storage.list().stream()
                .filter(file -> plan.copied().contains(file.name()))
                .toList());
    }

    private void setAside(List<StoredFile> files) throws IOException {
        Set<String> taken = new HashSet<>();
        storage.list().forEach(file -> taken.add(file.name()));
        for (StoredFile file : files) {
            String name = KeptName.damaged(file.name(), 1);
            for (int i = 2; !taken.add(name); i++) {
                name = KeptName.damaged(file.name(), i);
            }
            storage.rename(file.name(), name);
        }
        storage.sync();
    }
}
