package dev.holdfast.wal.store;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds the records of logs in the shared log and reads them. Caches positions within a bound. Thread-safe. */
final class SharedReader {
    /**
     * Number of attempts to find a record that the log holds. An attempt fails if the record is moved, and its old
     * place trimmed, meanwhile; that happens at most a few times a second.
     */
    static final int ATTEMPTS = 100;

    /** Bytes of positions that stay in memory. */
    private static final long CACHE_BYTES = 16L << 20;

    private final Log shared;
    private final StoreState state;
    private final Map<Long, Positions> cache = new LinkedHashMap<>(64, 0.75f, true); // guarded by itself
    private long cachedBytes;

    SharedReader(Log shared, StoreState state) {
        this.shared = shared;
        this.state = state;
    }

    /** Reads a record of a log, or returns null if the log does not hold that id. */
    @Nullable
    ByteBuffer read(LogState log, long id) throws IOException {
        for (int attempt = 1; ; attempt++) {
            long place = locate(log, id);
            ByteBuffer data = place == Places.NOWHERE ? null : readAt(place, log.number, id);
            if (data != null) return data;
            if (!holds(log, id)) return null;
            if (attempt == ATTEMPTS) throw lost(log, id, place);
        }
    }

    /**
     * Returns the place of a record, or {@link Places#NOWHERE} if the log does not hold the id or it was just moved.
     */
    long locate(LogState log, long id) throws IOException {
        long code;
        log.lock.lock();
        try {
            if (!log.holds(id)) return Places.NOWHERE;
            long place = log.places.recentPlace(id);
            if (place != Places.NOWHERE) return place;
            code = log.places.window(id);
        } finally {
            log.lock.unlock();
        }
        Window window = code == Places.NOWHERE ? null : state.windows.find(code);
        return window == null ? Places.NOWHERE : place(window, log.number, id);
    }

    private static boolean holds(LogState log, long id) {
        log.lock.lock();
        try {
            return log.holds(id);
        } finally {
            log.lock.unlock();
        }
    }

    static CorruptLogException lost(LogState log, long id, long place) {
        return StoreRecord.corrupt(
                Math.max(place, 0), "record " + id + " of log " + log.number + " should be here and is not");
    }

    /** Returns the place of a live record of a sealed window, or {@link Places#NOWHERE} if the window was trimmed. */
    long place(Window window, long number, long id) throws IOException {
        Window.Seal seal = window.seal;
        if (seal == null) return Places.NOWHERE;
        WindowScan scan = window.scan;
        if (scan != null) return scan.place(number, id);
        long at = seal.positionsOf(number, id);
        if (at == 0) return Places.NOWHERE;
        try {
            Positions positions = positions(at, window.start);
            return positions == null ? Places.NOWHERE : positions.find(number, id);
        } catch (CorruptLogException e) {
            return scan(window).place(number, id); // a damaged positions record costs a scan of its window
        }
    }

    private @Nullable Positions positions(long at, long start) throws IOException {
        synchronized (cache) {
            Positions known = cache.get(at);
            if (known != null) return known;
        }
        Optional<LogRecord> record = shared.read(at);
        if (record.isEmpty()) return null;
        Positions read = Positions.read(StoreRecord.decode(record.get()), start);
        synchronized (cache) {
            if (cache.put(at, read) == null) {
                cachedBytes += read.bytes();
            }
            var oldest = cache.values().iterator();
            while (cachedBytes > CACHE_BYTES && cache.size() > 1) {
                cachedBytes -= oldest.next().bytes();
                oldest.remove();
            }
        }
        return read;
    }

    /** Visits the ids that were live at the end of a sealed window. */
    void visitLive(Window window, Index.RangeVisitor visitor) throws IOException {
        WindowScan known = window.scan;
        Window.Seal seal = window.seal;
        if (known != null || seal == null) {
            (known == null ? scan(window) : known).visit(visitor);
            return;
        }
        try {
            Index.read(parts(shared, Kind.INDEX, seal.firstIndexPart(), seal.indexParts()), visitor);
        } catch (FieldReader.MalformedException | CorruptLogException e) {
            scan(window).visit(visitor);
        }
    }

    /** Returns the bytes of consecutive parts together. */
    static ByteBuffer parts(Log shared, Kind kind, long first, int count) throws IOException {
        FieldWriter all = new FieldWriter(1024);
        for (int i = 0; i < count; i++) {
            Optional<LogRecord> record = shared.read(first + i);
            if (record.isEmpty()) throw StoreRecord.corrupt(first + i, "a part of kind " + kind + " is missing");
            StoreRecord part = StoreRecord.decode(record.get());
            if (part.kind() != kind) {
                throw StoreRecord.corrupt(
                        part.place(), "a part of kind " + kind + " was expected, found " + part.kind());
            }
            all.writeBytes(part.body());
        }
        return all.toBuffer();
    }

    private WindowScan scan(Window window) throws IOException {
        WindowScan scan = WindowScan.of(shared, window.start, window.end, (number, id, from) -> true);
        window.scan = scan;
        return scan;
    }

    /** Reads the record of a log at a place; null if the place was trimmed. */
    @Nullable
    ByteBuffer readAt(long place, long number, long id) throws IOException {
        Optional<LogRecord> record = shared.read(place);
        if (record.isEmpty()) return null;
        return check(StoreRecord.decode(record.get()), number, id);
    }

    /** Returns the data of a record, with its rest, after a check that it is the record that is meant. */
    ByteBuffer check(StoreRecord record, long number, long id) throws IOException {
        if (!record.kind().hasData() || record.number() != number || record.id() != id) {
            throw StoreRecord.corrupt(
                    record.place(),
                    "record " + id + " of log " + number + " was expected, found " + record.kind() + " of record "
                            + record.id() + " of log " + record.number());
        }
        if (!record.continued()) return record.body();
        Optional<LogRecord> next = shared.read(record.place() + 1);
        if (next.isEmpty()) {
            throw StoreRecord.corrupt(record.place(), "the rest of its data is missing");
        }
        StoreRecord rest = StoreRecord.decode(next.get());
        if (rest.kind() != Kind.REST || rest.number() != number || rest.id() != id) {
            throw StoreRecord.corrupt(rest.place(), "the rest of record " + id + " of log " + number + " was expected");
        }
        ByteBuffer whole =
                ByteBuffer.allocate(record.body().remaining() + rest.body().remaining());
        return whole.put(record.body().duplicate()).put(rest.body().duplicate()).flip();
    }
}
