package dev.holdfast.testkit.damage;

import dev.holdfast.wal.LogRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A log that is going to be damaged.
 *
 * @param name what it has been through
 * @param ended whether its last end is marked on the disk, so that no damage of one place may cost a record silently
 * @param files its files
 * @param older what sectors of these files held earlier, by file and number of the sector
 * @param held the records that it shows
 * @param trimmed the records that it showed before they were trimmed
 */
record Victim(
        String name,
        boolean ended,
        TreeMap<String, byte[]> files,
        Map<String, Map<Integer, List<byte[]>>> older,
        List<LogRecord> held,
        Map<Long, LogRecord> trimmed) {
    /** The newest segment. */
    String tail() {
        return files.keySet().stream()
                .filter(file -> file.endsWith(".seg"))
                .reduce((first, second) -> second)
                .orElseThrow();
    }

    long firstId() {
        return held.get(0).id();
    }

    /** What it held from one id to another. */
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
