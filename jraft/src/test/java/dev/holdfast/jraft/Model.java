package dev.holdfast.jraft;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The expected content of a storage: a first index, and the entries from there on. Immutable: each change returns a new
 * model.
 */
record Model(long first, Map<Long, String> entries) {
    static Model empty() {
        return new Model(1, new TreeMap<>());
    }

    long next() {
        return entries.isEmpty() ? first : last() + 1;
    }

    long last() {
        return entries.isEmpty() ? 0 : new TreeMap<>(entries).lastKey();
    }

    Model append(long index, List<String> contents) {
        TreeMap<Long, String> changed = new TreeMap<>(new TreeMap<>(entries).headMap(index));
        long at = index;
        for (String content : contents) {
            changed.put(at++, content);
        }
        boolean beginsAnywhere = entries.isEmpty() && first == 1;
        return new Model(beginsAnywhere ? index : first, changed);
    }

    Model cutPrefix(long firstKept) {
        return firstKept <= first
                ? this
                : new Model(firstKept, new TreeMap<>(new TreeMap<>(entries).tailMap(firstKept)));
    }

    Model cutSuffix(long lastKept) {
        return new Model(first, new TreeMap<>(new TreeMap<>(entries).headMap(lastKept + 1)));
    }

    Model reset(long nextIndex, String placeholder) {
        return new Model(nextIndex, new TreeMap<>(Map.of(nextIndex, entries.getOrDefault(nextIndex, placeholder))));
    }
}
