package dev.holdfast.wal.recovery;

import static java.util.stream.Collectors.toSet;

import dev.holdfast.wal.RecordsRemovedException;
import dev.holdfast.wal.catalog.Catalog;
import dev.holdfast.wal.chain.SegmentHeaders;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.format.SegmentName;
import dev.holdfast.wal.ids.TruncationHistory;
import dev.holdfast.wal.recovery.OpenReport.Changes;
import dev.holdfast.wal.recovery.OpenReport.Ending;
import dev.holdfast.wal.segment.Segment;
import dev.holdfast.wal.segment.TailScan;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.StoredFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.NoSuchFileException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
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
    private static final Listing NOTHING = new Listing(Optional.empty(), List.of());

    private final Storage storage;
    private Listing listing = NOTHING;

    /** Name and identity of the tail's file when the chain was opened. */
    private String tailName = "";

    private Optional<Object> tailIdentity = Optional.empty();
    private @Nullable LiveChain live;

    /** The chain opened last, perhaps closed, whose checks are not repeated; null if everything must be read again. */
    private @Nullable LiveChain checked;

    private @Nullable Catalog catalog;

    /** The segments of the catalog; empty if a copy of the log has replaced them. */
    private List<Segment> shown = List.of();

    private Optional<String> writer = Optional.empty();
    private boolean thorough = true;
    private ByteBuffer hint = ByteBuffer.allocate(0); // as read at the beginning of the last look

    /** The files for which the live chain was opened or found unchanged. */
    private record Listing(Optional<Object> stamp, List<StoredFile> files) {
        Set<String> segmentNames() {
            Stream<String> names = files.stream().map(StoredFile::name);
            return names.filter(name -> SegmentName.parse(name).isPresent()).collect(toSet());
        }
    }

    /** The records that a read-only log may publish, and how they were found. */
    public record Observation(Catalog catalog, OpenReport report) {}

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
            Listing now = list();
            try {
                Observation seen = observe(now);
                thorough = false;
                return seen;
            } catch (IOException e) {
                close();
                listing = NOTHING;
                thorough = true;
                if (attempt == ATTEMPTS || now.segmentNames().equals(list().segmentNames())) {
                    checked = null;
                    if (attempt > 1) throw e;
                }
            }
        }
    }

    /** Returns whether the writer publishes hints, and has published no other hint since the last look. Cheap. */
    public boolean isUpToDate() {
        return hint.hasRemaining() && hint.equals(storage.hint());
    }

    private Listing list() throws IOException {
        Optional<Object> stamp = storage.namesStamp();
        boolean same = stamp.isPresent() && stamp.equals(listing.stamp());
        return same ? listing : new Listing(stamp, storage.list());
    }

    private Observation observe(Listing now) throws IOException {
        // A writer that has published another hint still runs.
        boolean runs = writer.isPresent() && hint.hasRemaining() && !isUpToDate();
        Optional<String> holder = runs ? writer : storage.holder();
        hint = (holder.isPresent() ? storage.hint() : ByteBuffer.allocate(0)).order(ByteOrder.LITTLE_ENDIAN);
        LiveChain chain = chain(now);
        TailScan tail = chain.tail;
        // The hint was read before the tail: if the scan has seen a refused group, that group was erased before its ids
        // could be declared durable.
        tail.hint(hint);
        boolean closed = tail.isClosed();
        boolean all = !closed && (thorough || holder.isPresent() != writer.isPresent());
        boolean complete = runs && tail.lastId() >= tail.hintedId();
        TailScan.Behind behind = all ? tail.behind() : closed || complete ? TailScan.Behind.NOTHING : tail.nearBehind();
        holder = holder.isPresent() ? holder : storage.holder();
        writer = holder;
        boolean written = holder.isPresent();
        // Checked after the writer was found dead, because a running writer may erase a group that it refused.
        if (!tail.isUnchanged()) { // seam: observed-header
            throw new NoSuchFileException(tail.segment().fileName(), null, "its headers have changed");
        }
        if (behind.durableId() > tail.lastId() || behind.trimPoint() > tail.trimPoint()) { // seam: observed-proof
            tail.proceed(); // seam: observed-again
            Optional<String> beside = holder.map(who -> "and its writer, " + who + ", may not have noticed.");
            Verdict.check(tail, behind, beside.orElse("so the log was not opened."));
        }
        List<Segment> segments = chain.link();
        Ending ending = closed ? Ending.CLOSED : written ? Ending.OPEN : Ending.UNCLOSED;
        long durable = Math.max(tail.durableId(), tail.hintedId()); // seam: observed-end
        long limit = ending == Ending.OPEN ? durable : Long.MAX_VALUE;
        Catalog visible = show(tail, segments, Math.min(tail.lastId(), limit));
        boolean proven = closed || written || tail.durableId() >= tail.lastId();
        OptionalLong unprovenFrom =
                proven ? OptionalLong.empty() : OptionalLong.of(tail.durableId() + 1); // seam: observed-unproven
        long tornBytes = written ? 0 : behind.tornBytes();
        return new Observation(visible, new OpenReport(ending, unprovenFrom, tornBytes, Changes.NONE));
    }

    /** Returns the live chain, scanned to the current end of the tail. Opens a new chain if the segments changed. */
    private LiveChain chain(Listing now) throws IOException {
        LiveChain chain = live;
        boolean changed = now.files() != listing.files();
        boolean otherTail = changed && isTailReplaced();
        if (otherTail) {
            checked = null;
            shown = List.of();
            thorough = true;
        }
        if (chain == null || otherTail || (changed && !now.segmentNames().equals(listing.segmentNames()))) {
            close();
            chain = open(now.files());
        }
        chain.tail.proceed();
        checked = chain;
        listing = now;
        return chain;
    }

    /** Returns whether another file has taken the tail's name, because a copy of the log has replaced the log. */
    private boolean isTailReplaced() throws IOException {
        if (tailIdentity.isEmpty()) return false;
        Optional<Object> now = storage.identity(tailName);
        return now.isPresent() && !now.equals(tailIdentity);
    }

    private LiveChain open(List<StoredFile> files) throws IOException {
        SegmentHeaders headers =
                SegmentHeaders.of(storage, files, checked == null ? Map.of() : checked.headers.byEpoch());
        if (headers.isEmpty()) throw new NoSuchFileException(storage.name(), null, "the directory holds no log");
        headers.addSuccessors(storage);
        SegmentHeader newest = headers.newest();
        Catalog before = catalog;
        if (before != null) {
            SegmentHeader old = before.tail().header();
            if (!newest.logId().equals(old.logId())) throw replacedBy(newest, before); // seam: observed-log
            if (newest.epoch() < old.epoch()) shown = List.of();
        }
        // Read before the file is opened: if the file is replaced in between, the next look detects it.
        tailName = newest.name().fileName();
        tailIdentity = storage.identity(tailName);
        live = new LiveChain(storage, headers, checked);
        live.tail.besideWriter();
        return live;
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

    @Override
    public void close() throws IOException {
        LiveChain old = live;
        live = null;
        if (old != null) old.close();
    }

    /** Returns the previous catalog if nothing has changed, otherwise a new one. */
    private Catalog show(TailScan tail, List<Segment> segments, long visible) {
        long first = Math.max(tail.trimPoint() + 1, segments.get(0).baseId());
        long last = Math.max(visible, first - 1);
        Catalog before = catalog;
        if (before != null && segments == shown && before.firstId() == first && before.lastId() == last) return before;
        TruncationHistory history = before == null ? TruncationHistory.NONE : history(before, segments, last);
        Catalog next = new Catalog(segments, first, last, tail.tornOffset(), history);
        catalog = next;
        shown = segments;
        return next;
    }

    /**
     * Returns the truncation history, extended by the published records that may be gone. A record is safe if its
     * segment still exists and the record is below the base id of the next segment. A segment that was replaced by a
     * copy counts as truncated, because nothing distinguishes the two. If a copy replaced the log, all records do.
     */
    private TruncationHistory history(Catalog before, List<Segment> now, long last) {
        Set<Long> epochs = new HashSet<>();
        if (now != shown) shown.forEach(segment -> epochs.add(segment.header().epoch()));
        long kept = now == shown ? last : -1;
        for (int i = 0; i < now.size() && epochs.contains(now.get(i).header().epoch()); i++) {
            kept = i + 1 < now.size() ? now.get(i + 1).baseId() - 1 : last;
        }
        return kept < before.lastId() ? before.history().and(kept) : before.history();
    }
}
