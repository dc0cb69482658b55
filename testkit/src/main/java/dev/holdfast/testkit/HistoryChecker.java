package dev.holdfast.testkit;

import dev.holdfast.testkit.HistoryFault.Kind;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Compares the contents of a log with the answers that its clients received. Reports records that were lost,
 * duplicated, reordered, altered, invented or resurrected. Clients report each call before they make it, and the answer
 * after they receive it:
 *
 * <pre>{@code
 * HistoryChecker.Append append = checker.appending(List.of(data));
 * append.acknowledged(log.append(data));        // or append.refused(), or nothing if the outcome is unknown
 * }</pre>
 *
 * <p>The two moments of each call show which calls ended before others began. Nothing is assumed about the order of
 * concurrent calls, so threads may report their answers in any order. A log is correct if and only if:
 *
 * <ol>
 *   <li>its ids are consecutive;
 *   <li>each record was appended by a call that was not refused, and is present once, at the acknowledged id;
 *   <li>each record that was acknowledged or returned to a reader is present, unless a removal may have taken it. A
 *       removal that ended before the record was appended cannot have taken it;
 *   <li>no record is present that a completed removal must have taken because the record was durable when the removal
 *       began;
 *   <li>no record precedes a record that was durable before it was appended;
 *   <li>the records of a batch are all present or all absent, except for records that a removal may have taken.
 * </ol>
 *
 * <p>Call {@link #check} when no client is active, after a crash or at the end. The result of a check is final: an
 * unanswered call either took effect or never will, and the records present must remain. All payloads must be distinct,
 * which makes the verdict exact. Thread-safe. The checker keeps a digest of each record in memory.
 */
public final class HistoryChecker {
    private static final long NEVER = Long.MAX_VALUE;

    private static final long UNKNOWN = Long.MIN_VALUE;

    private final Map<ByteBuffer, Payload> payloads = new HashMap<>();
    private final List<Append> appends = new ArrayList<>();
    private final List<Removal> removals = new ArrayList<>();
    private final Set<ByteBuffer> gone = new HashSet<>();
    private final List<HistoryFault> faults = new ArrayList<>();
    private long now;

    /** Creates a checker for a log that has not received any call yet. */
    public HistoryChecker() {}

    /** One record that a client has asked the log to append. */
    private record Payload(Append append, int index) {}

    /** One call that appends a batch. */
    public final class Append {
        private final List<ByteBuffer> digests;
        private final long begun = now++;
        private long durable = NEVER;
        private long firstId;
        private boolean refused;

        private Append(List<ByteBuffer> digests) {
            this.digests = digests;
        }

        /** Reports that the log acknowledged the batch as durable. {@code id} is the id of its first record. */
        public void acknowledged(long id) {
            synchronized (HistoryChecker.this) {
                if (isDurable() && firstId != id) {
                    add(Kind.REORDERED, id, "record " + firstId + " was acknowledged as record " + id);
                }
                durableAt(id);
            }
        }

        private void durableAt(long id) {
            if (!isDurable()) {
                firstId = id;
                durable = now++;
            }
        }

        private boolean isDurable() {
            return durable != NEVER;
        }

        private boolean holds(long id) {
            return firstId <= id && id < firstId + digests.size();
        }

        /** Reports that the log refused the batch: no record of the batch was or will be written. */
        public void refused() {
            synchronized (HistoryChecker.this) {
                refused = true;
            }
        }
    }

    /** One call that removes records. */
    public final class Removal {
        private final long fromId;
        private final long toId;
        private final long begun = now++;
        private long done = NEVER;
        private boolean refused;

        private Removal(long fromId, long toId) {
            this.fromId = fromId;
            this.toId = toId;
        }

        /** Reports that the log acknowledged the removal. */
        public void acknowledged() {
            synchronized (HistoryChecker.this) {
                done = now++;
            }
        }

        /** Reports that the log refused the removal: no record was or will be removed by it. */
        public void refused() {
            synchronized (HistoryChecker.this) {
                refused = true;
            }
        }

        private boolean covers(long id) {
            return fromId <= id && id <= toId;
        }
    }

    /**
     * Reports that a client is about to append these records as one batch.
     *
     * @throws IllegalArgumentException if a record with the same bytes was appended before
     */
    public synchronized Append appending(List<ByteBuffer> batch) {
        List<ByteBuffer> digests = batch.stream().map(HistoryChecker::digest).toList();
        Append append = new Append(digests);
        for (int i = 0; i < digests.size(); i++) {
            boolean before = gone.contains(digests.get(i))
                    || payloads.putIfAbsent(digests.get(i), new Payload(append, i)) != null;
            if (before) {
                throw new IllegalArgumentException(
                        "record " + i + " of the batch was appended before: all records must be distinct");
            }
        }
        appends.add(append);
        return append;
    }

    /** Reports that a client is about to remove every record with an id greater than {@code lastToKeep}. */
    public synchronized Removal truncating(long lastToKeep) {
        return removing(lastToKeep + 1, Long.MAX_VALUE);
    }

    /** Reports that a client is about to remove every record up to and including {@code discardUpTo}. */
    public synchronized Removal trimming(long discardUpTo) {
        return removing(0, discardUpTo);
    }

    /** Reports that a client is about to remove all records. */
    public synchronized Removal resetting() {
        return removing(0, Long.MAX_VALUE);
    }

    private Removal removing(long fromId, long toId) {
        Removal removal = new Removal(fromId, toId);
        removals.add(removal);
        return removal;
    }

    /**
     * Reports that a client is about to read. The client then passes every record that the log returns to
     * {@link Reading#returned}.
     */
    public synchronized Reading reading() {
        return new Reading();
    }

    /** One read or scan of the log. */
    public final class Reading {
        private final long begun = now++;

        private Reading() {}

        /** Reports that the log returned this record, which proves the record durable. */
        public void returned(LogRecord record) {
            synchronized (HistoryChecker.this) {
                judgeReturned(this, record.id(), digest(record.data()));
            }
        }
    }

    private void judgeReturned(Reading reading, long id, ByteBuffer digest) {
        Payload payload = payloads.get(digest);
        if (payload == null) {
            faults.add(unknown(id, digest));
            return;
        }
        Append append = payload.append();
        append.durableAt(id - payload.index());
        if (append.firstId + payload.index() != id) {
            faults.add(moved(payload, id));
        } else if (append.refused) {
            faults.add(refused(id));
        } else if (isRemoved(append, id, reading.begun)) {
            faults.add(resurrected(id));
        }
    }

    /** Checks the records that a cursor over the whole log returns; see {@link #check(List)}. */
    public List<HistoryFault> check(Log log) throws IOException {
        return check(LogAssertions.shownFrom(log, 0));
    }

    /**
     * Checks the current records of the log while no client is active. These records are the starting point for all
     * later checks.
     *
     * @param found all records, oldest first
     * @return faults in these records, and in records returned to readers since the last check; empty if there are none
     */
    public synchronized List<HistoryFault> check(List<LogRecord> found) {
        Map<ByteBuffer, Long> places = new LinkedHashMap<>();
        for (LogRecord record : found) {
            judge(record.id(), digest(record.data()), places);
        }
        judgeOrder(places);
        appends.forEach(append -> judgeBatch(append, places));
        judgeGaps(found);
        settle(places);
        List<HistoryFault> all = List.copyOf(faults);
        faults.clear();
        return all;
    }

    private void judge(long id, ByteBuffer digest, Map<ByteBuffer, Long> places) {
        Payload payload = payloads.get(digest);
        Long place = places.putIfAbsent(digest, id);
        if (payload == null) {
            faults.add(unknown(id, digest));
        } else if (place != null) {
            add(Kind.DOUBLED, id, "record " + place + " is present again as record " + id);
        } else if (payload.append().refused) {
            faults.add(refused(id));
        } else if (payload.append().isDurable() && payload.append().firstId + payload.index() != id) {
            faults.add(moved(payload, id));
        } else if (isRemoved(payload.append(), id, now)) {
            faults.add(resurrected(id));
        }
    }

    /**
     * Checks the order of the records. Scans from the last record to the first, and remembers the earliest moment at
     * which one of the scanned records was durable. A record whose append began after that moment is out of order.
     */
    private void judgeOrder(Map<ByteBuffer, Long> places) {
        List<ByteBuffer> digests = new ArrayList<>(places.keySet());
        long earliest = NEVER;
        for (int i = digests.size() - 1; i >= 0; i--) {
            Payload payload = payloads.get(digests.get(i));
            if (payload == null) {
                continue;
            }
            long id = places.getOrDefault(digests.get(i), -1L);
            if (payload.append().begun > earliest && isBlameless(id)) {
                add(Kind.REORDERED, id, "record " + id + " precedes a record that was durable before it was appended");
            }
            earliest = Math.min(earliest, payload.append().durable);
        }
    }

    private void judgeBatch(Append append, Map<ByteBuffer, Long> places) {
        long firstId = append.isDurable() ? append.firstId : firstIdIn(append, places);
        if (firstId == UNKNOWN || append.refused) {
            return; // the append was neither acknowledged nor found
        }
        for (int i = 0; i < append.digests.size(); i++) {
            long id = firstId + i;
            Long place = places.get(append.digests.get(i));
            if (place != null && place != id && isBlameless(place)) {
                add(Kind.REORDERED, place, "record " + place + " is out of order in its batch: expected id " + id);
            } else if (place == null && !mayBeRemoved(append, id) && isBlameless(id)) {
                add(
                        append.isDurable() ? Kind.LOST : Kind.HALVED,
                        id,
                        append.isDurable()
                                ? "record " + id + " was durable and is missing"
                                : "record " + id + " is missing, but other records of its batch are present");
            }
        }
    }

    private static long firstIdIn(Append append, Map<ByteBuffer, Long> places) {
        for (int i = 0; i < append.digests.size(); i++) {
            Long place = places.get(append.digests.get(i));
            if (place != null) {
                return place - i;
            }
        }
        return UNKNOWN;
    }

    private void judgeGaps(List<LogRecord> found) {
        for (int i = 1; i < found.size(); i++) {
            long due = found.get(i - 1).id() + 1;
            if (found.get(i).id() != due
                    && isBlameless(due)
                    && isBlameless(found.get(i).id())) {
                add(
                        Kind.LOST,
                        due,
                        "record " + due + " is missing before record "
                                + found.get(i).id());
            }
        }
    }

    /** Makes the current records the starting point: they must remain, and all other records must stay absent. */
    private void settle(Map<ByteBuffer, Long> places) {
        gone.addAll(payloads.keySet());
        payloads.clear();
        appends.clear();
        removals.clear();
        places.forEach((digest, id) -> {
            gone.remove(digest);
            Append append = new Append(List.of(digest));
            append.durableAt(id);
            appends.add(append);
            payloads.put(digest, new Payload(append, 0));
        });
    }

    /**
     * Returns whether a removal must have taken the record: the record was durable when the removal began, and the
     * removal ended before the moment {@code by}.
     */
    private boolean isRemoved(Append append, long id, long by) {
        return removals.stream()
                .anyMatch(removal -> removal.done < by && removal.begun > append.durable && removal.covers(id));
    }

    /**
     * Returns whether a removal may have taken the record. Returns false if every removal of this id was refused or
     * ended before the append of the record began.
     */
    private boolean mayBeRemoved(Append append, long id) {
        return removals.stream()
                .anyMatch(removal -> !removal.refused && removal.done > append.begun && removal.covers(id));
    }

    /** Returns whether no fault was reported for this record yet. Returns false to prevent a second report. */
    private boolean isBlameless(long id) {
        return faults.stream().noneMatch(fault -> fault.id() == id);
    }

    private void add(Kind kind, long id, String what) {
        faults.add(new HistoryFault(kind, id, what));
    }

    private HistoryFault unknown(long id, ByteBuffer digest) {
        if (gone.contains(digest)) {
            return resurrected(id);
        }
        boolean known = appends.stream().anyMatch(append -> append.isDurable() && append.holds(id));
        return known
                ? new HistoryFault(Kind.ALTERED, id, "record " + id + " has bytes other than those appended")
                : new HistoryFault(Kind.INVENTED, id, "record " + id + " was never appended");
    }

    private static HistoryFault refused(long id) {
        return new HistoryFault(Kind.INVENTED, id, "record " + id + " belongs to a refused append");
    }

    private static HistoryFault resurrected(long id) {
        return new HistoryFault(Kind.RESURRECTED, id, "record " + id + " is present again after it was removed");
    }

    private static HistoryFault moved(Payload payload, long id) {
        long acknowledged = payload.append().firstId + payload.index();
        return new HistoryFault(Kind.REORDERED, id, "record " + acknowledged + " is present as record " + id);
    }

    private static ByteBuffer digest(ByteBuffer data) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(data.duplicate());
            return ByteBuffer.wrap(sha.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }
}
