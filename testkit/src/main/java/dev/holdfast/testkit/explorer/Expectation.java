package dev.holdfast.testkit.explorer;

import java.util.ArrayList;
import java.util.List;

/**
 * The contents that a log may have after a crash: {@link #base()}, changed by the first n of the {@link #changes()}.
 *
 * <p>After a power failure, n is at least 0. After a kill, n is at least the number of acknowledged changes. Immutable;
 * compared by identity.
 */
final class Expectation {
    /** The expectation for a disk without a log. */
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

    /** One possible outcome of a crash, and the number of changes that it includes. */
    record Outcome(Contents contents, int changes) {}

    /** Returns the contents that survive even a power failure. */
    Contents base() {
        return base;
    }

    /** Returns the changes that were requested after {@link #base()}, in order. */
    List<Change> changes() {
        return changes;
    }

    /** Returns the number of acknowledged changes. A kill loses none of them. */
    int acknowledged() {
        return acknowledged;
    }

    /** Returns the possible outcomes, ordered by the number of changes that they include. */
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

    /** Returns the contents after all changes. */
    Contents last() {
        Contents contents = base;
        for (Change change : changes) {
            contents = change.appliedTo(contents);
        }
        return contents;
    }

    /** Returns the contents after the acknowledged changes only. */
    Contents acknowledgedContents() {
        Contents contents = base;
        for (Change change : changes.subList(0, acknowledged)) {
            contents = change.appliedTo(contents);
        }
        return contents;
    }

    /** Returns the expectation after a power failure. Changes that were acknowledged but not synced may be lost. */
    Expectation afterPowerCut() {
        return acknowledged == 0 ? this : new Expectation(base, changes, 0);
    }

    /**
     * Returns the expectation for a log that has returned record {@code lastId}: all appends up to this record are
     * complete. If {@code shownMeansDurable}, these appends also survive a power failure.
     */
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

    /**
     * Returns whether {@code other} allows every outcome that this expectation allows, both after a kill and after a
     * power failure.
     */
    boolean isWithin(Expectation other) {
        return digests(0).stream().allMatch(other.digests(0)::contains)
                && digests(acknowledged).stream().allMatch(other.digests(other.acknowledged)::contains);
    }

    private List<Long> digests(int from) {
        return new Expectation(base, changes, from)
                .outcomes().stream().map(outcome -> outcome.contents().digest()).toList();
    }

    /** Returns a hash of the expectation, computed once. */
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
