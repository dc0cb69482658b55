package dev.holdfast.testkit.damage;

import dev.holdfast.wal.LogRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A log that is going to be damaged.
 *
 * @param name describes the history of the log
 * @param ended whether a marker on the disk proves the end of the log; then damage at one place may not lose a record
 *     silently
 * @param files the log's files
 * @param older earlier contents of the files' sectors, by file and sector number
 * @param held the records that the log returns
 * @param trimmed the trimmed records, by id
 */
record Victim(
        String name,
        boolean ended,
        TreeMap<String, byte[]> files,
        Map<String, Map<Integer, List<byte[]>>> older,
        List<LogRecord> held,
        Map<Long, LogRecord> trimmed) {
    /** Returns the name of the newest segment. */
    String tail() {
        return files.keySet().stream()
                .filter(file -> file.endsWith(".seg"))
                .reduce((first, second) -> second)
                .orElseThrow();
    }

    long firstId() {
        return held.get(0).id();
    }

    /** Returns the original records with ids {@code from} to {@code to}. */
    List<LogRecord> records(long from, long to) {
        List<LogRecord> records = new ArrayList<>();
        for (long id = from; id <= to; id++) {
            records.add(id < firstId() ? trimmed.get(id) : held.get((int) (id - firstId())));
        }
        return records;
    }

    long lastId() {
        return held.get(held.size() - 1).id();
    }

    @Override
    public String toString() {
        return name;
    }
}
