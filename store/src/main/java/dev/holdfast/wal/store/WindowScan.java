package dev.holdfast.wal.store;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * The live records of one window, found in the window itself because its index record is damaged. A record that was
 * appended in the window replaces a moved one: a record is only moved out of sealed windows, so the move was a dead
 * one. Of two moves of an id, the one from the later place was alive.
 */
final class WindowScan {
    /** Tells whether a move may have been alive. */
    @FunctionalInterface
    interface MoveCheck {
        boolean mayApply(long number, long id, long from);
    }

    private static final class Found {
        final Places appended = new Places();
        final TreeMap<Long, long[]> moved = new TreeMap<>(); // id to from and place
    }

    private final Map<Long, Found> logs = new HashMap<>();

    private WindowScan() {}

    /** Scans the places from {@code start} up to but not including {@code end}. */
    static WindowScan of(Log shared, long start, long end, MoveCheck moves) throws IOException {
        WindowScan scan = new WindowScan();
        try (LogCursor cursor = shared.cursor(start)) {
            while (cursor.next() && cursor.id() < end) {
                scan.add(StoreRecord.decode(cursor.id(), cursor.record().data()), moves);
            }
        }
        return scan;
    }

    private void add(StoreRecord record, MoveCheck moves) {
        Found log = logs.computeIfAbsent(record.number(), number -> new Found());
        long id = record.id();
        switch (record.kind()) {
            case APPEND, APPEND_AT -> {
                log.moved.remove(id);
                log.appended.put(id, record.place(), 1);
            }
            case MOVED -> {
                long[] known = log.moved.get(id);
                if (log.appended.recentPlace(id) == Places.NOWHERE
                        && (known == null || known[0] < record.from())
                        && moves.mayApply(record.number(), id, record.from())) {
                    log.moved.put(id, new long[] {record.from(), record.place()});
                }
            }
            case TRUNCATE -> {
                log.appended.truncate(id + 1);
                log.moved.tailMap(id, false).clear();
            }
            case TRIM -> {
                log.appended.trim(id + 1);
                log.moved.headMap(id, true).clear();
            }
            case RESET -> logs.put(record.number(), new Found());
            case DELETE -> logs.remove(record.number());
            case STORE, CREATE, REST, PUT, REMOVE, BOUNDARY, POSITIONS, INDEX, CHECKPOINT, SEAL -> {}
        }
    }

    long place(long number, long id) {
        Found log = logs.get(number);
        if (log == null) return Places.NOWHERE;
        long[] moved = log.moved.get(id);
        return moved != null ? moved[1] : log.appended.recentPlace(id);
    }

    /** Visits the ids of the live records. */
    void visit(Index.RangeVisitor visitor) {
        logs.forEach((number, log) -> {
            log.appended.visitRecent(0, Long.MAX_VALUE, (id, place, count) -> visitor.range(number, id, count));
            log.moved.keySet().forEach(id -> visitor.range(number, id, 1));
        });
    }
}
