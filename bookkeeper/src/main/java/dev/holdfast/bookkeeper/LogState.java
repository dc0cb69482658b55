package dev.holdfast.bookkeeper;

import dev.holdfast.wal.ids.IdSpan;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;

/**
 * All that the metadata store knows of one log. Each change of a log but an append is one compare-and-set from such a
 * state to the next; the methods that make the next one are pure.
 *
 * <p>Segments follow each other without a gap, and all but the last are sealed. Where they turn out to hold no record,
 * as when the writer died before the first one, the log is empty and {@code nextId} and {@code pinned} say how it goes
 * on: so a segment that was announced and never written to has not happened.
 *
 * @param identity which log it is; empty if no version that knows of that has opened it for writing yet
 * @param epoch how often the log was opened for writing: who opened it last owns it
 * @param writer a random number of the owner, by which it knows its own changes
 * @param change rises with each change
 * @param truncations rises with each removal at the newer end
 * @param firstId the oldest record that was not trimmed
 * @param nextId what follows where there is no record
 * @param pinned whether nothing else may follow there, as after a reset
 * @param deleting whether somebody is deleting the log: some of its ledgers may be gone, and it can only be deleted
 */
record LogState(
        Optional<LogIdentity> identity,
        long epoch,
        long writer,
        long change,
        long truncations,
        long firstId,
        long nextId,
        boolean pinned,
        boolean deleting,
        List<Segment> segments) {

    LogState {
        segments = List.copyOf(segments);
        checkChain(segments, firstId);
        checkKeys(segments, keyOf(identity));
        long end = segments.isEmpty()
                ? firstId
                : segments.get(segments.size() - 1).lastId().orElse(nextId - 1) + 1;
        if (nextId != end || nextId < 0 || (pinned && isSealed(segments))) {
            throw new IllegalArgumentException("a log from " + firstId + " in " + segments + " cannot go on at "
                    + nextId + (pinned ? ", pinned" : ""));
        }
    }

    private static void checkKeys(List<Segment> segments, OptionalLong key) {
        for (Segment segment : segments) {
            if (segment.logKey().isPresent() && !segment.logKey().equals(key)) {
                throw new IllegalArgumentException(segment + " is of another log than " + key);
            }
        }
    }

    private static void checkChain(List<Segment> segments, long firstId) {
        for (int i = 0; i < segments.size(); i++) {
            boolean last = i == segments.size() - 1;
            Segment segment = segments.get(i);
            if (!last
                    && (segment.isOpen()
                            || segments.get(i + 1).firstId() != segment.lastId().getAsLong() + 1)) {
                throw new IllegalArgumentException(segment + " is followed by " + segments.get(i + 1));
            }
            if (i == 0
                    && (firstId < segment.firstId()
                            || (!segment.isOpen() && firstId > segment.lastId().getAsLong()))) {
                throw new IllegalArgumentException(
                        "a log whose first record is " + firstId + " begins with " + segment);
            }
        }
    }

    private static boolean isSealed(List<Segment> segments) {
        return !segments.isEmpty() && !segments.get(segments.size() - 1).isOpen();
    }

    /** A new log, which is its first writer's. */
    static LogState created(long writer, LogIdentity identity) {
        IdSpan ids = new IdSpan();
        return new LogState(
                Optional.of(identity), 1, writer, 0, 0, ids.next(), ids.next(), ids.pinned(), false, List.of());
    }

    /**
     * Takes the log over.
     *
     * @param ifNone the identity of a log that has none yet, and the cluster
     */
    LogState ownedBy(long newWriter, LogIdentity ifNone) {
        LogIdentity known = identity.orElse(ifNone).in(ifNone.clusterId());
        return new LogState(
                Optional.of(known),
                epoch + 1,
                newWriter,
                change + 1,
                truncations,
                firstId,
                nextId,
                pinned,
                deleting,
                segments);
    }

    /** Says that the log is being deleted, before its first ledger is. */
    LogState beingDeleted() {
        return new LogState(identity, epoch, writer, change + 1, truncations, firstId, nextId, pinned, true, segments);
    }

    /** What entries carry that are written from now on. */
    OptionalLong key() {
        return keyOf(identity);
    }

    private static OptionalLong keyOf(Optional<LogIdentity> identity) {
        return identity.isPresent() ? OptionalLong.of(identity.get().key()) : OptionalLong.empty();
    }

    /** Whether the last segment is still written, or was when its writer died. */
    boolean isOpen() {
        return !segments.isEmpty() && last().isOpen();
    }

    /** The last segment; there has to be one. */
    Segment last() {
        return segments.get(segments.size() - 1);
    }

    /** What the log holds, nothing being written. */
    IdSpan ids() {
        if (segments.isEmpty()) {
            return new IdSpan(nextId, nextId, pinned);
        }
        return new IdSpan(firstId, last().lastId().orElseThrow() + 1, false);
    }

    /**
     * Announces a ledger to write to. Where nothing stands before it may begin anywhere.
     *
     * @param elsewhere whether it begins at another id than the next one
     */
    LogState begun(long ledgerId, long fromId, boolean elsewhere) {
        List<Segment> more = new ArrayList<>(segments);
        more.add(Segment.open(ledgerId, fromId, key()));
        boolean empty = segments.isEmpty();
        return new LogState(
                identity,
                epoch,
                writer,
                change + 1,
                truncations + (elsewhere ? 1 : 0),
                empty ? fromId : firstId,
                empty ? nextId : fromId,
                empty && pinned,
                deleting,
                more);
    }

    /**
     * Says where the segment that its owner was writing ends, after {@code records} records; it goes if that is none,
     * or if all are trimmed.
     */
    LogState sealed(long records, long bytes) {
        return ended(records, open -> open.sealed(open.firstId() + records - 1, bytes));
    }

    /** As {@link #sealed}, of the segment that an earlier owner was writing, and may think it still is. */
    LogState recovered(long records, long bytes) {
        return ended(records, open -> open.recovered(open.firstId() + records - 1, bytes));
    }

    private LogState ended(long records, UnaryOperator<Segment> ending) {
        Segment open = last();
        List<Segment> all = new ArrayList<>(segments.subList(0, segments.size() - 1));
        if (records == 0) {
            return with(all, nextId, pinned, 0);
        }
        long end = open.firstId() + records;
        if (firstId < end) {
            all.add(ending.apply(open));
        }
        return with(all, end, false, 0);
    }

    /**
     * Whether a record is in the log, and in this ledger; of the ledger that is written nobody knows here how far it
     * goes.
     */
    boolean hasIn(long ledgerId, long id) {
        return id >= firstId
                && segments.stream()
                        .anyMatch(segment -> segment.ledgerId() == ledgerId
                                && segment.firstId() <= id
                                && id <= segment.lastId().orElse(Long.MAX_VALUE));
    }

    /** Removes the records with a greater id, at least one of which is there; nothing is being written. */
    LogState truncated(long lastToKeep) {
        IdSpan left = ids();
        left.truncate(lastToKeep);
        List<Segment> all = new ArrayList<>();
        for (Segment segment : left.isEmpty() ? List.<Segment>of() : segments) {
            if (segment.firstId() <= lastToKeep) {
                all.add(
                        segment.lastId().orElseThrow() <= lastToKeep
                                ? segment
                                : segment.sealed(lastToKeep, segment.bytes()));
            }
        }
        return with(all, left.next(), false, 1);
    }

    /** Removes the records before an id, which is that of a record or the next one. */
    LogState trimmed(long newFirstId) {
        List<Segment> all = new ArrayList<>();
        for (Segment segment : segments) {
            if (segment.isOpen() || segment.lastId().getAsLong() >= newFirstId) {
                all.add(segment);
            }
        }
        long first = all.isEmpty() ? nextId : newFirstId;
        return new LogState(identity, epoch, writer, change + 1, truncations, first, nextId, pinned, deleting, all);
    }

    /** Removes all records and fixes the next id. */
    LogState resetTo(long newNextId) {
        return new LogState(
                identity, epoch, writer, change + 1, truncations + 1, newNextId, newNextId, true, deleting, List.of());
    }

    private LogState with(List<Segment> all, long newNextId, boolean newPinned, int newTruncations) {
        return new LogState(
                identity,
                epoch,
                writer,
                change + 1,
                truncations + newTruncations,
                all.isEmpty() ? newNextId : firstId,
                newNextId,
                newPinned,
                deleting,
                all);
    }
}
