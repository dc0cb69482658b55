package dev.holdfast.testkit.explorer;

import java.util.ArrayList;
import java.util.List;

/** What was asked of a log and what it answered, as far as that says what a crash may leave. */
final class History {
    private final boolean acknowledgedMeansSynced;
    private Expectation now;

    History(Expectation start, boolean acknowledgedMeansSynced) {
        this.now = start;
        this.acknowledgedMeansSynced = acknowledgedMeansSynced;
    }

    /** What a crash at this moment may leave. */
    Expectation now() {
        return now;
    }

    /** What a crash may leave, if the log has shown a record with this id. */
    Expectation shown(long lastId) {
        return now.changes().isEmpty() ? now : now.shown(lastId, acknowledgedMeansSynced);
    }

    /** The log has shown a record with this id. */
    void observe(long lastId) {
        now = shown(lastId);
    }

    /** Something is being asked of the log. */
    void begin(Change change) {
        List<Change> changes = new ArrayList<>(now.changes());
        changes.add(change);
        now = new Expectation(now.base(), changes, now.acknowledged());
    }

    /** It was done, and so was everything asked before it. */
    void acknowledge(Change change) {
        int done = now.changes().indexOf(change) + 1;
        if (done > now.acknowledged()) {
            now = new Expectation(now.base(), now.changes(), done);
            if (acknowledgedMeansSynced) {
                synced();
            }
        }
    }

    /** All that was acknowledged is synced. */
    void synced() {
        int done = now.acknowledged();
        if (done > 0) {
            now = new Expectation(
                    now.acknowledgedContents(),
                    List.copyOf(now.changes().subList(done, now.changes().size())),
                    0);
        }
    }

    /** It was refused and leaves no trace. */
    void withdraw(Change change) {
        List<Change> changes = new ArrayList<>(now.changes());
        if (changes.indexOf(change) < now.acknowledged()) {
            throw new AssertionError("refused after it was acknowledged: " + change);
        }
        changes.remove(change);
        now = new Expectation(now.base(), changes, now.acknowledged());
    }

    /** The power failed. */
    void powerCut() {
        now = now.afterPowerCut();
    }

    /**
     * An opened log has shown which of the outcomes happened.
     *
     * @param synced whether that outcome survives power failure from now on
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
