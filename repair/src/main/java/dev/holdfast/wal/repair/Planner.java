package dev.holdfast.wal.repair;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.format.Footer;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.format.SegmentName;
import dev.holdfast.wal.inspect.Lineage;
import dev.holdfast.wal.recovery.SegmentHeaders;
import dev.holdfast.wal.segment.Footers;
import dev.holdfast.wal.segment.Segment;
import dev.holdfast.wal.segment.SegmentIndex;
import dev.holdfast.wal.segment.SegmentVerifier;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.StoredFile;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Plans a repair: which segments hold the records below an id, whole, and what is in the way. It begins at the newest
 * segment with a valid header, as opening does. Where the chain is broken above the id, it begins anew at the newest
 * segment from before the break. It reads every record that is to stay, and refuses an id above the first that can not
 * be kept: nothing below the id is ever lost.
 *
 * <p>A segment whose header is damaged says what its name says: from its base id on it may have replaced what older
 * segments hold.
 */
final class Planner {
    private final Storage storage;
    private final SegmentHeaders survey;

    private Planner(Storage storage, SegmentHeaders survey) {
        this.storage = storage;
        this.survey = survey;
    }

    static Planner of(Storage storage) throws IOException {
        SegmentHeaders survey = SegmentHeaders.ofDamaged(storage, storage.list(), Map.of());
        if (survey.isEmpty() && survey.damages().isEmpty()) {
            throw new NoSuchFileException(storage.name(), null, "the directory holds no log");
        }
        return new Planner(storage, survey);
    }

    /** The greatest id that a repair can drop from. */
    long greatestDropFrom() throws IOException {
        try {
            return plan(Long.MAX_VALUE).dropFrom();
        } catch (RepairRefusedException e) {
            return attempt(e.greatestDropFrom()).dropFrom();
        }
    }

    /**
     * The plan for an id.
     *
     * @throws RepairRefusedException if records below the id would be lost; it names the greatest id that is not
     *     refused
     */
    Plan plan(long dropFrom) throws IOException {
        try {
            return attempt(dropFrom);
        } catch (RepairRefusedException e) {
            throw last(e);
        }
    }

    /** What stands in the way of an id is not always all that does: the refusal of the lowest id that is refused. */
    private RepairRefusedException last(RepairRefusedException refusal) throws IOException {
        try {
            attempt(refusal.greatestDropFrom());
            return refusal;
        } catch (RepairRefusedException lower) {
            return last(lower);
        }
    }

    private Plan attempt(long dropFrom) throws IOException {
        SegmentHeader start = survey.isEmpty() ? null : survey.newest();
        Lineage lineage = null;
        List<Lineage.Member> kept = List.of();
        while (start != null && kept.isEmpty()) {
            lineage = Lineage.from(start, storage, survey);
            checkNoneSupersedes(start, dropFrom);
            kept = below(lineage, dropFrom);
            start = kept.isEmpty() ? startBefore(lineage) : null;
        }
        if (lineage == null || kept.isEmpty()) {
            return nothingKept(dropFrom, lineage);
        }
        checkNoneBefore(lineage, kept);
        checkWhole(kept, lineage.firstId(), dropFrom);
        return plan(dropFrom, lineage, kept);
    }

    /** The segments that hold records below an id: those up to the one that holds the last of them. */
    private static List<Lineage.Member> below(Lineage lineage, long dropFrom) {
        if (dropFrom <= lineage.firstId()) {
            return List.of();
        }
        return lineage.members().stream()
                .filter(member -> member.header().baseId() < dropFrom)
                .toList();
    }

    private @Nullable SegmentHeader startBefore(Lineage lineage) {
        if (lineage.missingEpoch().isEmpty()) {
            return null;
        }
        Map.Entry<Long, SegmentHeader> before =
                survey.headers().lowerEntry(lineage.missingEpoch().getAsLong());
        return before == null ? null : before.getValue();
    }

    /** A newer segment whose header is damaged may have superseded what older ones hold, from its base id on. */
    private void checkNoneSupersedes(SegmentHeader start, long dropFrom) throws IOException {
        for (CorruptLogException damage : survey.damages()) {
            SegmentName name = SegmentName.parse(damage.file()).orElseThrow();
            if (name.epoch() > start.epoch() && name.baseId() < dropFrom) {
                throw refused(damage.file() + ", from record " + name.baseId() + " on, can not be read", name.baseId());
            }
        }
    }

    /** Where the chain is broken below what is to stay, what stands before the break would be lost. */
    private void checkNoneBefore(Lineage lineage, List<Lineage.Member> kept) throws IOException {
        SegmentHeader oldest = kept.get(0).header();
        if (lineage.missingEpoch().isEmpty()) {
            return;
        }
        boolean older = survey.files().stream()
                .flatMap(file -> SegmentName.parse(file.name()).stream())
                .anyMatch(name -> name.epoch() < oldest.epoch() && name.baseId() < oldest.baseId());
        if (older) {
            throw refused(
                    "the segment before " + oldest.name().fileName() + " is missing or damaged", missingFrom(oldest));
        }
    }

    /** The id behind the last record of the segments before a break, as far as their names tell. */
    private long missingFrom(SegmentHeader oldest) throws IOException {
        long limit = oldest.baseId();
        for (CorruptLogException damage : survey.damages()) {
            SegmentName name = SegmentName.parse(damage.file()).orElseThrow();
            if (name.epoch() < oldest.epoch()) {
                limit = Math.min(limit, name.baseId());
            }
        }
        return limit;
    }

    private void checkWhole(List<Lineage.Member> kept, long firstId, long dropFrom) throws IOException {
        for (Lineage.Member member : kept) {
            List<CorruptLogException> damages = new SegmentVerifier(
                            segment(member), member.endOffset(), Math.min(member.nextId(), dropFrom), bytes -> {})
                    .run();
            for (CorruptLogException damage : damages) {
                if (damage.firstIdAtRisk() < dropFrom) {
                    throw refused(
                            damage.file() + " is damaged at byte " + damage.offset() + ", which is record "
                                    + damage.firstIdAtRisk(),
                            damage.firstIdAtRisk());
                }
            }
        }
        long next = kept.get(kept.size() - 1).nextId();
        if (next < dropFrom) {
            throw refused(next > firstId ? "the log ends with record " + (next - 1) : "the log is empty", next);
        }
    }

    private static RepairRefusedException refused(String why, long greatest) {
        return new RepairRefusedException(
                "--drop-from can be " + greatest + " at most: " + why + ". Nothing was changed.", greatest);
    }

    private Segment segment(Lineage.Member member) {
        return new Segment(storage, member.header(), new SegmentIndex());
    }

    private Plan plan(long dropFrom, Lineage lineage, List<Lineage.Member> kept) throws IOException {
        Lineage.Member last = kept.get(kept.size() - 1);
        boolean tail = last.header().epoch() == lineage.newest().header().epoch();
        boolean closed = lineage.closed();
        long trimPoint = Math.max(lineage.trimPoint(), lineage.missingEpoch().isPresent() ? lineage.firstId() - 1 : -1);
        long provenId = tail && !closed ? Math.min(dropFrom - 1, lineage.durableId()) : dropFrom - 1;
        List<String> mended = mended(kept);
        boolean done = mended.isEmpty() && isDone(lineage, dropFrom);
        List<String> end = done ? List.of() : List.of(last.header().name().fileName());
        boolean copied = provenId < last.header().baseId();
        Set<String> names = new HashSet<>();
        kept.forEach(member -> names.add(member.header().name().fileName()));
        return new Plan(
                dropFrom,
                OptionalLong.of(lineage.firstId()),
                done ? OptionalLong.empty() : lastKnownId(dropFrom),
                done ? List.of() : aside(names),
                mended,
                copied ? List.of() : end,
                copied ? end : List.of(),
                done,
                new Plan.Kept(
                        kept,
                        provenId,
                        trimPoint,
                        last.header().logId(),
                        nextEpoch(),
                        last.header().recordLimit()));
    }

    private Plan nothingKept(long dropFrom, @Nullable Lineage lineage) throws IOException {
        long next = dropFrom;
        if (lineage != null && lineage.missingEpoch().isEmpty()) {
            next = Math.max(dropFrom, lineage.firstId());
        } else if (smallestName() < dropFrom) {
            throw refused("no record before it can be read", smallestName());
        }
        boolean done = lineage != null && isDone(lineage, next);
        UUID logId =
                lineage == null ? new UUID(0, 0) : lineage.newest().header().logId();
        return new Plan(
                next,
                OptionalLong.empty(),
                done ? OptionalLong.empty() : lastKnownId(next),
                done ? List.of() : aside(Set.of()),
                List.of(),
                List.of(),
                List.of(),
                done,
                new Plan.Kept(List.of(), next - 1, next - 1, logId, nextEpoch(), LogRecord.MAX_DATA_BYTES));
    }

    private long smallestName() {
        return survey.files().stream()
                .flatMap(file -> SegmentName.parse(file.name()).stream())
                .mapToLong(SegmentName::baseId)
                .min()
                .orElse(1);
    }

    /** Whether the log ends there already, with nothing in the way: a repair has been run to its end. */
    private boolean isDone(Lineage lineage, long dropFrom) {
        return survey.damages().isEmpty()
                && lineage.newest().header().equals(survey.newest())
                && lineage.newest().nextId() == dropFrom
                && lineage.closed()
                && lineage.missingEpoch().isEmpty();
    }

    /** The newest record that any segment above the id tells of. */
    private OptionalLong lastKnownId(long dropFrom) throws IOException {
        long last = -1;
        for (SegmentHeader header : survey.headers().values()) {
            Optional<Footer> footer = Footers.read(storage, header);
            last = Math.max(last, header.baseId() - 1);
            last = Math.max(last, footer.map(Footer::nextId).orElse(0L) - 1);
        }
        if (!survey.isEmpty()) {
            Lineage newest = Lineage.from(survey.newest(), storage, survey);
            last = Math.max(last, Math.max(newest.newest().nextId() - 1, newest.durableIdBehind(storage)));
        }
        return last >= dropFrom ? OptionalLong.of(last) : OptionalLong.empty();
    }

    private List<StoredFile> aside(Set<String> kept) {
        return survey.files().stream()
                .filter(file -> SegmentName.parse(file.name()).isPresent() && !kept.contains(file.name()))
                .sorted(Comparator.comparing(StoredFile::name))
                .toList();
    }

    /** The segments before the last whose footer is not what the one after them needs. */
    private List<String> mended(List<Lineage.Member> kept) throws IOException {
        List<String> mended = new ArrayList<>();
        for (Lineage.Member member : kept.subList(0, kept.size() - 1)) {
            if (!hasFooter(storage, member)) {
                mended.add(member.header().name().fileName());
            }
        }
        return mended;
    }

    static boolean hasFooter(Storage storage, Lineage.Member member) throws IOException {
        return Footers.read(storage, member.header())
                .filter(footer -> footer.nextId() >= member.nextId() && footer.endOffset() >= member.endOffset())
                .isPresent();
    }

    private long nextEpoch() {
        return survey.files().stream()
                        .flatMap(file -> SegmentName.parse(file.name()).stream())
                        .mapToLong(SegmentName::epoch)
                        .filter(epoch -> epoch < SegmentHeader.MAX_EPOCH)
                        .max()
                        .orElse(0)
                + 1;
    }
}
