package dev.holdfast.testkit.file;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Model of the records that a log must hold. A change is added when the log's call has returned. */
final class Expected {
    private List<LogRecord> records = List.of();
    private List<LogRecord> attempted = List.of();
    private List<LogRecord> synced = List.of();
    private long generation;

    Expected() {}

    /** Creates the model of a log that already holds these records. */
    Expected(List<LogRecord> records) {
        this.records = List.copyOf(records);
        this.generation = records.size();
    }

    List<LogRecord> records() {
        return records;
    }

    /** Returns the contents of the log if the last call took effect, whether it returned or not. */
    List<LogRecord> attempted() {
        return attempted;
    }

    /** Records that everything acknowledged is synced. */
    void synced() {
        synced = records;
    }

    /**
     * Returns the records that survive any power failure at any durability: they were synced, and they remain whether
     * the last call took effect or not.
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

    /** Appends one batch of records of these lengths. */
    void append(Log log, int... lengths) throws IOException {
        appendAt(log, log.nextId(), lengths);
    }

    /** Appends one batch like {@link #append}, with an explicit first id. */
    void appendAt(Log log, long firstId, int... lengths) throws IOException {
        List<LogRecord> batch = batch(firstId, lengths);
        List<LogRecord> after = new ArrayList<>(records);
        after.addAll(batch);
        attempt(after, () -> log.append(batch));
    }

    /** Creates the next records, of these lengths. Every record differs from all earlier records. */
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

    /** Returns the id of the newest record. */
    long lastId() {
        return records.get(records.size() - 1).id();
    }
}
