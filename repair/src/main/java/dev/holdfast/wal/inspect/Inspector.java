package dev.holdfast.wal.inspect;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.catalog.Catalog;
import dev.holdfast.wal.chain.SegmentHeaders;
import dev.holdfast.wal.format.Footer;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.format.SegmentName;
import dev.holdfast.wal.recovery.Observer;
import dev.holdfast.wal.recovery.Observer.Observation;
import dev.holdfast.wal.recovery.OpenReport;
import dev.holdfast.wal.segment.Damage;
import dev.holdfast.wal.segment.GroupReader;
import dev.holdfast.wal.segment.ReadBuffer;
import dev.holdfast.wal.segment.Segment;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.StoredFile;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Inspects a log's directory without changing it, even while a writer has the log open. Opening a log stops at the
 * first damage, but an inspection reports all damage.
 *
 * <p>If a writer has the log open, it may remove segments during an inspection. An inspection then reports damage only
 * if a second read finds it too.
 */
public final class Inspector {
    /** Receives the progress of {@link #verify}. */
    public interface Listener {
        /** Called once, before anything is read, with the number of bytes that will be read. */
        void total(long bytes);

        /** Called after each read with the number of bytes read. */
        void read(long bytes);
    }

    private static final int ATTEMPTS = 20;

    private final Storage storage;

    public Inspector(Storage storage) {
        this.storage = storage;
    }

    /**
     * Inspects headers, footers and the newest segment, which are the parts that opening the log reads.
     *
     * @throws NoSuchFileException if the directory contains no segment
     * @throws dev.holdfast.wal.UnsupportedFormatException if a newer version of this library wrote the log
     */
    public Inspection look() throws IOException {
        return inspection(state(), List.of());
    }

    /**
     * Inspects the log as {@link #look} does, and also reads every byte of every live segment. Throws the same
     * exceptions as {@code look}.
     */
    public Inspection verify(Listener listener) throws IOException {
        State first = state();
        listener.total(first.members().stream()
                .mapToLong(member -> member.endOffset() - Layout.HEADER_BYTES)
                .sum());
        List<CorruptLogException> found = new ArrayList<>();
        for (PartialChain.Member member : first.members()) {
            if (!first.endIsKnown(member)) {
                found.addAll(damages(member, OptionalLong.empty(), listener::read));
            } else if (first.holder().isEmpty()) {
                found.addAll(damages(member, listener::read));
            } else {
                found.addAll(damagesBesideWriter(member, listener));
            }
        }
        if (first.holder().isEmpty()) {
            found.addAll(footers(first));
        }
        return inspection(first, found);
    }

    /**
     * Returns the files and lengths that a copy of the log needs.
     *
     * @throws CorruptLogException if the log would not open
     */
    public Snapshot snapshot() throws IOException {
        try (Observer observer = new Observer(storage)) {
            Observation seen = observer.look();
            Catalog catalog = seen.catalog();
            List<Segment> segments = catalog.segments();
            List<Snapshot.Sealed> sealed = new ArrayList<>();
            ReadBuffer buffer = new ReadBuffer();
            for (int i = 0; i + 1 < segments.size(); i++) {
                SegmentHeader header = segments.get(i).header();
                long nextId = segments.get(i + 1).baseId();
                boolean complete = GroupReader.footer(storage, header, buffer)
                        .filter(footer -> footer.nextId() >= nextId)
                        .isPresent();
                sealed.add(new Snapshot.Sealed(segments.get(i).fileName(), header.fileLength(), complete));
            }
            Segment tail = catalog.tail();
            long end = ProvenEnd.of(tail, catalog.lastId());
            return new Snapshot(
                    sealed,
                    new Snapshot.Tail(tail.fileName(), tail.header().fileLength(), end),
                    seen.report().unprovenFrom().orElse(catalog.nextId()) - 1);
        }
    }

    /** Returns damage only if a second read confirms it, because the writer may remove or reuse files meanwhile. */
    private List<CorruptLogException> damagesBesideWriter(PartialChain.Member member, Listener listener)
            throws IOException {
        try {
            List<CorruptLogException> damages = damages(member, listener::read);
            if (damages.isEmpty()) {
                return damages;
            }
        } catch (NoSuchFileException removedMeanwhile) {
            // The second read decides.
        }
        for (PartialChain.Member again : state().members()) {
            if (again.header().epoch() == member.header().epoch()) {
                long nextId = Math.min(member.nextId(), again.nextId());
                long end = Math.min(member.endOffset(), again.endOffset());
                return damages(new PartialChain.Member(member.header(), end, nextId), bytes -> {});
            }
        }
        return List.of();
    }

    private List<CorruptLogException> damages(PartialChain.Member member, LongConsumer read) throws IOException {
        return damages(member, OptionalLong.of(member.endOffset()), read);
    }

    private List<CorruptLogException> damages(PartialChain.Member member, OptionalLong end, LongConsumer read)
            throws IOException {
        return new SegmentVerifier(member.segment(storage), end, member.nextId(), read).run();
    }

    /** The contents of a directory, and the result of opening the log in it. */
    private record State(
            SegmentHeaders headers,
            @Nullable PartialChain chain,
            List<PartialChain.Member> members,
            Optional<Observation> observation,
            Optional<CorruptLogException> refusal,
            Optional<String> holder) {
        /**
         * Returns whether the end offset of a segment's records is known. Returns false for a damaged tail that holds
         * more records than opening would find: then only the id of the last record that it must hold is known.
         */
        boolean endIsKnown(PartialChain.Member member) {
            return chain == null || chain.members().contains(member);
        }
    }

    /**
     * Reads the directory. If a writer removes or reuses files meanwhile, reads the directory again. Damage of a file
     * counts only if the directory still has a file of this name afterwards.
     */
    private State state() throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                State state = stateNow();
                if (attempt == ATTEMPTS || areThere(state.headers().damages())) {
                    return state;
                }
            } catch (NoSuchFileException e) {
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private boolean areThere(List<CorruptLogException> damages) throws IOException {
        for (CorruptLogException damage : damages) {
            if (storage.find(damage.file()).isEmpty()) {
                return false;
            }
        }
        return true;
    }

    private State stateNow() throws IOException {
        List<StoredFile> files = storage.list();
        Optional<String> holder = storage.holder();
        SegmentHeaders headers = SegmentHeaders.ofDamaged(storage, files, Map.of());
        if (headers.isEmpty() && headers.damages().isEmpty()) {
            throw new NoSuchFileException(storage.name(), null, "the directory holds no log");
        }
        Optional<Observation> observation = Optional.empty();
        Optional<CorruptLogException> refusal = Optional.empty();
        try (Observer observer = new Observer(storage)) {
            observation = Optional.of(observer.look());
        } catch (CorruptLogException e) {
            refusal = Optional.of(e);
        }
        PartialChain chain = headers.isEmpty() ? null : PartialChain.from(headers.newest(), storage, headers);
        return new State(headers, chain, members(chain, refusal), observation, refusal, holder);
    }

    /**
     * Returns the live segments, which {@link #verify} reads. If the log would not open, the newest segment is read to
     * the end of its file, because acknowledged records may follow damaged records.
     */
    private List<PartialChain.Member> members(@Nullable PartialChain chain, Optional<CorruptLogException> refusal)
            throws IOException {
        if (chain == null) {
            return List.of();
        }
        long acknowledged = refusal.isPresent() ? chain.durableIdBehind(storage) : -1;
        PartialChain.Member newest = chain.newest();
        if (acknowledged < newest.nextId()) {
            return chain.members();
        }
        List<PartialChain.Member> members = new ArrayList<>(chain.members());
        long end = Layout.groupsEnd(newest.header().fileLength());
        members.set(members.size() - 1, new PartialChain.Member(newest.header(), end, acknowledged + 1));
        return members;
    }

    /**
     * Returns one damage for each segment that has a successor but no valid footer. The second newest segment is
     * exempt, because its footer may not be written yet.
     */
    private List<CorruptLogException> footers(State state) throws IOException {
        List<CorruptLogException> damages = new ArrayList<>();
        List<PartialChain.Member> members = state.members();
        ReadBuffer buffer = new ReadBuffer();
        for (int i = 0; i + 2 < members.size(); i++) {
            SegmentHeader header = members.get(i).header();
            Optional<Footer> footer = GroupReader.footer(storage, header, buffer);
            if (footer.isEmpty() || footer.get().nextId() < members.get(i).nextId()) {
                damages.add(damagedFooter(members.get(i), members.get(i + 1)));
            }
        }
        return damages;
    }

    private static CorruptLogException damagedFooter(PartialChain.Member member, PartialChain.Member next) {
        String file = member.header().name().fileName();
        long offset = Layout.footerOffset(member.header().fileLength());
        String follower = next.header().name().fileName();
        return Damage.at(file, offset, "no valid footer, but " + follower + " follows")
                .records(
                        member.header().baseId(),
                        member.nextId() - 1,
                        "may still be whole: then a repair writes the footer again.")
                .restoreOrDrop(member.nextId());
    }

    private Inspection inspection(State state, List<CorruptLogException> found) throws IOException {
        Map<String, CorruptLogException> damages = new TreeMap<>();
        state.headers().damages().forEach(damage -> damages.putIfAbsent(place(damage), damage));
        // First, because opening stops at the first damage, so the full read knows more about the same place.
        found.forEach(damage -> damages.putIfAbsent(place(damage), damage));
        state.refusal().ifPresent(damage -> damages.putIfAbsent(place(damage), damage));
        PartialChain chain = state.chain();
        Optional<Catalog> catalog = state.observation().map(Observation::catalog);
        long first = catalog.map(Catalog::firstId).orElse(chain == null ? 0 : chain.firstId());
        long next = catalog.map(Catalog::nextId)
                .orElse(chain == null ? 0 : chain.newest().nextId());
        Optional<OpenReport> report = state.observation().map(Observation::report);
        return new Inspection(
                logId(state.headers()),
                report.map(OpenReport::ending),
                next > first ? OptionalLong.of(first) : OptionalLong.empty(),
                next > first ? OptionalLong.of(next - 1) : OptionalLong.empty(),
                next,
                chain == null ? -1 : chain.trimPoint(),
                report.map(OpenReport::unprovenFrom).orElse(OptionalLong.empty()),
                report.map(OpenReport::tornBytes).orElse(0L),
                state.holder(),
                segments(state),
                others(state.headers()),
                List.copyOf(damages.values()));
    }

    private static String place(CorruptLogException damage) {
        return String.format("%s %020d", damage.file(), damage.offset());
    }

    private static Optional<UUID> logId(SegmentHeaders headers) {
        return headers.isEmpty()
                ? Optional.empty()
                : Optional.of(headers.newest().logId());
    }

    private List<SegmentFile> segments(State state) throws IOException {
        Map<Long, PartialChain.Member> live = new HashMap<>();
        state.members().forEach(member -> live.put(member.header().epoch(), member));
        List<SegmentFile> segments = new ArrayList<>();
        for (StoredFile file : state.headers().files()) {
            Optional<SegmentName> name = SegmentName.parse(file.name());
            if (name.isPresent()) {
                segments.add(segment(file, name.get(), live.get(name.get().epoch()), state));
            }
        }
        segments.sort(Comparator.comparingLong(SegmentFile::epoch));
        return segments;
    }

    private static SegmentFile segment(
            StoredFile file, SegmentName name, PartialChain.@Nullable Member member, State state) {
        SegmentHeader header = state.headers().byEpoch().get(name.epoch());
        boolean valid = header != null && header.name().equals(name);
        PartialChain.Member live = valid ? member : null;
        return new SegmentFile(
                file.name(),
                valid ? role(live, state) : SegmentFile.Role.DAMAGED,
                name.epoch(),
                name.baseId(),
                live == null ? OptionalLong.empty() : OptionalLong.of(live.nextId()),
                live == null ? 0 : live.endOffset(),
                file.length(),
                file.links());
    }

    private static SegmentFile.Role role(PartialChain.@Nullable Member member, State state) {
        if (member == null) {
            return SegmentFile.Role.DEAD;
        }
        return member.header().epoch() == state.headers().newest().epoch()
                ? SegmentFile.Role.TAIL
                : SegmentFile.Role.SEALED;
    }

    private static List<StoredFile> others(SegmentHeaders headers) {
        return headers.files().stream()
                .filter(file -> SegmentName.parse(file.name()).isEmpty())
                .sorted(Comparator.comparing(StoredFile::name))
                .toList();
    }
}
