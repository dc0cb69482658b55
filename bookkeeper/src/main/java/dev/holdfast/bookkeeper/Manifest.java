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
 * The state of a log as its owner has it. One thread uses it.
 *
 * <p>A connection may be lost at the moment of a compare-and-set, and then nobody knows whether it has happened. Trying
 * again is safe: it is the same change of the same version, so that at most one of the two can happen, and each state
 * carries the writer's random number and counts its changes, so that the writer knows its own when it finds it. What is
 * found instead is somebody else's, who owns the log now.
 */
final class Manifest {
    private static final int LEDGERS_LOOKED_FOR = 64;

    /** Half of what ZooKeeper takes by default. */
    private static final int MAX_STATE_BYTES = 512 << 10;

    private static final Duration ONE_TRY = Duration.ofSeconds(3);

    /** For how long an owner may go on without hearing from the metadata store that it is one. */
    static final Duration CONFIRMED_FOR = Duration.ofMinutes(10);

    private final Metadata metadata;
    private final String logName;
    private final LongSupplier nanoClock;
    private LogState state;
    private long version;

    /** Before the last question was asked whose answer was that the log is ours. */
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

    /** What an owner is going to do. */
    private enum Purpose {
        WRITE,
        DELETE
    }

    /**
     * Takes a log over, or makes it: every change that an earlier owner has not made by now will be refused.
     *
     * @param nanoClock as {@link System#nanoTime}
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

    /** Takes a log over that is to be deleted, maybe half of it already; empty if there is none. */
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
        IOException last = new IOException("no try was made");
        for (int tries = 0; !deadline.isOver(); tries++) {
            try {
                Deadline oneTry = deadline.within(ONE_TRY);
                Optional<Versioned> found = read(metadata, logName, oneTry);
                if (found.isPresent()) {
                    LogState old = StateCodec.decode(found.get().state(), metadata.where(logName));
                    if (old.writer() == writer) {
                        return Optional.of(
                                new Manifest( // a try whose answer was lost
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
                            oneTry.await(metadata.create(logName, StateCodec.encode(next)), "making " + logName);
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
                metadata.where(logName) + ": the log could not be taken over in time: " + last.getMessage()
                        + ". Look whether the metadata store answers; nothing was changed but the number of the owner.",
                last);
    }

    static void checkNotDeleting(LogState state, String where) throws NoSuchFileException {
        if (state.deleting()) {
            throw new NoSuchFileException(
                    where,
                    null,
                    "somebody has begun to delete this log. BookKeeperLog.delete goes on with that, and after it a new log"
                            + " can be made");
        }
    }

    /**
     * Refuses a log whose ledgers are not here. The state of an older version does not say where they are: so one of
     * the newest must be here, and must say that it is of this log.
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
                            + ". Correct the path of the URI; nothing was changed.",
                    null);
        }
    }

    private static Optional<Versioned> read(Metadata metadata, String logName, Deadline deadline) throws IOException {
        return deadline.await(metadata.read(logName), "reading " + metadata.where(logName));
    }

    /** By which the log's ledgers are labelled. */
    String logId() {
        return metadata.id(logName);
    }

    LogState state() {
        return state;
    }

    /**
     * Changes the state.
     *
     * @param next made from {@link #state}
     * @throws LogFencedException if somebody else owns the log
     * @throws DiskFullException if there are too many segments; nothing was changed
     * @throws IOException if the time ran out: the outcome is unknown
     */
    void change(LogState next, Deadline deadline) throws IOException {
        if (next.change() <= state.change()) {
            throw new AssertionError("change " + next.change() + " after " + state.change());
        }
        String text = StateCodec.encode(next);
        if (text.length() > MAX_STATE_BYTES
                && next.segments().size() > state.segments().size()) {
            throw new DiskFullException(
                    metadata.where(logName) + ": another segment would be the "
                            + next.segments().size()
                            + "th, and more than " + MAX_STATE_BYTES
                            + " bytes of state are too many for the metadata store. Trim the log, or open it with larger"
                            + " segments.",
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
                    version = found.get().version(); // an earlier try has done it
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
                        metadata.where(logName) + ": whether the state was changed is unknown: " + unknown.getMessage(),
                        unknown);
            }
        }
    }

    /** As {@link #confirm}, unless that was sure not long ago. */
    void confirmIfLongAgo(Deadline deadline) throws IOException {
        if (nanoClock.getAsLong() - confirmedNanos > CONFIRMED_FOR.toNanos()) {
            confirm(deadline);
        }
    }

    /** Makes sure that the log is still ours, as far as the metadata store knows. */
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
                        metadata.where(logName) + ": who owns the log could not be asked in time: "
                                + unknown.getMessage(),
                        unknown);
            }
        }
    }

    /**
     * Removes the node.
     *
     * @throws LogFencedException if somebody else owns the log
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
                        metadata.where(logName) + ": whether the node was removed is unknown: " + unknown.getMessage(),
                        unknown);
            }
        }
    }

    private LogFencedException fenced(Optional<Versioned> found) {
        String by;
        try {
            by = found.isEmpty()
                    ? "its node is gone"
                    : "it was opened for the "
                            + StateCodec.decode(found.get().state(), logName).epoch() + ". time";
        } catch (IOException e) {
            by = "its node was changed";
        }
        return new LogFencedException(
                metadata.where(logName) + ": this handle opened the log for the " + state.epoch()
                        + ". time, and meanwhile "
                        + by + ". Somebody else owns it now. What was acknowledged here is there; open the log again to"
                        + " take it back.",
                null);
    }
}
