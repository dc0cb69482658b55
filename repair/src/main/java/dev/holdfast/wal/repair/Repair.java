package dev.holdfast.wal.repair;

import dev.holdfast.wal.format.KeptName;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.inspect.Lineage;
import dev.holdfast.wal.segment.Chain;
import dev.holdfast.wal.segment.ReadBuffer;
import dev.holdfast.wal.segment.Segment;
import dev.holdfast.wal.segment.SegmentIndex;
import dev.holdfast.wal.segment.SegmentWriter;
import dev.holdfast.wal.segment.Spares;
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
 * Makes a damaged log one that opens again and holds all records below an id. What people have not agreed to lose is
 * not lost: records at or above the id are given up, and all files that are no longer part of the log are kept under
 * another name.
 *
 * <p>Between any two steps power may fail; then the same repair is run again:
 *
 * <ol>
 *   <li>Footers that are damaged, of segments that stay and are whole, are written anew from their records.
 *   <li>Every file that is no part of the repaired log gets another name, and the names are synced. The log may not
 *       open now: its end is missing. What is to stay has not been touched.
 *   <li>A segment appears that says where the log ends now, as in a truncation: the commit point. The last segment that
 *       stays is cut in place, so that it keeps what is damaged in it. Records in it that nothing proves to be synced
 *       are copied, as in recovery.
 * </ol>
 *
 * Where no record stays, one file is left until the new segment has appeared: a directory without any would be taken
 * for a new log.
 */
public final class Repair {
    private final Storage storage;
    private final LongSupplier random;

    /**
     * A repair of the log on a storage.
     *
     * @param random unpredictable 64-bit numbers, for the salt of the new segment
     */
    public Repair(Storage storage, LongSupplier random) {
        this.storage = storage;
        this.random = random;
    }

    /**
     * What it would do. By reading alone.
     *
     * @throws RepairRefusedException if records below the id would be lost
     */
    public Plan plan(long dropFrom) throws IOException {
        return Planner.of(storage).plan(dropFrom);
    }

    /** The greatest id that can be dropped from: what a repair costs at least. By reading alone. */
    public long greatestDropFrom() throws IOException {
        return Planner.of(storage).greatestDropFrom();
    }

    /**
     * Does it; the storage has been locked. All of it is durable on return.
     *
     * @return what was done
     * @throws RepairRefusedException if records below the id would be lost; nothing was changed
     * @throws dev.holdfast.wal.DiskFullException if there is no room for the new segment
     */
    public Plan run(long dropFrom) throws IOException {
        storage.sync();
        Plan plan = plan(dropFrom);
        if (!plan.done()) {
            Spares spares = new Spares(storage);
            spares.adopt(storage.list());
            spares.reserve(Layout.FIRST_SEGMENT_BYTES);
            mend(plan);
            Chain chain = chain(plan, spares);
            if (plan.kept().members().isEmpty()) {
                begin(plan, chain);
            } else {
                end(plan, chain);
            }
        }
        return plan;
    }

    private Chain chain(Plan plan, Spares spares) throws IOException {
        List<Segment> live = new ArrayList<>();
        for (Lineage.Member member : plan.kept().members()) {
            live.add(indexed(member));
        }
        return new Chain(
                storage,
                spares,
                logId(plan),
                random,
                plan.kept().recordLimit(),
                Layout.FIRST_SEGMENT_BYTES,
                live,
                plan.kept().nextEpoch());
    }

    private UUID logId(Plan plan) {
        UUID known = plan.kept().logId();
        return known.equals(new UUID(0, 0)) ? new UUID(random.getAsLong(), random.getAsLong()) : known;
    }

    private void mend(Plan plan) throws IOException {
        List<Lineage.Member> members = plan.kept().members();
        for (int i = 0; i + 1 < members.size(); i++) {
            Lineage.Member member = members.get(i);
            if (plan.mended().contains(member.header().name().fileName())) {
                try (SegmentWriter writer = new SegmentWriter(
                        scan(member),
                        storage.openForWriting(member.header().name().fileName()))) {
                    writer.seal(
                            member.endOffset(),
                            member.nextId(),
                            members.get(i + 1).header().epoch(),
                            plan.kept().trimPoint());
                }
            }
        }
    }

    private Segment indexed(Lineage.Member member) throws IOException {
        return scan(member).segment();
    }

    /** Scans a segment, which fills its index. */
    private TailScan scan(Lineage.Member member) throws IOException {
        Segment segment = new Segment(storage, member.header(), new SegmentIndex());
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
        try (SegmentWriter origin = chain.origin(plan.dropFrom(), false, null, Layout.ALIGNMENT)) {
            if (!origin.isClosedOnDisk()) {
                origin.markClosed(plan.dropFrom() - 1, plan.dropFrom() - 1);
            }
        }
        setAside(files.subList(files.size() - 1, files.size()));
    }

    private void end(Plan plan, Chain chain) throws IOException {
        setAside(plan.aside());
        SegmentWriter writer = chain.cutInPlace(
                plan.dropFrom() - 1, plan.kept().provenId(), plan.kept().trimPoint());
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
