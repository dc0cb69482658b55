package dev.holdfast.wal.inspect;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.format.Footer;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.format.SegmentName;
import dev.holdfast.wal.recovery.Observation;
import dev.holdfast.wal.recovery.Observer;
import dev.holdfast.wal.recovery.SegmentHeaders;
import dev.holdfast.wal.segment.Catalog;
import dev.holdfast.wal.segment.Footers;
import dev.holdfast.wal.segment.ProvenEnd;
import dev.holdfast.wal.segment.Remedy;
import dev.holdfast.wal.segment.Segment;
import dev.holdfast.wal.segment.SegmentVerifier;
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
 * Looks at a directory as it is, by reading alone, whoever writes it meanwhile. Opening a log ends at the first thing
 * that is wrong; this goes on behind it.
 *
 * <p>Of a log that somebody writes, segments may be removed while they are read. What looks damaged then counts only if
 * a second look finds the same.
 */
public final class Inspector {
    /** Is told how far the reading has come. */
    public interface Listener {
        /** All that will be read, in bytes; told once, before anything is read. */
        void total(long bytes);

        /** Some more has been read. */
        void read(long bytes);
    }

    private static final int ATTEMPTS = 20;

    private final Storage storage;

    public Inspector(Storage storage) {
        this.storage = storage;
    }

    /**
     * Looks at headers, footers and the tail, as opening does.
     *
     * @throws NoSuchFileException if the directory holds no segment
     * @throws dev.holdfast.wal.UnsupportedFormatException if a newer version of this library wrote it
     */
    public Inspection look() throws IOException {
        return inspection(view(), List.of());
    }

    /** Reads every byte of every live segment. Throws as {@link #look}. */
    public Inspection verify(Listener listener) throws IOException {
        View first = view();
        listener.total(first.members().stream()
                .mapToLong(member -> member.endOffset() - Layout.HEADER_BYTES)
                .sum());
        List<CorruptLogException> found = new ArrayList<>();
        for (Lineage.Member member : first.members()) {
            found.addAll(
                    first.endIsKnown(member)
                            ? audit(member, first.holder().isPresent(), listener)
                            : SegmentVerifier.withoutKnownEnd(member.segment(storage), member.nextId(), listener::read)
                                    .run());
        }
        if (first.holder().isEmpty()) {
            found.addAll(footers(first));
        }
        return inspection(first, found);
    }

    /**
     * What a copy of the log as it is now is made of.
     *
     * @throws CorruptLogException if it would not open
     */
    public Snapshot snapshot() throws IOException {
        try (Observer observer = new Observer(storage)) {
            Observation seen = observer.look();
            Catalog catalog = seen.catalog();
            List<Segment> segments = catalog.segments();
            List<Snapshot.Sealed> sealed = new ArrayList<>();
            for (int i = 0; i + 1 < segments.size(); i++) {
                SegmentHeader header = segments.get(i).header();
                long nextId = segments.get(i + 1).baseId();
                boolean complete = Footers.read(storage, header)
                        .filter(footer -> footer.nextId() >= nextId)
                        .isPresent();
                sealed.add(new Snapshot.Sealed(segments.get(i).fileName(), header.fileLength(), complete));
            }
            Segment tail = catalog.tail();
            long end = ProvenEnd.of(tail, catalog.lastId());
            return new Snapshot(
                    sealed,
                    new Snapshot.Tail(tail.fileName(), tail.header().fileLength(), end),
                    seen.unprovenFrom().orElse(catalog.nextId()) - 1);
        }
    }

    private List<CorruptLogException> audit(Lineage.Member member, boolean written, Listener listener)
            throws IOException {
        if (!written) {
            return damages(member, listener::read);
        }
        try {
            List<CorruptLogException> damages = damages(member, listener::read);
            if (damages.isEmpty()) {
                return damages;
            }
        } catch (NoSuchFileException removedMeanwhile) {
            // The second look tells.
        }
        for (Lineage.Member again : view().members()) {
            if (again.header().epoch() == member.header().epoch()) {
                long nextId = Math.min(member.nextId(), again.nextId());
                long end = Math.min(member.endOffset(), again.endOffset());
                return damages(new Lineage.Member(member.header(), end, nextId), bytes -> {});
            }
        }
        return List.of();
    }

    private List<CorruptLogException> damages(Lineage.Member member, LongConsumer read) throws IOException {
        return new SegmentVerifier(member.segment(storage), member.endOffset(), member.nextId(), read).run();
    }

    /** What is there, and what opening would say to it. */
    private record View(
            SegmentHeaders survey,
            @Nullable Lineage lineage,
            List<Lineage.Member> members,
            Optional<Observation> observation,
            Optional<CorruptLogException> refusal,
            Optional<String> holder) {
        /** Of a tail that holds more than opening would find, only the records are known that it must hold. */
        boolean endIsKnown(Lineage.Member member) {
            return lineage == null || lineage.members().contains(member);
        }
    }

    /**
     * Of a log that is written, files may be removed or used again while they are read: then it is looked at again.
     * What is wrong with a file counts only if the file still has its name afterwards.
     */
    private View view() throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                View view = viewNow();
                if (attempt == ATTEMPTS || areThere(view.survey().damages())) {
                    return view;
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

    private View viewNow() throws IOException {
        List<StoredFile> files = storage.list();
        Optional<String> holder = storage.holder();
        SegmentHeaders survey = SegmentHeaders.ofDamaged(storage, files, Map.of());
        if (survey.isEmpty() && survey.damages().isEmpty()) {
            throw new NoSuchFileException(storage.name(), null, "the directory holds no log");
        }
        Optional<Observation> observation = Optional.empty();
        Optional<CorruptLogException> refusal = Optional.empty();
        try (Observer observer = new Observer(storage)) {
            observation = Optional.of(observer.look());
        } catch (CorruptLogException e) {
            refusal = Optional.of(e);
        }
        Lineage lineage = survey.isEmpty() ? null : Lineage.from(survey.newest(), storage, survey);
        return new View(survey, lineage, members(lineage, refusal), observation, refusal, holder);
    }

    /**
     * What has to be read. Where the log would not open, the newest segment may hold acknowledged records behind
     * damaged ones.
     */
    private List<Lineage.Member> members(@Nullable Lineage lineage, Optional<CorruptLogException> refusal)
            throws IOException {
        if (lineage == null) {
            return List.of();
        }
        long acknowledged = refusal.isPresent() ? lineage.durableIdBehind(storage) : -1;
        Lineage.Member newest = lineage.newest();
        if (acknowledged < newest.nextId()) {
            return lineage.members();
        }
        List<Lineage.Member> members = new ArrayList<>(lineage.members());
        long end = Layout.groupsEnd(newest.header().fileLength());
        members.set(members.size() - 1, new Lineage.Member(newest.header(), end, acknowledged + 1));
        return members;
    }

    /**
     * The segments whose footer is damaged, although another follows. The newest but one may not have its footer yet.
     */
    private List<CorruptLogException> footers(View view) throws IOException {
        List<CorruptLogException> damages = new ArrayList<>();
        List<Lineage.Member> members = view.members();
        for (int i = 0; i + 2 < members.size(); i++) {
            SegmentHeader header = members.get(i).header();
            Optional<Footer> footer = Footers.read(storage, header);
            if (footer.isEmpty() || footer.get().nextId() < members.get(i).nextId()) {
                damages.add(damagedFooter(members.get(i), members.get(i + 1)));
            }
        }
        return damages;
    }

    private static CorruptLogException damagedFooter(Lineage.Member member, Lineage.Member next) {
        String file = member.header().name().fileName();
        long offset = Layout.footerOffset(member.header().fileLength());
        return new CorruptLogException(
                file + " at byte " + offset + ": no valid footer, although "
                        + next.header().name().fileName() + " follows. "
                        + Remedy.records(member.header().baseId(), member.nextId() - 1)
                        + " may be whole all the same: a repair writes the footer anew where they are. "
                        + Remedy.restoreOrDrop(member.nextId()),
                file,
                offset,
                member.header().baseId(),
                member.nextId() - 1);
    }

    private Inspection inspection(View view, List<CorruptLogException> found) throws IOException {
        Map<String, CorruptLogException> damages = new TreeMap<>();
        view.survey().damages().forEach(damage -> damages.putIfAbsent(place(damage), damage));
        // Opening stops at the first damage; who has read on knows more of the same place.
        found.forEach(damage -> damages.putIfAbsent(place(damage), damage));
        view.refusal().ifPresent(damage -> damages.putIfAbsent(place(damage), damage));
        Lineage lineage = view.lineage();
        long first = lineage == null ? 0 : lineage.firstId();
        long next = lineage == null ? 0 : lineage.newest().nextId();
        OptionalLong shown = view.observation()
                .map(seen -> OptionalLong.of(seen.catalog().nextId()))
                .orElse(OptionalLong.of(next));
        next = shown.getAsLong();
        first = view.observation().isPresent()
                ? view.observation().get().catalog().firstId()
                : first;
        return new Inspection(
                logId(view.survey()),
                ending(view),
                next > first ? OptionalLong.of(first) : OptionalLong.empty(),
                next > first ? OptionalLong.of(next - 1) : OptionalLong.empty(),
                next,
                lineage == null ? -1 : lineage.trimPoint(),
                view.observation().map(Observation::unprovenFrom).orElse(OptionalLong.empty()),
                view.observation().map(Observation::tornBytes).orElse(0L),
                view.holder(),
                segments(view),
                others(view.survey()),
                List.copyOf(damages.values()));
    }

    private static String place(CorruptLogException damage) {
        return String.format("%s %020d", damage.file(), damage.offset());
    }

    private static Inspection.Ending ending(View view) {
        if (view.observation().isEmpty()) {
            return Inspection.Ending.REFUSED;
        }
        if (view.observation().get().closed()) {
            return Inspection.Ending.CLOSED;
        }
        return view.holder().isPresent() ? Inspection.Ending.OPEN : Inspection.Ending.UNCLOSED;
    }

    private static Optional<UUID> logId(SegmentHeaders survey) {
        return survey.isEmpty() ? Optional.empty() : Optional.of(survey.newest().logId());
    }

    private List<SegmentFile> segments(View view) throws IOException {
        Map<Long, Lineage.Member> live = new HashMap<>();
        view.members().forEach(member -> live.put(member.header().epoch(), member));
        List<SegmentFile> segments = new ArrayList<>();
        for (StoredFile file : view.survey().files()) {
            Optional<SegmentName> name = SegmentName.parse(file.name());
            if (name.isPresent()) {
                segments.add(segment(file, name.get(), live.get(name.get().epoch()), view));
            }
        }
        segments.sort(Comparator.comparingLong(SegmentFile::epoch));
        return segments;
    }

    private static SegmentFile segment(StoredFile file, SegmentName name, Lineage.@Nullable Member member, View view) {
        SegmentHeader header = view.survey().headers().get(name.epoch());
        boolean valid = header != null && header.name().equals(name);
        Lineage.Member live = valid ? member : null;
        return new SegmentFile(
                file.name(),
                role(valid, live, view),
                name.epoch(),
                name.baseId(),
                live == null ? OptionalLong.empty() : OptionalLong.of(live.nextId()),
                live == null ? 0 : live.endOffset(),
                file.length(),
                file.links());
    }

    private static SegmentFile.Role role(boolean valid, Lineage.@Nullable Member member, View view) {
        if (!valid) {
            return SegmentFile.Role.DAMAGED;
        }
        if (member == null) {
            return SegmentFile.Role.DEAD;
        }
        return member.header().epoch() == view.survey().newest().epoch()
                ? SegmentFile.Role.TAIL
                : SegmentFile.Role.SEALED;
    }

    private static List<StoredFile> others(SegmentHeaders survey) {
        return survey.files().stream()
                .filter(file -> SegmentName.parse(file.name()).isEmpty())
                .sorted(Comparator.comparing(StoredFile::name))
                .toList();
    }
}
