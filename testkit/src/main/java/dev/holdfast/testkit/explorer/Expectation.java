package dev.holdfast.testkit.explorer;

import java.util.ArrayList;
import java.util.List;

/**
 * What a log may hold after a crash: what survives power failure, after the first n of the changes asked for since, for
 * any n from a lower bound to all of them. The lower bound is 0 where the power failed, and the number of acknowledged
 * changes where the process was killed. Immutable; compared by identity.
 */
final class Expectation {
    /** What is expected of a disk without a log. */
    static final Expectation NEW = new Expectation(Contents.NEW, List.of(), 0);

    private final Contents base;
    private final List<Change> changes;
    private final int acknowledged;
    private long digest;

    Expectation(Contents base, List<Change> changes, int acknowledged) {
        this.base = base;
        this.changes = changes;
        this.acknowledged = acknowledged;
    }

    /** One of the outcomes, and how many changes it includes. */
    record Outcome(Contents contents, int changes) {}

    /** What survives power failure. */
    Contents base() {
        return base;
    }

    /** What was asked of the log after that, in order. */
    List<Change> changes() {
        return changes;
    }

    /** How many of the changes survive a kill. */
    int acknowledged() {
        return acknowledged;
    }

    /** The outcomes, that with the fewest changes first. */
    List<Outcome> outcomes() {
        List<Outcome> outcomes = new ArrayList<>(changes.size() + 1);
        Contents contents = base;
        for (int n = 0; n <= changes.size(); n++) {
            if (n > 0) {
                contents = changes.get(n - 1).appliedTo(contents);
            }
            if (n >= acknowledged) {
                outcomes.add(new Outcome(contents, n));
            }
        }
        return outcomes;
    }

    /** What the log holds when all changes have been done. */
    Contents last() {
        Contents contents = base;
        for (Change change : changes) {
            contents = change.appliedTo(contents);
        }
        return contents;
    }

    /** What the log holds when no more than the acknowledged changes have been done. */
    Contents acknowledgedContents() {
        Contents contents = base;
        for (Change change : changes.subList(0, acknowledged)) {
            contents = change.appliedTo(contents);
        }
        return contents;
    }

    /** After a power failure nothing is left of what was acknowledged as written and not as synced. */
    Expectation afterPowerCut() {
        return acknowledged == 0 ? this : new Expectation(base, changes, 0);
    }

    /** The same, with at least those appends done whose records have been shown. */
    Expectation shown(long lastId, boolean shownMeansDurable) {
        Contents contents = base;
        int done = 0;
        Contents doneContents = base;
        for (int n = 0; n < changes.size() && changes.get(n).appends(); n++) {
            contents = changes.get(n).appliedTo(contents);
            if (contents.lastId() <= lastId) {
                done = n + 1;
                doneContents = contents;
            }
        }
        if (done <= acknowledged) {
            return this;
        }
        return shownMeansDurable
                ? new Expectation(doneContents, List.copyOf(changes.subList(done, changes.size())), 0)
                : new Expectation(base, changes, done);
    }

    /** True if it allows no outcome that the other one does not, after a kill and after a power failure. */
    boolean isWithin(Expectation other) {
        return digests(0).stream().allMatch(other.digests(0)::contains)
                && digests(acknowledged).stream().allMatch(other.digests(other.acknowledged)::contains);
    }

    private List<Long> digests(int from) {
        return new Expectation(base, changes, from)
                .outcomes().stream().map(outcome -> outcome.contents().digest()).toList();
    }

    /** A number that tells different expectations apart. Computed once. */
    long digest() {
        long known = digest;
        if (known == 0) {
            known = Mix.of(base.digest(), acknowledged);
            Contents contents = base;
            for (Change change : changes) {
                contents = change.appliedTo(contents);
                known = Mix.of(known, contents.digest());
            }
            digest = known;
        }
        return known;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(base.toString());
        for (int n = 0; n < changes.size(); n++) {
            text.append(n < acknowledged ? ", then surely " : ", then perhaps ").append(changes.get(n));
        }
        return text.toString();
    }
}
