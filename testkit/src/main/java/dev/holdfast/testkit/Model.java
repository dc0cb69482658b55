package dev.holdfast.testkit;

import dev.holdfast.wal.LogRecord;
import java.util.List;
import java.util.TreeMap;

/** The simplest log: a sorted map, the next id, and whether {@code reset} has fixed it. Written to be seen to be right. */
final class Model {
    private final TreeMap<Long, LogRecord> records = new TreeMap<>();
    private long nextId = 1;
    private boolean fixed;

    boolean isEmpty() {
        return records.isEmpty();
    }

    long firstId() {
        return records.firstKey();
    }

    long nextId() {
        return nextId;
    }

    List<LogRecord> records() {
        return List.copyOf(records.values());
    }

    List<LogRecord> from(long id) {
        return List.copyOf(records.tailMap(id).values());
    }

    boolean takes(long firstId) {
        return firstId == nextId || (records.isEmpty() && !fixed);
    }

    void append(List<LogRecord> batch) {
        for (LogRecord record : batch) {
            records.put(record.id(), record);
            nextId = record.id() + 1;
            fixed = false;
        }
    }

    void truncate(long lastToKeep) {
        if (!records.isEmpty() && lastToKeep < records.lastKey()) {
            nextId = Math.max(lastToKeep + 1, records.firstKey());
            records.tailMap(lastToKeep, false).clear();
        }
    }

    void trim(long discardUpTo) {
        records.headMap(discardUpTo, true).clear();
    }

    void reset(long id) {
        records.clear();
        nextId = id;
        fixed = true;
    }
}
