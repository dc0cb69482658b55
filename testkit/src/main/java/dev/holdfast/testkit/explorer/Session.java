package dev.holdfast.testkit.explorer;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.testkit.disk.PowerCut;
import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogLockedException;
import dev.holdfast.wal.UnsupportedFormatException;
import dev.holdfast.wal.commit.LogSettings;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Runs a log between two crashes: performs the actions of a workload, opens and reads the log, and compares what it
 * reads with the model. {@link Writes} makes the calls that change the log.
 */
final class Session {
    private final Subject subject;
    private final LogSettings settings;
    private final CrashDisk disk;
    private final History history;
    private final Watcher watcher;
    private final Followers followers = new Followers();
    private final Writes writes;
    private final long seed;
    private @Nullable Recorder recorder;

    private SimulatedEnvironment environment;
    private boolean everOpened;
    private boolean powerWasCut;
    private long strikesBefore;
    private long randoms;

    /**
     * Creates a session.
     *
     * @param expectation the contents that the log may have at the start of the session
     * @param powerWasCut whether the session follows a power failure, so the disk has no unsynced changes
     * @param era the progress of the history, which determines payloads and salts
     * @param seed selects the ids that are read individually
     */
    Session(
            Subject subject,
            LogSettings settings,
            CrashDisk disk,
            Expectation expectation,
            boolean powerWasCut,
            Era era,
            long seed) {
        this.subject = subject;
        this.settings = settings;
        this.disk = disk;
        this.history = new History(expectation, settings.syncEachGroup());
        this.watcher = new Watcher(subject, settings, disk, seed);
        this.seed = seed;
        this.environment = new SimulatedEnvironment(this::random);
        this.writes = new Writes(disk, history, followers, environment, era);
        this.everOpened = expectation != Expectation.NEW;
        this.powerWasCut = powerWasCut;
    }

    /** Records crash points from now on. */
    void record(@Nullable PrintStream trace) {
        recorder = new Recorder(disk, this::shown, writes::era, trace);
    }

    /** Returns the crash points recorded so far, oldest first. */
    List<CrashPoint> points() {
        return recorder == null ? List.of() : recorder.points();
    }

    /** Returns the recorded crash points directly after a close. A crash there must not lose a record. */
    List<CrashPoint> closedPoints() {
        return recorder == null ? List.of() : recorder.closed();
    }

    /** Returns the session's seed: a hash of the initial disk and its expectation. */
    long seed() {
        return seed;
    }

    /** Returns the maximum number of disk blocks that were in use during the session. */
    long mostBlocks() {
        long most = 0;
        for (CrashPoint point : points()) {
            most = Math.max(most, point.state().usedBlocks());
        }
        return most;
    }

    CrashDisk disk() {
        return disk;
    }

    /**
     * Opens the log read-only before the writer opens it. Returns the id of the last record that the log reports as
     * durable, or empty if there is none.
     */
    OptionalLong watch() throws IOException {
        return watcher.watchAlone(history.now(), everOpened);
    }

    void performAll(Workload workload) throws IOException {
        for (Action action : workload.actions()) {
            perform(action);
        }
    }

    private void perform(Action action) throws IOException {
        begin(action.toString());
        if (action instanceof Action.Append append) {
            writes.append(append.sizes());
        } else if (action instanceof Action.Put put) {
            writes.put(put);
        } else if (action instanceof Action.Async async) {
            writes.appendAsync(async.sizes());
        } else if (action instanceof Action.Truncate truncate) {
            writes.truncate(truncate.count());
        } else if (action instanceof Action.Trim trim) {
            writes.trim(trim.count());
        } else if (action instanceof Action.Reset reset) {
            writes.reset(reset.jump());
        } else if (action instanceof Action.Follow follow) {
            followers.add(writes.log(), history.now().last().firstId() + follow.start());
        } else if (action instanceof Action.PowerCut cut) {
            powerCut(cut.seed());
        } else if (action instanceof Action.Plain plain) {
            perform(plain);
        }
        writes.requireRightAnswers();
        if (writes.isOutcomeUnread()) {
            killAndOpen();
        }
        if (disk.strikes() > 0) {
            // Later appends reuse the ids of refused appends, so the model must process refusals before the next
            // request.
            writes.complete();
        }
        end();
    }

    private void perform(Action.Plain plain) throws IOException {
        switch (plain) {
            case WRITE -> environment.run(SimulatedEnvironment.Queue.WRITING);
            case COMPLETE -> environment.run(SimulatedEnvironment.Queue.COMPLETING);
            case MAINTAIN -> environment.run(SimulatedEnvironment.Queue.MAINTAINING);
            case DELAY -> environment.delayRemovals();
            case IDLE -> environment.idle();
            case SYNC -> writes.sync();
            case REOPEN -> {
                close();
                open();
            }
            case KILL -> killAndOpen();
            case CHECK -> reading(this::check);
            case STEP -> reading(this::step);
            case RIVAL -> rival();
            case PEEK -> reading(this::peek);
        }
    }

    /**
     * Opens the log read-only while the writer is open. Checks that the records in this view survive the loss of all
     * unsynced changes.
     */
    private void peek() throws IOException {
        OptionalLong last = watcher.watchBesideWriter(shown());
        if (last.isPresent()) {
            Expectation proven = history.now().afterPowerCut().shown(last.getAsLong(), true);
            new Watcher(subject, settings, disk.state().powerCut(PowerCut.NOTHING), seed).watchAlone(proven, true);
        }
    }

    private void killAndOpen() throws IOException {
        crash();
        disk.kill();
        open();
    }

    /**
     * Runs a call that only reads. Ignores a failure if a simulated fault has occurred during the call, unless the call
     * reports damage.
     */
    private void reading(Writes.Call call) throws IOException {
        long strikes = disk.strikes();
        try {
            call.run();
        } catch (IOException | Violation e) {
            if (disk.strikes() == strikes || Writes.isDamage(e)) {
                throw e;
            }
        }
    }

    private void step() throws IOException {
        if (writes.areAllAnswered()) {
            followers.step(history.now().last());
        }
    }

    private void rival() throws IOException {
        long steps = disk.steps();
        try {
            subject.open(disk.process(), settings, new SimulatedEnvironment(this::random).environment());
        } catch (LogLockedException e) {
            if (disk.steps() != steps) {
                throw new Violation("a second writer was refused but has changed the disk", e);
            }
            return;
        }
        throw new Violation("a second writer opened the log");
    }

    private long random() {
        return writes.era().random(++randoms);
    }

    private void begin(String what) {
        writes.begin(what);
        if (recorder != null) {
            recorder.begin(what);
        }
    }

    private void end() {
        if (recorder != null) {
            recorder.end();
        }
    }

    /** Opens the log and determines which outcome the crash has left. From now on the session expects that outcome. */
    void open() throws IOException {
        strikesBefore = disk.strikes();
        Log opened = tryToOpen();
        if (opened == null) {
            if (everOpened && disk.isFull()) {
                throw new Violation("the log does not open on a full disk");
            }
            disk.kill();
            disk.fail(null);
            disk.limitTo(Long.MAX_VALUE);
            strikesBefore = 0;
            opened = tryToOpen();
        }
        if (opened == null) {
            throw new Violation("the log does not open although the disk works again");
        }
        writes.returnIds();
        history.settle(found(opened), powerWasCut);
        powerWasCut = false;
        everOpened = true;
        writes.opened(opened, environment, strikesBefore);
        end();
    }

    private Expectation.Outcome found(Log opened) throws IOException {
        try {
            return Finding.of(opened, history.now(), seed);
        } catch (IOException e) {
            if (disk.strikes() == strikesBefore || Writes.isDamage(e)) {
                throw e;
            }
            disk.fail(null);
            strikesBefore = 0;
            return Finding.of(opened, history.now(), seed);
        }
    }

    /** Opens the log. Returns null if a simulated fault made the open fail. */
    private @Nullable Log tryToOpen() {
        environment = new SimulatedEnvironment(this::random);
        long strikes = disk.strikes();
        try {
            return subject.open(disk.process(), settings, environment.environment());
        } catch (CorruptLogException | UnsupportedFormatException e) {
            throw new Violation("open rejected a log that was not damaged: " + e.getMessage(), e);
        } catch (IOException e) {
            if (disk.strikes() == strikes) {
                throw new Violation("open failed: " + e, e);
            }
            return null;
        } catch (RuntimeException e) {
            throw new Violation("open threw " + e, e);
        }
    }

    /** Compares the current contents of the log with the acknowledged changes. */
    private void check() throws IOException {
        Expectation now = shown();
        if (writes.areAllAnswered()) {
            String difference = Reading.difference(writes.log(), now.last(), Mix.of(seed, disk.steps()));
            if (difference != null) {
                throw new Violation("expected " + now.last() + ", but " + difference);
            }
        } else {
            List<Change> open =
                    now.changes().subList(now.acknowledged(), now.changes().size());
            Finding.of(writes.log(), new Expectation(now.acknowledgedContents(), open, 0), seed);
        }
    }

    private void close() throws IOException {
        if (writes.close() && recorder != null) {
            recorder.close();
        }
    }

    private void powerCut(long cutSeed) throws IOException {
        crash();
        disk.cutPower(PowerCut.random(cutSeed));
        history.powerCut();
        powerWasCut = true;
        open();
    }

    private void crash() {
        history.observe(writes.lastShown());
        writes.crashed();
        randoms = 0;
        disk.fail(null);
    }

    /** Returns the contents that a crash may leave now. They include the records that a reader can already see. */
    private Expectation shown() {
        return history.shown(writes.lastShown());
    }
}
