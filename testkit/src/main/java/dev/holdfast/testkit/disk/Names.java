package dev.holdfast.testkit.disk;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * The directory at one moment: the names that programs see, the names on stable storage, and the pending changes, which
 * are not yet synced. Immutable.
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

    /** Creates a directory whose names are all on stable storage. The map must not change afterwards. */
    static Names stable(Map<String, Integer> names) {
        return new Names(names, names, List.of());
    }

    Map<String, Integer> visible() {
        return visible;
    }

    Map<String, Integer> stable() {
        return stable;
    }

    /** Returns the changes that are not yet on stable storage, oldest first. */
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

    /**
     * Returns the directory after a failed sync. Chance decides which changes became stable. The other changes stay
     * pending for a later sync.
     */
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

    /** Returns the files that have a name now, or that may have one after a power failure. */
    Set<Integer> files() {
        Set<Integer> files = new HashSet<>(visible.values());
        files.addAll(stable.values());
        for (NameChange change : pending) {
            files.add(change.file());
        }
        return files;
    }
}
