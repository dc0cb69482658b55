package dev.holdfast.wal.repair;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.chain.SegmentHeaders;
import dev.holdfast.wal.format.Footer;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.format.SegmentName;
import dev.holdfast.wal.inspect.PartialChain;
import dev.holdfast.wal.inspect.SegmentVerifier;
import dev.holdfast.wal.segment.GroupReader;
import dev.holdfast.wal.segment.ReadBuffer;
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
 * Plans a repair that keeps all records below an id: finds the segments that hold these records, and the other files,
 * which must be renamed. The planner follows the chain of segments back from the newest segment with a valid header, as
 * opening does. If the chain is broken above the id, the planner starts again at the newest segment before the break.
 * It reads every record to be kept, and refuses an id above the first record that cannot be kept, so that no record
 * below the id is ever lost.
 *
 * <p>A segment with a damaged header may have replaced records of older segments. The planner takes the segment's base
 * id from the file's name, and assumes that records from that id on were replaced.
 */
final class Planner {
    private final Storage storage;
    private final SegmentHeaders headers;

    private Planner(Storage storage, SegmentHeaders headers) {
        this.storage = storage;
        this.headers = headers;
    }

    static Planner of(Storage storage) throws IOException {
        SegmentHeaders headers = SegmentHeaders.ofDamaged(storage, storage.list(), Map.of());
        if (headers.isEmpty() && headers.damages().isEmpty()) {
            throw new NoSuchFileException(storage.name(), null, "the directory holds no log");
        }
        return new Planner(storage, headers);
    }

    /** Returns the greatest id from which a repair can drop records, so that it keeps as many as possible. */
    long greatestDropFrom() throws IOException {
        try {
            return plan(Long.MAX_VALUE).dropFrom();
        } catch (RepairRefusedException e) {
            return attempt(e.greatestDropFrom()).dropFrom();
        }
    }

    /**
     * Plans a repair that drops all records from an id on.
     *
     * @throws RepairRefusedException if records below the id would be lost; the exception names the greatest id that is
     *     not refused
     */
    Plan plan(long dropFrom) throws IOException {
        try {
            return attempt(dropFrom);
        } catch (RepairRefusedException e) {
            throw last(e);
        }
    }

    /**
     * Returns the final refusal for a refused id. The greatest id that a refusal names may be refused too, because one
     * damage may hide another damage at a lower id. So this method tries that id, and repeats this until no refusal
     * follows.
     */
    private RepairRefusedException last(RepairRefusedException refusal) throws IOException {
        try {
            attempt(refusal.greatestDropFrom());
            return refusal;
        } catch (RepairRefusedException lower) {
            return last(lower);
        }
    }

    private Plan attempt(long dropFrom) throws IOException {
        SegmentHeader start = headers.isEmpty() ? null : headers.newest();
        PartialChain chain = null;
        List<PartialChain.Member> kept = List.of();
        while (start != null && kept.isEmpty()) {
            chain = PartialChain.from(start, storage, headers);
            checkNoneSupersedes(start, dropFrom);
            kept = below(chain, dropFrom);
            start = kept.isEmpty() ? startBefore(chain) : null;
        }
        if (chain == null || kept.isEmpty()) {
            return nothingKept(dropFrom, chain);
        }
        checkNoneBefore(chain, kept);
        checkWhole(chain, kept, dropFrom);
        return plan(dropFrom, chain, kept);
    }

    /** Returns the segments of the chain that hold records below {@code dropFrom}. */
    private static List<PartialChain.Member> below(PartialChain chain, long dropFrom) {
        if (dropFrom <= chain.firstId()) {
            return List.of();
        }
        return chain.members().stream()
                .filter(member -> member.header().baseId() < dropFrom)
                .toList();
    }

    private @Nullable SegmentHeader startBefore(PartialChain chain) {
        if (chain.missingEpoch().isEmpty()) {
            return null;
        }
        Map.Entry<Long, SegmentHeader> before =
                headers.byEpoch().lowerEntry(chain.missingEpoch().getAsLong());
        return before == null ? null : before.getValue();
    }

    /**
     * Refuses the repair if a segment newer than {@code start} has a damaged header and may have replaced records below
     * {@code dropFrom}.
     */
    private void checkNoneSupersedes(SegmentHeader start, long dropFrom) throws IOException {
        for (CorruptLogException damage : headers.damages()) {
            SegmentName name = SegmentName.parse(damage.file()).orElseThrow();
            if (name.epoch() > start.epoch() && name.baseId() < dropFrom) {
                throw refused(damage.file() + ", from record " + name.baseId() + " on, can not be read", name.baseId());
            }
        }
    }

    /**
     * Refuses the repair if the chain is broken and there may be records before the break, which the repair would lose.
     */
    private void checkNoneBefore(PartialChain chain, List<PartialChain.Member> kept) throws IOException {
        SegmentHeader oldest = kept.get(0).header();
        if (chain.missingEpoch().isEmpty()) {
            return;
        }
        boolean older = headers.files().stream()
                .flatMap(file -> SegmentName.parse(file.name()).stream())
                .anyMatch(name -> name.epoch() < oldest.epoch() && name.baseId() < oldest.baseId());
        if (older) {
            throw refused(
                    "the segment before " + oldest.name().fileName() + " is missing or damaged", missingFrom(oldest));
        }
    }

    /**
     * Returns the first id that may be missing before the oldest kept segment, according to the names of older, damaged
     * segments.
     */
    private long missingFrom(SegmentHeader oldest) throws IOException {
        long limit = oldest.baseId();
        for (CorruptLogException damage : headers.damages()) {
            SegmentName name = SegmentName.parse(damage.file()).orElseThrow();
            if (name.epoch() < oldest.epoch()) {
                limit = Math.min(limit, name.baseId());
            }
        }
        return limit;
    }

    private void checkWhole(PartialChain chain, List<PartialChain.Member> kept, long dropFrom) throws IOException {
        for (PartialChain.Member member : kept) {
            List<CorruptLogException> damages = new SegmentVerifier(
                            member.segment(storage),
                            OptionalLong.of(member.endOffset()),
                            Math.min(member.nextId(), dropFrom),
                            bytes -> {})
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
            throw refused(next > chain.firstId() ? "the log ends with record " + (next - 1) : "the log is empty", next);
        }
    }

    private static RepairRefusedException refused(String why, long greatest) {
        return new RepairRefusedException(
                "--drop-from can be " + greatest + " at most: " + why + ". Nothing was changed.", greatest);
    }

    private Plan plan(long dropFrom, PartialChain chain, List<PartialChain.Member> kept) throws IOException {
        PartialChain.Member last = kept.get(kept.size() - 1);
        boolean tail = last.header().epoch() == chain.newest().header().epoch();
        boolean closed = chain.closed();
        long trimPoint = Math.max(chain.trimPoint(), chain.missingEpoch().isPresent() ? chain.firstId() - 1 : -1);
        long provenId = tail && !closed ? Math.min(dropFrom - 1, chain.durableId()) : dropFrom - 1;
        List<String> footersToWrite = footersToWrite(kept);
        boolean done = footersToWrite.isEmpty() && isDone(chain, dropFrom);
        List<String> end = done ? List.of() : List.of(last.header().name().fileName());
        boolean copied = provenId < last.header().baseId();
        Set<String> names = new HashSet<>();
        kept.forEach(member -> names.add(member.header().name().fileName()));
        return new Plan(
                dropFrom,
                OptionalLong.of(chain.firstId()),
                done ? OptionalLong.empty() : lastKnownId(dropFrom),
                done ? List.of() : aside(names),
                footersToWrite,
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

    private Plan nothingKept(long dropFrom, @Nullable PartialChain chain) throws IOException {
        long next = dropFrom;
        if (chain != null && chain.missingEpoch().isEmpty()) {
            next = Math.max(dropFrom, chain.firstId());
        } else if (smallestName() < dropFrom) {
            throw refused("no record below that id can be read", smallestName());
        }
        boolean done = chain != null && isDone(chain, next);
        UUID logId = chain == null ? new UUID(0, 0) : chain.newest().header().logId();
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
        return headers.files().stream()
                .flatMap(file -> SegmentName.parse(file.name()).stream())
                .mapToLong(SegmentName::baseId)
                .min()
                .orElse(1);
    }

    /**
     * Returns whether nothing is left to repair: the log is closed, its next id is {@code dropFrom}, and no segment is
     * damaged or missing.
     */
    private boolean isDone(PartialChain chain, long dropFrom) {
        return headers.damages().isEmpty()
                && chain.newest().header().equals(headers.newest())
                && chain.newest().nextId() == dropFrom
                && chain.closed()
                && chain.missingEpoch().isEmpty();
    }

    /** Returns the id of the newest record that any segment mentions, or empty if that id is below {@code dropFrom}. */
    private OptionalLong lastKnownId(long dropFrom) throws IOException {
        long last = -1;
        ReadBuffer buffer = new ReadBuffer();
        for (SegmentHeader header : headers.byEpoch().values()) {
            Optional<Footer> footer = GroupReader.footer(storage, header, buffer);
            last = Math.max(last, header.baseId() - 1);
            last = Math.max(last, footer.map(Footer::nextId).orElse(0L) - 1);
        }
        if (!headers.isEmpty()) {
            PartialChain newest = PartialChain.from(headers.newest(), storage, headers);
            last = Math.max(last, Math.max(newest.newest().nextId() - 1, newest.durableIdBehind(storage)));
        }
        return last >= dropFrom ? OptionalLong.of(last) : OptionalLong.empty();
    }

    private List<StoredFile> aside(Set<String> kept) {
        return headers.files().stream()
                .filter(file -> SegmentName.parse(file.name()).isPresent() && !kept.contains(file.name()))
                .sorted(Comparator.comparing(StoredFile::name))
                .toList();
    }

    /**
     * Returns the file names of kept segments, except the last, whose footer is damaged or does not match the next
     * segment.
     */
    private List<String> footersToWrite(List<PartialChain.Member> kept) throws IOException {
        List<String> footersToWrite = new ArrayList<>();
        ReadBuffer buffer = new ReadBuffer();
        for (PartialChain.Member member : kept.subList(0, kept.size() - 1)) {
            if (!hasFooter(storage, member, buffer)) {
                footersToWrite.add(member.header().name().fileName());
            }
        }
        return footersToWrite;
    }

    private static boolean hasFooter(Storage storage, PartialChain.Member member, ReadBuffer buffer)
            throws IOException {
        return GroupReader.footer(storage, member.header(), buffer)
                .filter(footer -> footer.nextId() >= member.nextId() && footer.endOffset() >= member.endOffset())
                .isPresent();
    }

    private long nextEpoch() {
        return headers.files().stream()
                        .flatMap(file -> SegmentName.parse(file.name()).stream())
                        .mapToLong(SegmentName::epoch)
                        .filter(epoch -> epoch < SegmentHeader.MAX_EPOCH)
                        .max()
                        .orElse(0)
                + 1;
    }
}
