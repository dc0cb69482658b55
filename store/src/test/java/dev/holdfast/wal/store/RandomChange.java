package dev.holdfast.wal.store;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A random change of a store: one call of a log, or a batch over several logs. Applies to a store and to the model. */
final class RandomChange {
    private interface Call {
        void perform(LogStore store, StoreBatch batch) throws IOException;
    }

    private final List<Call> calls = new ArrayList<>();
    private final List<String> text = new ArrayList<>();
    private final SplittableRandom random;
    private final int maxLogs;
    private final int maxRecordBytes;
    private StoreContents contents;

    private RandomChange(SplittableRandom random, StoreContents before, int maxLogs, int maxRecordBytes) {
        this.random = random;
        this.contents = before;
        this.maxLogs = maxLogs;
        this.maxRecordBytes = maxRecordBytes;
    }

    static RandomChange draw(SplittableRandom random, StoreContents before, int maxLogs, int maxRecordBytes) {
        RandomChange change = new RandomChange(random, before, maxLogs, maxRecordBytes);
        if (before.logs().isEmpty() || (before.logs().size() < maxLogs && random.nextInt(6) == 0)) {
            change.create();
            return change;
        }
        int count = random.nextInt(3) == 0 ? 2 + random.nextInt(3) : 1;
        for (int i = 0; i < count && !change.contents.logs().isEmpty(); i++) {
            change.add();
        }
        return change;
    }

    StoreContents after() {
        return contents;
    }

    void perform(LogStore store) throws IOException {
        StoreBatch batch = store.batch();
        for (Call call : calls) {
            call.perform(store, batch);
        }
        if (!calls.isEmpty()) {
            batch.commit();
        }
    }

    private static Log log(LogStore store, String name) {
        return store.find(name).orElseThrow();
    }

    private void create() {
        String name = "log-" + random.nextInt(maxLogs);
        if (contents.logs().containsKey(name)) return;
        contents = contents.with(name, StoreContents.OneLog.NEW);
        text.add("create " + name);
        calls.add((store, batch) -> store.log(name));
    }

    private String payload() {
        int bytes = random.nextInt(4) == 0 ? random.nextInt(maxRecordBytes + 1) : random.nextInt(40);
        long seed = bytes >= 8 ? random.nextLong() : random.nextLong() & ((1L << (8 * bytes)) - 1);
        return seed + "x" + bytes;
    }

    private void add() {
        List<String> names = List.copyOf(contents.logs().keySet());
        String name = names.get(random.nextInt(names.size()));
        StoreContents.OneLog log = contents.logs().get(name);
        switch (random.nextInt(16)) {
            case 0 -> {
                long last = log.first() - 1 + random.nextInt(log.records().size() + 2);
                put(
                        name,
                        log.truncate(last),
                        "truncate " + last,
                        (store, batch) -> batch.truncate(log(store, name), last));
            }
            case 1, 2 -> {
                long limit = log.first() - 1 + random.nextInt(log.records().size() + 2);
                put(name, log.trim(limit), "trim " + limit, (store, batch) -> batch.trim(log(store, name), limit));
            }
            case 3 -> {
                long next = random.nextInt(30);
                put(name, log.reset(next), "reset " + next, (store, batch) -> batch.reset(log(store, name), next));
            }
            case 4, 5 -> {
                String key = "key" + random.nextInt(3);
                String value = payload();
                put(
                        name,
                        log.put(key, value),
                        "put " + key,
                        (store, batch) -> batch.put(log(store, name), key, StoreContents.payload(value)));
            }
            case 6 -> {
                String key = "key" + random.nextInt(3);
                put(name, log.remove(key), "remove " + key, (store, batch) -> batch.remove(log(store, name), key));
            }
            case 7 -> {
                if (random.nextInt(3) > 0) return;
                contents = contents.without(name);
                text.add("delete " + name);
                calls.add((store, batch) -> batch.delete(log(store, name)));
            }
            default -> append(name, log);
        }
    }

    private void append(String name, StoreContents.OneLog log) {
        List<String> payloads = new ArrayList<>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            payloads.add(payload());
        }
        boolean anywhere = log.records().isEmpty() && !log.pinned() && random.nextBoolean();
        long id = anywhere ? random.nextInt(50) : log.next();
        put(name, log.append(id, payloads), "append " + payloads, (store, batch) -> {
            if (anywhere) {
                List<LogRecord> records = new ArrayList<>();
                for (String payload : payloads) {
                    records.add(LogRecord.wrap(id + records.size(), StoreContents.payload(payload)));
                }
                batch.append(log(store, name), records);
            } else {
                batch.append(
                        log(store, name),
                        payloads.stream().map(StoreContents::payload).toArray(ByteBuffer[]::new));
            }
        });
    }

    private void put(String name, StoreContents.OneLog after, String what, Call call) {
        contents = contents.with(name, after);
        text.add(name + ": " + what);
        calls.add(call);
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
