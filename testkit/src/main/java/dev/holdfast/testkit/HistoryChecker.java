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
 * Judges what a log holds by what its clients were told: which records were lost, doubled, reordered, altered, invented
 * or have come back. Clients tell it of each call before they make it and of the answer after they have it:
 *
 * <pre>{@code
 * HistoryChecker.Append append = checker.appending(List.of(data));
 * append.acknowledged(log.append(data));        // or append.refused(), or nothing where nobody knows
 * }</pre>
 *
 * <p>From the two moments of each call follows what was over before what began, and nothing else is assumed of calls at
 * the same time. So the answers of any number of threads may come in any order. A log is right if and only if
 *
 * <ol>
 *   <li>its ids are consecutive;
 *   <li>each record was appended, by a call that was not refused, and is there once, at the id that was told;
 *   <li>each record that was acknowledged, or shown to a reader, is there, unless a removal that was not over before
 *       may have taken it;
 *   <li>no record is there that a removal has taken for certain: one that was done, and begun when the record was
 *       durable;
 *   <li>no record stands before one that was durable before it was appended;
 *   <li>of a batch all records are there or none, except for those that a removal may have taken.
 * </ol>
 *
 * <p>{@link #check} is called when no client is at work, after a crash or at the end. What it finds is settled by that:
 * calls without an answer have happened or not, and what is there now has to stay. All payloads must differ, which is
 * what makes the verdict exact. Thread-safe; it keeps a digest of each record.
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

    /** A log of which nothing has been asked yet. */
    public HistoryChecker() {}

    /** One record that someone has asked the log to append. */
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

        /** The log says that the batch is durable, and its first record has this id. */
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

        /** The log says that it has not written anything, and never will. */
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

        /** The log says that they are gone for good. */
        public void acknowledged() {
            synchronized (HistoryChecker.this) {
                done = now++;
            }
        }

        /** The log says that it has not removed anything, and never will. */
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
     * A client is about to append these records as one batch.
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
                        "record " + i + " of the batch was appended before: no two may be equal");
            }
        }
        appends.add(append);
        return append;
    }

    /** A client is about to remove every record with a greater id. */
    public synchronized Removal truncating(long lastToKeep) {
        return removing(lastToKeep + 1, Long.MAX_VALUE);
    }

    /** A client is about to remove every record up to an id. */
    public synchronized Removal trimming(long discardUpTo) {
        return removing(0, discardUpTo);
    }

    /** A client is about to remove all records. */
    public synchronized Removal resetting() {
        return removing(0, Long.MAX_VALUE);
    }

    private Removal removing(long fromId, long toId) {
        Removal removal = new Removal(fromId, toId);
        removals.add(removal);
        return removal;
    }

    /** A client is about to read; what it is shown belongs to this reading. */
    public synchronized Reading reading() {
        return new Reading();
    }

    /** One look at the log. */
    public final class Reading {
        private final long begun = now++;

        private Reading() {}

        /** The log has shown this record, which makes it durable. */
        public void shown(LogRecord record) {
            synchronized (HistoryChecker.this) {
                showWithin(this, record.id(), digest(record.data()));
            }
        }
    }

    private void showWithin(Reading reading, long id, ByteBuffer digest) {
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

    /** Judges what a cursor over the whole log shows; see {@link #check(List)}. */
    public List<HistoryFault> check(Log log) throws IOException {
        return check(LogAssertions.shownFrom(log, 0));
    }

    /**
     * Judges what the log holds now, while no client is at work, and takes that for the beginning of what follows.
     *
     * @param found all records, oldest first
     * @return what is wrong with it, and with what readers were shown since the last check; empty if nothing is
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
            add(Kind.DOUBLED, id, "record " + place + " is there again as record " + id);
        } else if (payload.append().refused) {
            faults.add(refused(id));
        } else if (payload.append().isDurable() && payload.append().firstId + payload.index() != id) {
            faults.add(moved(payload, id));
        } else if (isRemoved(payload.append(), id, now)) {
            faults.add(resurrected(id));
        }
    }

    /** Goes from the last record to the first, with the earliest moment at which one behind was durable. */
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
                add(Kind.REORDERED, id, "record " + id + " stands before one that was durable before it was appended");
            }
            earliest = Math.min(earliest, payload.append().durable);
        }
    }

    private void judgeBatch(Append append, Map<ByteBuffer, Long> places) {
        long firstId = append.isDurable() ? append.firstId : firstIdIn(append, places);
        if (firstId == UNKNOWN || append.refused) {
            return; // nobody was told of it, and nothing of it is there
        }
        for (int i = 0; i < append.digests.size(); i++) {
            long id = firstId + i;
            Long place = places.get(append.digests.get(i));
            if (place != null && place != id && isBlameless(place)) {
                add(Kind.REORDERED, place, "record " + place + " is not at its place in its batch, as record " + id);
            } else if (place == null && !mayBeRemoved(append, id) && isBlameless(id)) {
                add(
                        append.isDurable() ? Kind.LOST : Kind.HALVED,
                        id,
                        append.isDurable()
                                ? "record " + id + " was durable and is not there"
                                : "record " + id + " is missing, of a batch of which other records are there");
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

    /** From now on what is there has to stay, and what is not has to stay away. */
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

    /** A removal that was over by then, and begun when the record was durable, has taken it for certain. */
    private boolean isRemoved(Append append, long id, long by) {
        return removals.stream()
                .anyMatch(removal -> removal.done < by && removal.begun > append.durable && removal.covers(id));
    }

    /** So may any that was not over before the record was appended. */
    private boolean mayBeRemoved(Append append, long id) {
        return removals.stream()
                .anyMatch(removal -> !removal.refused && removal.done > append.begun && removal.covers(id));
    }

    /** Whether nothing has been said of a record yet: one fault is not told twice. */
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
                ? new HistoryFault(Kind.ALTERED, id, "record " + id + " has other bytes than were appended")
                : new HistoryFault(Kind.INVENTED, id, "record " + id + " was appended by nobody");
    }

    private static HistoryFault refused(long id) {
        return new HistoryFault(Kind.INVENTED, id, "record " + id + " is of an append that was refused");
    }

    private static HistoryFault resurrected(long id) {
        return new HistoryFault(Kind.RESURRECTED, id, "record " + id + " is there again although it was gone");
    }

    private static HistoryFault moved(Payload payload, long id) {
        long told = payload.append().firstId + payload.index();
        return new HistoryFault(Kind.REORDERED, id, "record " + told + " is found as record " + id);
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
