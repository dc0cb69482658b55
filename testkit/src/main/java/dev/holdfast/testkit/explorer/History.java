package dev.holdfast.testkit.explorer;

import java.util.ArrayList;
import java.util.List;

/** The requests made to a log and its answers. They determine the contents that a crash may leave. */
final class History {
    private final boolean acknowledgedMeansSynced;
    private Expectation now;

    History(Expectation start, boolean acknowledgedMeansSynced) {
        this.now = start;
        this.acknowledgedMeansSynced = acknowledgedMeansSynced;
    }

    /** Returns the contents that a crash at this moment may leave. */
    Expectation now() {
        return now;
    }

    /** Returns the contents that a crash may leave after the log has returned record {@code lastId}. */
    Expectation shown(long lastId) {
        return now.changes().isEmpty() ? now : now.shown(lastId, acknowledgedMeansSynced);
    }

    /** Records that the log has returned a record with this id. */
    void observe(long lastId) {
        now = shown(lastId);
    }

    /** Records that a change was requested. */
    void begin(Change change) {
        List<Change> changes = new ArrayList<>(now.changes());
        changes.add(change);
        now = new Expectation(now.base(), changes, now.acknowledged());
    }

    /** Records that a change and all changes before it were acknowledged. */
    void acknowledge(Change change) {
        int done = now.changes().indexOf(change) + 1;
        if (done > now.acknowledged()) {
            now = new Expectation(now.base(), now.changes(), done);
            if (acknowledgedMeansSynced) {
                synced();
            }
        }
    }

    /** Records that all acknowledged changes are synced. */
    void synced() {
        int done = now.acknowledged();
        if (done > 0) {
            now = new Expectation(
                    now.acknowledgedContents(),
                    List.copyOf(now.changes().subList(done, now.changes().size())),
                    0);
        }
    }

    /** Records that a change was refused, so the change leaves no trace in the log. */
    void withdraw(Change change) {
        List<Change> changes = new ArrayList<>(now.changes());
        if (changes.indexOf(change) < now.acknowledged()) {
            throw new AssertionError("the change was refused after it was acknowledged: " + change);
        }
        changes.remove(change);
        now = new Expectation(now.base(), changes, now.acknowledged());
    }

    /** Records a power failure. */
    void powerCut() {
        now = now.afterPowerCut();
    }

    /**
     * Records which outcome an opened log contains.
     *
     * @param synced whether the outcome survives a power failure from now on
     */
    void settle(Expectation.Outcome outcome, boolean synced) {
        if (synced || acknowledgedMeansSynced || outcome.contents().pin() == Contents.Pin.UNKNOWN) {
            now = new Expectation(outcome.contents(), List.of(), 0);
        } else {
            now = new Expectation(
                    now.base(), List.copyOf(now.changes().subList(0, outcome.changes())), outcome.changes());
        }
    }
}
