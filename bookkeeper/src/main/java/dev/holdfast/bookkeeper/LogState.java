package dev.holdfast.bookkeeper;

import dev.holdfast.wal.ids.IdSpan;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;

/**
 * The complete state of one log in the metadata store. Every change of a log, except an append, is one compare-and-set
 * from one state to the next. The methods that build the next state are pure.
 *
 * <p>Segments follow each other without a gap, and all but the last are sealed. The last segment may turn out to be
 * empty, for example because its writer died before the first append. Such a segment is removed from the state again,
 * and leaves no trace: if the log then has no record at all, {@code nextId} and {@code pinned} still define how the log
 * continues.
 *
 * @param identity identity of the log; empty if no version of this library that supports identities has opened the log
 *     for writing yet
 * @param epoch number of times the log was opened for writing; the last opener owns the log
 * @param writer random number by which the owner recognises its own changes
 * @param change number of changes so far
 * @param truncations number of removals of newest records so far
 * @param firstId id of the oldest record that was not trimmed
 * @param nextId id that comes next if the log, or its open segment, holds no record
 * @param pinned whether the next record must have the id {@code nextId}, for example after a reset; if false, an empty
 *     log may continue at any id
 * @param deleting whether a deletion of the log has begun; some ledgers may be gone, and the log can only be deleted
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
            throw new IllegalArgumentException("a log from " + firstId + " in " + segments + " cannot continue at "
                    + nextId + (pinned ? ", pinned" : ""));
        }
    }

    private static void checkKeys(List<Segment> segments, OptionalLong key) {
        for (Segment segment : segments) {
            if (segment.logKey().isPresent() && !segment.logKey().equals(key)) {
                throw new IllegalArgumentException(segment + " belongs to another log than the one with key " + key);
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

    /** Returns the state of a new log, owned by its first writer. */
    static LogState created(long writer, LogIdentity identity) {
        IdSpan ids = new IdSpan();
        return new LogState(
                Optional.of(identity), 1, writer, 0, 0, ids.next(), ids.next(), ids.pinned(), false, List.of());
    }

    /**
     * Returns this state with a new owner and the next epoch.
     *
     * @param ifNone the identity that a log without an identity receives; it contains the id of the caller's cluster
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

    /** Returns this state, marked as being deleted. The mark is stored before the first ledger is deleted. */
    LogState beingDeleted() {
        return new LogState(identity, epoch, writer, change + 1, truncations, firstId, nextId, pinned, true, segments);
    }

    /** Returns the log key that new entries carry. */
    OptionalLong key() {
        return keyOf(identity);
    }

    private static OptionalLong keyOf(Optional<LogIdentity> identity) {
        return identity.isPresent() ? OptionalLong.of(identity.get().key()) : OptionalLong.empty();
    }

    /**
     * Returns whether the last segment is open, so that its end is not known. An owner is writing it, or has died
     * without sealing it.
     */
    boolean isOpen() {
        return !segments.isEmpty() && last().isOpen();
    }

    /** Returns the last segment, which must exist. */
    Segment last() {
        return segments.get(segments.size() - 1);
    }

    /** Returns the ids that the log holds. The caller must have sealed the last segment. */
    IdSpan ids() {
        if (segments.isEmpty()) {
            IdSpan none = new IdSpan(nextId, nextId);
            if (pinned) {
                none.pin();
            }
            return none;
        }
        return new IdSpan(firstId, last().lastId().orElseThrow() + 1);
    }

    /**
     * Returns this state with another segment, which is open, for a ledger that is about to be written. If the log is
     * empty and its next id is not pinned (fixed), the segment may begin at any id.
     *
     * @param elsewhere whether the segment begins at another id than {@code nextId}
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
     * Returns this state with the open segment sealed after {@code records} records by its own writer. If the segment
     * has no record, or all of its records are trimmed, the segment is left out.
     */
    LogState sealed(long records, long bytes) {
        return ended(records, open -> open.sealed(open.firstId() + records - 1, bytes));
    }

    /**
     * Returns this state with the open segment of an earlier owner sealed as {@link #sealed} does, and marked as
     * recovered. The earlier owner may not know yet that it was replaced.
     */
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
     * Returns whether a record is in the log, and this ledger contains it. If the ledger is still being written,
     * returns true for every id from the ledger's first id on, because the state does not contain the end of the
     * ledger.
     */
    boolean hasIn(long ledgerId, long id) {
        return id >= firstId
                && segments.stream()
                        .anyMatch(segment -> segment.ledgerId() == ledgerId
                                && segment.firstId() <= id
                                && id <= segment.lastId().orElse(Long.MAX_VALUE));
    }

    /**
     * Returns this state without the records above {@code lastToKeep}. The log must have at least one record above that
     * id, and no segment may be open.
     */
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

    /**
     * Returns this state without the records below {@code newFirstId}. This id must be the id of a record of the log,
     * or the log's next id.
     */
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

    /** Returns this state without any record; the next record must have the id {@code newNextId}. */
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
