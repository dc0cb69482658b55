package dev.holdfast.wal.recovery;

import dev.holdfast.wal.RecordsRemovedException;
import dev.holdfast.wal.catalog.Catalog;
import dev.holdfast.wal.catalog.TruncationHistory;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.format.SegmentName;
import dev.holdfast.wal.segment.Segment;
import dev.holdfast.wal.segment.TailScan;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.StoredFile;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Follows a log by reading alone, while another process may write it. If a writer has the log open, this class
 * publishes records up to the highest durable id on disk, and an unfinished tail is no damage. Otherwise it publishes
 * every whole batch and reports the first record that nothing proves to be synced. In both cases, damage to a synced
 * record is reported.
 *
 * <p>The writer may change files during a read. Therefore an error counts only if the segments' names are the same
 * before and after. If later groups prove that a broken place is damaged, the place is read again, and is damaged only
 * if it is still broken: the later groups were written after it, so the first read may have seen it half written.
 *
 * <p>The first look searches the whole tail for such proof. The cost of a further look does not depend on the number of
 * segments: it lists the directory, reads headers only if names have changed, and searches the tail in pieces
 * ({@link TailScan#nearBehind}). Not thread-safe.
 */
public final class Observer implements AutoCloseable {
    private static final int ATTEMPTS = 100;

    private final Storage storage;
    private List<StoredFile> files = List.of();
    private Optional<Object> stamp = Optional.empty();
    private Set<String> names = Set.of();
    private Optional<Object> tailIdentity = Optional.empty();
    private NavigableMap<Long, SegmentHeader> headers = new TreeMap<>();
    private Map<Long, Segment> checked = Map.of();
    private @Nullable LiveChain live;
    private @Nullable Catalog catalog;
    private List<Segment> shownSegments = List.of();
    private List<StoredFile> chainFiles = List.of();
    private String tailName = "";
    private long tornBytes;
    private boolean written;
    private boolean thorough = true;
    private boolean replaced;

    public Observer(Storage storage) {
        this.storage = storage;
    }

    /**
     * Reads the directory again. Returns the same catalog if nothing has changed.
     *
     * @throws RecordsRemovedException if another log has replaced this one
     */
    public Observation look() throws IOException {
        for (int attempt = 1; ; attempt++) {
            list();
            try {
                Observation seen = observe();
                thorough = false;
                return seen;
            } catch (IOException e) {
                close();
                stamp = Optional.empty();
                thorough = true;
                if (attempt == ATTEMPTS || segmentNames(files).equals(segmentNames(storage.list()))) {
                    forget();
                    if (attempt > 1) throw e;
                }
            }
        }
    }

    private void list() throws IOException {
        Optional<Object> now = storage.namesStamp();
        if (now.isEmpty() || !now.equals(stamp)) {
            files = storage.list();
            stamp = now;
        }
    }

    /** Drops all cached results, so that the next look is as thorough as the first. */
    private void forget() {
        stamp = Optional.empty();
        headers = new TreeMap<>();
        checked = Map.of();
        thorough = true;
    }

    private static Set<String> segmentNames(List<StoredFile> files) {
        return files.stream()
                .map(StoredFile::name)
                .filter(name -> SegmentName.parse(name).isPresent())
                .collect(Collectors.toSet());
    }

    private Observation observe() throws IOException {
        Optional<String> holder = storage.holder();
        LiveChain chain = chain();
        TailScan tail = chain.tail();
        if (!tail.hasItsHeader()) {
            throw new NoSuchFileException(tail.segment().fileName(), null, "it has another header by now");
        }
        boolean closed = tail.isClosed();
        boolean all = thorough || holder.isPresent() != written;
        TailScan.Behind behind = closed ? TailScan.Behind.NOTHING : all ? tail.behind() : tail.nearBehind();
        holder = holder.isPresent() ? holder : storage.holder();
        written = holder.isPresent();
        if (behind.durableId() > tail.lastId() || behind.trimPoint() > tail.trimPoint()) { // seam: observed-proof
            tail.proceed(); // seam: observed-again
            Recovery.judge(
                    tail,
                    behind,
                    holder.map(who -> "and its writer, " + who + ", may not have noticed.")
                            .orElse("so the log was not opened."));
        }
        tornBytes = all ? behind.tornBytes() : tornBytes;
        chain.link();
        long limit = written && !closed ? tail.durableId() : Long.MAX_VALUE; // seam: observed-end
        long last = Math.min(tail.lastId(), limit);
        boolean proven = closed || written || tail.durableId() >= tail.lastId();
        return new Observation(
                show(chain, last),
                closed,
                closed || written ? 0 : tornBytes,
                proven ? OptionalLong.empty() : OptionalLong.of(tail.durableId() + 1)); // seam: observed-unproven
    }

    /** Returns the live chain, scanned to the current end of the tail. Opens a new chain if the segments changed. */
    private LiveChain chain() throws IOException {
        LiveChain chain = live;
        Set<String> now = files == chainFiles ? names : segmentNames(files);
        boolean otherTail = files != chainFiles && isTailReplaced();
        if (chain == null || !now.equals(names) || otherTail) {
            close();
            if (otherTail) {
                forget();
                replaced = true;
            }
            chain = openChain();
            live = chain;
            names = now;
        } else {
            chain.tail().proceed();
        }
        chainFiles = files;
        return chain;
    }

    /** Returns whether another file has taken the tail's name, because a copy of the log has replaced the log. */
    private boolean isTailReplaced() throws IOException {
        Optional<Object> now = tailName.isEmpty() ? Optional.empty() : storage.identity(tailName);
        return now.isPresent() && tailIdentity.isPresent() && !now.equals(tailIdentity);
    }

    private LiveChain openChain() throws IOException {
        SegmentHeaders segmentHeaders = SegmentHeaders.of(storage, files, headers);
        if (segmentHeaders.isEmpty()) throw new NoSuchFileException(storage.name(), null, "the directory holds no log");
        segmentHeaders.addSuccessors(storage);
        SegmentHeader newest = segmentHeaders.newest();
        Catalog before = catalog;
        if (before != null) {
            SegmentHeader old = before.tail().header();
            if (!newest.logId().equals(old.logId())) throw replacedBy(newest, before); // seam: observed-log
            replaced |= newest.epoch() < old.epoch();
        }
        // Read before the file is opened: if the file is replaced in between, the next look detects it.
        tailName = newest.name().fileName();
        tailIdentity = storage.identity(tailName);
        LiveChain chain = LiveChain.of(storage, segmentHeaders, checked);
        headers = segmentHeaders.byEpoch();
        checked = chain.predecessors();
        return chain;
    }

    private RecordsRemovedException replacedBy(SegmentHeader newest, Catalog before) {
        return new RecordsRemovedException(
                storage.name() + ": this is another log by now, " + newest.logId() + ", expected "
                        + before.tail().header().logId()
                        + ": the log that was opened here was moved away, deleted or replaced. Its records cannot be read any more. "
                        + "Open the directory again to read the log that it holds now.",
                before.firstId(),
                Math.max(before.firstId(), before.lastId()));
    }

    /** Closes the files. */
    @Override
    public void close() throws IOException {
        LiveChain old = live;
        live = null;
        if (old != null) old.close();
    }

    /** Returns the previous catalog if nothing has changed, otherwise a new one. */
    private Catalog show(LiveChain chain, long shown) {
        TailScan tail = chain.tail();
        List<Segment> segments = chain.segments();
        long first = Math.max(tail.trimPoint() + 1, segments.get(0).baseId());
        long last = Math.max(shown, first - 1);
        Catalog before = catalog;
        if (before != null && segments == shownSegments && before.firstId() == first && before.lastId() == last) {
            return before;
        }
        boolean pinned = tail.segment().header().pinned()
                && tail.lastId() < tail.segment().baseId();
        long end = Math.max(tail.position(), tail.endOffset());
        TruncationHistory history = before == null ? TruncationHistory.NONE : history(before, segments, last);
        Catalog next = new Catalog(segments, first, last, end, pinned, history);
        catalog = next;
        shownSegments = segments;
        replaced = false;
        return next;
    }

    /**
     * Returns the truncation history, extended by the published records that may be gone. A record is safe if its
     * segment still exists and the record is below the base id of the next segment. A segment that was replaced by a
     * copy counts as truncated, because nothing distinguishes the two. If a copy replaced the log, all records do.
     */
    private TruncationHistory history(Catalog before, List<Segment> now, long last) {
        Set<Long> epochs = new HashSet<>();
        if (now != shownSegments) {
            before.segments().forEach(segment -> epochs.add(segment.header().epoch()));
        }
        long kept = now == shownSegments ? last : -1;
        int i = 0;
        while (!replaced
                && i < now.size()
                && epochs.contains(now.get(i).header().epoch())) {
            i++;
            kept = i < now.size() ? now.get(i).baseId() - 1 : last;
        }
        return kept < before.lastId() ? before.history().and(kept) : before.history();
    }
}
