package dev.holdfast.wal.recovery;

import dev.holdfast.wal.format.SegmentName;
import dev.holdfast.wal.segment.Catalog;
import dev.holdfast.wal.segment.Removals;
import dev.holdfast.wal.segment.Segment;
import dev.holdfast.wal.segment.TailScan;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.StoredFile;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Follows a log that somebody else may write, by reading alone. Where somebody does, it shows records up to the highest durable id on the
 * disk, and an unfinished tail is no damage. Where nobody does, it shows every whole batch and says from where on nothing proves
 * that they are synced.
 *
 * <p>The writer may change files while they are looked at. So whatever looks wrong counts only if the segments' names are the same
 * before and after. One thread at a time.
 */
public final class Observer implements AutoCloseable {
    private static final int ATTEMPTS = 100;

    private final Storage storage;
    private Set<String> names = Set.of();
    private @Nullable LiveChain live;
    private @Nullable Catalog catalog;

    public Observer(Storage storage) {
        this.storage = storage;
    }

    /** Looks at the directory again; gives the same catalog if nothing has changed. */
    public Observation look() throws IOException {
        for (int attempt = 1; ; attempt++) {
            List<StoredFile> files = storage.list();
            try {
                return observe(files);
            } catch (IOException e) {
                close();
                if (attempt == ATTEMPTS || (segmentNames(files).equals(segmentNames(storage.list())) && attempt > 1)) {
                    throw e;
                }
            }
        }
    }

    private static Set<String> segmentNames(List<StoredFile> files) {
        Set<String> found = new TreeSet<>();
        for (StoredFile file : files) {
            if (SegmentName.parse(file.name()).isPresent()) {
                found.add(file.name());
            }
        }
        return found;
    }

    private Observation observe(List<StoredFile> files) throws IOException {
        boolean writtenBefore = storage.holder().isPresent();
        LiveChain chain = chain(files);
        TailScan tail = chain.tail();
        boolean closed = tail.isClosed();
        TailScan.Behind behind = closed || writtenBefore ? null : tail.behind();
        boolean written = writtenBefore || storage.holder().isPresent();
        long tornBytes = 0;
        if (behind != null && !written) {
            Recovery.judge(tail, behind);
            tornBytes = behind.tornBytes();
        }
        chain.link();
        long shown = written && !closed ? Math.min(tail.lastId(), tail.durableId()) : tail.lastId();
        boolean proven = closed || written || tail.durableId() >= tail.lastId();
        return new Observation(
                show(chain, shown),
                closed,
                tornBytes,
                proven ? OptionalLong.empty() : OptionalLong.of(tail.durableId() + 1));
    }

    /** The tail as far as it is whole now: of the same segments as before, or of others. */
    private LiveChain chain(List<StoredFile> files) throws IOException {
        Set<String> now = segmentNames(files);
        LiveChain chain = live;
        if (chain == null || !now.equals(names)) {
            close();
            Survey survey = Survey.of(storage, files);
            if (survey.isEmpty()) {
                throw new NoSuchFileException(storage.name(), null, "the directory holds no log");
            }
            chain = LiveChain.of(storage, survey);
            live = chain;
            names = now;
        } else {
            chain.tail().proceed();
        }
        return chain;
    }

    /** Gives the files back. */
    @Override
    public void close() throws IOException {
        LiveChain old = live;
        live = null;
        if (old != null) {
            old.close();
        }
    }

    /** The catalog of before, if it says the same; otherwise a new one. */
    private Catalog show(LiveChain chain, long shown) {
        TailScan tail = chain.tail();
        List<Segment> segments = chain.segments();
        long first = Math.max(tail.trimPoint() + 1, segments.get(0).baseId());
        long last = Math.max(shown, first - 1);
        Catalog before = catalog;
        if (before != null
                && before.segments().equals(segments)
                && before.firstId() == first
                && before.lastId() == last) {
            return before;
        }
        boolean pinned = tail.segment().header().pinned()
                && tail.lastId() < tail.segment().baseId();
        long end = Math.max(tail.position(), tail.endOffset());
        Removals removals = before == null ? Removals.NONE : removals(before, segments, last);
        Catalog next = new Catalog(segments, first, last, end, pinned, removals);
        catalog = next;
        return next;
    }

    /**
     * Which records that were shown may have been truncated since. Those are safe whose segment is still there, up to where the next one
     * begins. A segment that was replaced by a copy counts as truncated, as nothing tells the two apart.
     */
    private static Removals removals(Catalog before, List<Segment> now, long last) {
        Set<Long> epochs = new HashSet<>();
        before.segments().forEach(segment -> epochs.add(segment.header().epoch()));
        long kept = -1;
        for (int i = 0; i < now.size() && epochs.contains(now.get(i).header().epoch()); i++) {
            kept = i + 1 < now.size() ? now.get(i + 1).baseId() - 1 : last;
        }
        return kept < before.lastId() ? before.removals().and(kept) : before.removals();
    }
}
