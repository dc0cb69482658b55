package dev.holdfast.bookkeeper;

import dev.holdfast.bookkeeper.Ledgers.Label;
import dev.holdfast.bookkeeper.Metadata.Versioned;
import dev.holdfast.wal.DiskFullException;
import dev.holdfast.wal.LogFencedException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.LongSupplier;

/**
 * The owner's copy of the state of a log, with the methods that change the stored state. Used by one thread.
 *
 * <p>If the connection is lost during a compare-and-set, the outcome is unknown. Repeating it is safe, because every
 * attempt makes the same change to the same version, so at most one attempt can succeed. To find out whether an earlier
 * attempt succeeded, the owner reads the state. Each state contains the random number of the owner that wrote it and a
 * count of changes, by which the owner recognises its own change. If the state is another one, another owner has
 * written it and owns the log now.
 */
final class Manifest {
    private static final int LEDGERS_LOOKED_FOR = 64;

    /** Size limit of a state: half of the size that ZooKeeper accepts by default. */
    private static final int MAX_STATE_BYTES = 512 << 10;

    private static final Duration ONE_TRY = Duration.ofSeconds(3);

    /**
     * Time for which a confirmation of ownership counts. If the metadata store has not confirmed for longer that this
     * process still owns the log, the owner asks again before it acknowledges an append.
     */
    static final Duration CONFIRMED_FOR = Duration.ofMinutes(10);

    private final Metadata metadata;
    private final String logName;
    private final LongSupplier nanoClock;
    private LogState state;
    private long version;

    /**
     * Time of the last confirmation that this process owns the log: the time at which the confirmed request was sent.
     */
    private long confirmedNanos;

    private Manifest(
            Metadata metadata, String logName, LongSupplier nanoClock, LogState state, long version, long begunNanos) {
        this.metadata = metadata;
        this.logName = logName;
        this.nanoClock = nanoClock;
        this.state = state;
        this.version = version;
        this.confirmedNanos = begunNanos;
    }

    /** Reason for taking a log over. */
    private enum Purpose {
        WRITE,
        DELETE
    }

    /**
     * Takes a log over, or creates it if it does not exist. From then on, the metadata store refuses every change of
     * the log's state by an earlier owner.
     *
     * @param nanoClock clock that counts as {@link System#nanoTime} does
     * @throws UnusableClusterException if the log's ledgers are not in this cluster; nothing was changed
     */
    static Manifest takeOver(
            Metadata metadata,
            Ledgers ledgers,
            String logName,
            Random random,
            LongSupplier nanoClock,
            Deadline deadline)
            throws IOException {
        return takeOver(metadata, ledgers, logName, random, nanoClock, deadline, Purpose.WRITE)
                .orElseThrow();
    }

    /**
     * Takes a log over in order to delete it. An earlier, unfinished deletion may already have removed a part of the
     * log. Returns empty if there is no such log.
     */
    static Optional<Manifest> takeOverToDelete(
            Metadata metadata, Ledgers ledgers, String logName, Random random, Deadline deadline) throws IOException {
        return takeOver(metadata, ledgers, logName, random, System::nanoTime, deadline, Purpose.DELETE);
    }

    private static Optional<Manifest> takeOver(
            Metadata metadata,
            Ledgers ledgers,
            String logName,
            Random random,
            LongSupplier nanoClock,
            Deadline deadline,
            Purpose purpose)
            throws IOException {
        long begunNanos = nanoClock.getAsLong();
        long writer = random.nextLong();
        LogIdentity ifNone = new LogIdentity(random.nextLong(), ledgers.clusterId());
        IOException last = new IOException("no attempt was made");
        for (int tries = 0; !deadline.isOver(); tries++) {
            try {
                Deadline oneTry = deadline.within(ONE_TRY);
                Optional<Versioned> found = read(metadata, logName, oneTry);
                if (found.isPresent()) {
                    LogState old = StateCodec.decode(found.get().state(), metadata.where(logName));
                    if (old.writer() == writer) {
                        return Optional.of(
                                new Manifest( // an earlier attempt succeeded, but its answer was lost
                                        metadata,
                                        logName,
                                        nanoClock,
                                        old,
                                        found.get().version(),
                                        begunNanos));
                    }
                    if (purpose == Purpose.WRITE) {
                        checkNotDeleting(old, metadata.where(logName));
                    }
                    checkServed(old, metadata, ledgers, logName, deadline);
                    LogState next = old.ownedBy(writer, ifNone);
                    OptionalLong version = deadline.within(ONE_TRY)
                            .await(
                                    metadata.compareAndSet(
                                            logName,
                                            StateCodec.encode(next),
                                            found.get().version()),
                                    "taking over " + logName);
                    if (version.isPresent()) {
                        return Optional.of(
                                new Manifest(metadata, logName, nanoClock, next, version.getAsLong(), begunNanos));
                    }
                } else if (purpose == Purpose.DELETE) {
                    return Optional.empty();
                } else {
                    LogState next = LogState.created(writer, ifNone);
                    OptionalLong version =
                            oneTry.await(metadata.create(logName, StateCodec.encode(next)), "creating " + logName);
                    if (version.isPresent()) {
                        return Optional.of(
                                new Manifest(metadata, logName, nanoClock, next, version.getAsLong(), begunNanos));
                    }
                }
            } catch (MetadataException | LedgerException | LogTimeoutException e) {
                last = e;
            }
            deadline.pause(tries);
        }
        throw new LogTimeoutException(
                metadata.where(logName) + ": the log could not be taken over before the timeout: " + last.getMessage()
                        + ". Check that the metadata store answers. Nothing was changed, except possibly the owner and the"
                        + " epoch of the log.",
                last);
    }

    static void checkNotDeleting(LogState state, String where) throws NoSuchFileException {
        if (state.deleting()) {
            throw new NoSuchFileException(
                    where,
                    null,
                    "a deletion of this log has begun. BookKeeperLog.delete finishes the deletion; afterwards a new log"
                            + " of this name can be created");
        }
    }

    /**
     * Checks that the log's ledgers are in this cluster. If the state has format version 1, it does not contain the id
     * of the cluster. Then at least one of the newest ledgers must exist in this cluster and have the label of this
     * log.
     */
    private static void checkServed(
            LogState state, Metadata metadata, Ledgers ledgers, String logName, Deadline deadline) throws IOException {
        String where = metadata.where(logName);
        if (state.identity().isPresent()) {
            state.identity().get().checkIn(ledgers.clusterId(), where);
            return;
        }
        int from = Math.max(0, state.segments().size() - LEDGERS_LOOKED_FOR);
        List<Segment> newest = state.segments().subList(from, state.segments().size());
        for (int i = newest.size() - 1; i >= 0; i--) {
            long ledgerId = newest.get(i).ledgerId();
            Optional<Label> label =
                    deadline.within(ONE_TRY).await(ledgers.label(ledgerId), "reading the label of ledger " + ledgerId);
            if (label.isPresent() && label.get().logId().equals(metadata.id(logName))) {
                return;
            }
        }
        if (!newest.isEmpty()) {
            throw new UnusableClusterException(
                    where + ": none of the newest " + newest.size()
                            + " ledgers of this log is in the BookKeeper cluster"
                            + " with instance id " + ledgers.clusterId() + "; the last one is ledger "
                            + newest.get(newest.size() - 1).ledgerId()
                            + ". Correct the path of the URI. Nothing was changed.",
                    null);
        }
    }

    private static Optional<Versioned> read(Metadata metadata, String logName, Deadline deadline) throws IOException {
        return deadline.await(metadata.read(logName), "reading " + metadata.where(logName));
    }

    /** Returns the log's identifier for the labels of its ledgers: see {@link Label#logId}. */
    String logId() {
        return metadata.id(logName);
    }

    LogState state() {
        return state;
    }

    /**
     * Replaces the stored state by the next one.
     *
     * @param next the new state, which the caller has derived from {@link #state}
     * @throws LogFencedException if another owner has the log
     * @throws DiskFullException if there are too many segments; nothing was changed
     * @throws IOException if the deadline expired; the outcome is unknown
     */
    void change(LogState next, Deadline deadline) throws IOException {
        if (next.change() <= state.change()) {
            throw new AssertionError("change " + next.change() + " cannot follow change " + state.change());
        }
        String text = StateCodec.encode(next);
        if (text.length() > MAX_STATE_BYTES
                && next.segments().size() > state.segments().size()) {
            throw new DiskFullException(
                    metadata.where(logName) + ": the state of the log would have "
                            + next.segments().size()
                            + " segments and exceed the limit of " + MAX_STATE_BYTES
                            + " bytes. Trim the log, or open it with larger segments.",
                    null);
        }
        for (int tries = 0; ; tries++) {
            long askedNanos = nanoClock.getAsLong();
            IOException unknown;
            try {
                Deadline oneTry = deadline.within(ONE_TRY);
                OptionalLong won = oneTry.await(
                        metadata.compareAndSet(logName, text, version), "changing the state of " + logName);
                if (won.isPresent()) {
                    version = won.getAsLong();
                    state = next;
                    confirmedNanos = askedNanos;
                    return;
                }
                Optional<Versioned> found = read(metadata, logName, oneTry);
                if (found.isPresent() && found.get().state().equals(text)) {
                    version = found.get().version(); // an earlier attempt succeeded
                    state = next;
                    confirmedNanos = askedNanos;
                    return;
                }
                throw fenced(found);
            } catch (MetadataException | LogTimeoutException e) {
                unknown = e;
            }
            deadline.pause(tries);
            if (deadline.isOver()) {
                throw new LogTimeoutException(
                        metadata.where(logName) + ": it is unknown whether the state was changed: "
                                + unknown.getMessage(),
                        unknown);
            }
        }
    }

    /**
     * Confirms the ownership as {@link #confirm} does, but sends no request if it was confirmed within the last
     * {@link #CONFIRMED_FOR}.
     */
    void confirmIfLongAgo(Deadline deadline) throws IOException {
        if (nanoClock.getAsLong() - confirmedNanos > CONFIRMED_FOR.toNanos()) {
            confirm(deadline);
        }
    }

    /**
     * Asks the metadata store to confirm that this process still owns the log.
     *
     * @throws LogFencedException if another owner has the log
     */
    void confirm(Deadline deadline) throws IOException {
        for (int tries = 0; ; tries++) {
            long askedNanos = nanoClock.getAsLong();
            IOException unknown;
            try {
                Optional<Versioned> found = read(metadata, logName, deadline.within(ONE_TRY));
                if (found.isEmpty() || found.get().version() != version) {
                    throw fenced(found);
                }
                confirmedNanos = askedNanos;
                return;
            } catch (MetadataException | LogTimeoutException e) {
                unknown = e;
            }
            deadline.pause(tries);
            if (deadline.isOver()) {
                throw new LogTimeoutException(
                        metadata.where(logName)
                                + ": the ownership of the log could not be confirmed before the timeout: "
                                + unknown.getMessage(),
                        unknown);
            }
        }
    }

    /**
     * Removes the log's node from the metadata store.
     *
     * @throws LogFencedException if another owner has the log
     */
    void delete(Deadline deadline) throws IOException {
        for (int tries = 0; ; tries++) {
            IOException unknown;
            try {
                Deadline oneTry = deadline.within(ONE_TRY);
                if (oneTry.await(metadata.delete(logName, state.writer(), version), "deleting " + logName)) {
                    return;
                }
                throw fenced(read(metadata, logName, oneTry));
            } catch (MetadataException | LogTimeoutException e) {
                unknown = e;
            }
            deadline.pause(tries);
            if (deadline.isOver()) {
                throw new LogTimeoutException(
                        metadata.where(logName) + ": it is unknown whether the node was removed: "
                                + unknown.getMessage(),
                        unknown);
            }
        }
    }

    private LogFencedException fenced(Optional<Versioned> found) {
        String by;
        try {
            by = found.isEmpty()
                    ? "its node was removed"
                    : "it was opened with epoch "
                            + StateCodec.decode(found.get().state(), logName).epoch();
        } catch (IOException e) {
            by = "its node was changed";
        }
        return new LogFencedException(
                metadata.where(logName) + ": this handle opened the log with epoch " + state.epoch()
                        + ", and since then "
                        + by
                        + ". This handle no longer owns the log. The records that it acknowledged are not lost. Open"
                        + " the log again to take it back.",
                null);
    }
}
