package dev.holdfast.testkit.file;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The records that a log has to hold, kept beside it: changed once the log's own call has returned. */
final class Expected {
    private List<LogRecord> records = List.of();
    private List<LogRecord> attempted = List.of();
    private List<LogRecord> synced = List.of();
    private long generation;

    Expected() {}

    /** Of a log that holds these already. */
    Expected(List<LogRecord> records) {
        this.records = List.copyOf(records);
        this.generation = records.size();
    }

    List<LogRecord> records() {
        return records;
    }

    /** What the log holds if the last call has had its effect, whether it returned or not. */
    List<LogRecord> attempted() {
        return attempted;
    }

    /** All that has been acknowledged is synced. */
    void synced() {
        synced = records;
    }

    /**
     * What no power failure takes, whatever the durability: what was synced, and is there whether the last call has had
     * its effect or not.
     */
    List<LogRecord> kept() {
        return synced.stream().filter(attempted::contains).toList();
    }

    private interface Call {
        void run() throws IOException;
    }

    private void attempt(List<LogRecord> after, Call call) throws IOException {
        attempted = after;
        call.run();
        records = after;
    }

    /** Appends records of these lengths as one batch. */
    void append(Log log, int... lengths) throws IOException {
        appendAt(log, log.nextId(), lengths);
    }

    /** As {@link #append}, with an explicit id for the first record. */
    void appendAt(Log log, long firstId, int... lengths) throws IOException {
        List<LogRecord> batch = batch(firstId, lengths);
        List<LogRecord> after = new ArrayList<>(records);
        after.addAll(batch);
        attempt(after, () -> log.append(batch));
    }

    /** The next records, of these lengths, each different from any before. */
    List<LogRecord> batch(long firstId, int... lengths) {
        generation++;
        List<LogRecord> batch = new ArrayList<>();
        for (int length : lengths) {
            batch.add(new Stamp(firstId + batch.size(), generation).record(length));
        }
        return batch;
    }

    void truncate(Log log, long lastToKeep) throws IOException {
        attempt(without(lastToKeep + 1, Long.MAX_VALUE), () -> log.truncate(lastToKeep));
    }

    void trim(Log log, long discardUpTo) throws IOException {
        attempt(without(0, discardUpTo), () -> log.trim(discardUpTo));
    }

    void reset(Log log, long nextId) throws IOException {
        attempt(List.of(), () -> log.reset(nextId));
    }

    private List<LogRecord> without(long firstId, long lastId) {
        return records.stream()
                .filter(record -> record.id() < firstId || record.id() > lastId)
                .toList();
    }

    /** The id of the newest record. */
    long lastId() {
        return records.get(records.size() - 1).id();
    }
}
