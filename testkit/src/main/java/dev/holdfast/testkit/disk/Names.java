package dev.holdfast.testkit.disk;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * The directory at one moment: the names that programs see, those on stable storage, and the changes between the two.
 * Immutable.
 */
final class Names {
    static final Names EMPTY = stable(Map.of());

    private final Map<String, Integer> visible;
    private final Map<String, Integer> stable;
    private final List<NameChange> pending;

    private Names(Map<String, Integer> visible, Map<String, Integer> stable, List<NameChange> pending) {
        this.visible = visible;
        this.stable = stable;
        this.pending = pending;
    }

    /** A directory all of which is on stable storage; takes the map over. */
    static Names stable(Map<String, Integer> names) {
        return new Names(names, names, List.of());
    }

    Map<String, Integer> visible() {
        return visible;
    }

    Map<String, Integer> stable() {
        return stable;
    }

    /** The changes that are not on stable storage, oldest first. */
    List<NameChange> pending() {
        return pending;
    }

    Names changed(NameChange change) {
        Map<String, Integer> names = new HashMap<>(visible);
        change.applyTo(names);
        List<NameChange> changes = new ArrayList<>(pending);
        changes.add(change);
        return new Names(names, stable, changes);
    }

    Names synced() {
        return pending.isEmpty() ? this : stable(visible);
    }

    /** After a failed sync: each change is on stable storage or not, and those that are not wait for a later sync. */
    Names syncFailed(SplittableRandom random) {
        Map<String, Integer> names = new HashMap<>(stable);
        List<NameChange> waiting = new ArrayList<>();
        for (NameChange change : pending) {
            if (random.nextBoolean()) {
                change.applyTo(names);
            } else {
                waiting.add(change);
            }
        }
        return waiting.isEmpty() ? stable(visible) : new Names(visible, names, waiting);
    }

    /** The files that some power failure or none leaves with a name. */
    Set<Integer> files() {
        Set<Integer> files = new HashSet<>(visible.values());
        files.addAll(stable.values());
        for (NameChange change : pending) {
            files.add(change.file());
        }
        return files;
    }
}
