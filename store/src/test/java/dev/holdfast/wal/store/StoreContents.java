package dev.holdfast.wal.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** What the logs of a store hold: the model that a store is compared with. Immutable; compared by equals. */
record StoreContents(Map<String, OneLog> logs) {
    static final StoreContents EMPTY = new StoreContents(Map.of());

    /**
     * One log.
     *
     * @param records the payload of each record, as {@link #payload} names it
     */
    record OneLog(long first, boolean pinned, List<String> records, Map<String, String> values) {
        static final OneLog NEW = new OneLog(1, false, List.of(), Map.of());

        long next() {
            return first + records.size();
        }

        OneLog append(long id, List<String> more) {
            List<String> all = new ArrayList<>(records);
            all.addAll(more);
            return new OneLog(records.isEmpty() ? id : first, false, List.copyOf(all), values);
        }

        OneLog truncate(long lastToKeep) {
            if (records.isEmpty() || lastToKeep >= next() - 1) return this;
            long next = Math.max(lastToKeep + 1, first);
            return new OneLog(first, false, records.subList(0, (int) (next - first)), values);
        }

        OneLog trim(long discardUpTo) {
            if (records.isEmpty() || discardUpTo < first) return this;
            long newFirst = Math.min(discardUpTo, next() - 1) + 1;
            return new OneLog(newFirst, false, records.subList((int) (newFirst - first), records.size()), values);
        }

        OneLog reset(long next) {
            return new OneLog(next, true, List.of(), values);
        }

        OneLog put(String key, String value) {
            Map<String, String> copy = new TreeMap<>(values);
            copy.put(key, value);
            return new OneLog(first, pinned, records, copy);
        }

        OneLog remove(String key) {
            Map<String, String> copy = new TreeMap<>(values);
            copy.remove(key);
            return new OneLog(first, pinned, records, copy);
        }
    }

    StoreContents with(String name, OneLog log) {
        Map<String, OneLog> copy = new TreeMap<>(logs);
        copy.put(name, log);
        return new StoreContents(copy);
    }

    StoreContents without(String name) {
        Map<String, OneLog> copy = new TreeMap<>(logs);
        copy.remove(name);
        return new StoreContents(copy);
    }

    /** Returns the bytes of a payload, which its name determines: a seed and a length. */
    static ByteBuffer payload(String name) {
        String[] parts = name.split("x", 2);
        byte[] bytes = new byte[Integer.parseInt(parts[1])];
        new SplittableRandom(Long.parseLong(parts[0])).nextBytes(bytes);
        for (int i = 0; i < Math.min(bytes.length, 8); i++) {
            bytes[i] = (byte) (Long.parseLong(parts[0]) >>> (8 * i));
        }
        return ByteBuffer.wrap(bytes);
    }

    /** Returns the name of a payload; fails if the bytes are no payload. */
    private static String name(ByteBuffer data) {
        long seed = 0;
        for (int i = 0; i < Math.min(data.remaining(), 8); i++) {
            seed |= (data.get(data.position() + i) & 0xffL) << (8 * i);
        }
        String name = seed + "x" + data.remaining();
        if (data.remaining() >= 8) {
            assertThat(data).isEqualTo(payload(name));
        }
        return name;
    }

    /** Reads everything that a store holds, with cursors and one by one. */
    static StoreContents of(LogStore store) throws IOException {
        Map<String, OneLog> logs = new TreeMap<>();
        for (String name : store.names()) {
            StoreLog log = (StoreLog) store.find(name).orElseThrow();
            logs.put(name, of(log, log.log));
        }
        return new StoreContents(logs);
    }

    /** Reads everything that a state says. */
    static StoreContents of(StoreState state, SharedReader reader) throws IOException {
        Map<String, OneLog> logs = new TreeMap<>();
        for (LogState log : state.all()) {
            List<String> records = new ArrayList<>();
            for (long id = log.ids.first(); id < log.ids.next(); id++) {
                records.add(name(Objects.requireNonNull(reader.read(log, id))));
            }
            logs.put(log.name, new OneLog(log.ids.first(), log.ids.pinned(), List.copyOf(records), valuesOf(log)));
        }
        return new StoreContents(logs);
    }

    private static Map<String, String> valuesOf(LogState log) {
        Map<String, String> values = new TreeMap<>();
        log.values.forEach((key, value) -> values.put(key, name(value)));
        return values;
    }

    private static OneLog of(Log log, LogState state) throws IOException {
        List<String> records = new ArrayList<>();
        long first = log.firstId().orElse(log.nextId());
        try (LogCursor cursor = log.cursor(0)) {
            while (cursor.next()) {
                assertThat(cursor.id()).isEqualTo(first + records.size());
                records.add(name(cursor.data()));
            }
        }
        assertThat(log.nextId()).isEqualTo(first + records.size());
        for (int i = records.size() - 1; i >= 0; i--) {
            LogRecord record = log.read(first + i).orElseThrow();
            assertThat(name(record.data())).isEqualTo(records.get(i));
        }
        assertThat(log.read(log.nextId())).isEmpty();
        if (first > 0) {
            assertThat(log.read(first - 1)).isEmpty();
        }
        return new OneLog(first, state.ids.pinned(), List.copyOf(records), valuesOf(state));
    }
}
