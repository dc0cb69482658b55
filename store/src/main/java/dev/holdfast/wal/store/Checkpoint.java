package dev.holdfast.wal.store;

import dev.holdfast.wal.ids.IdSpan;
import dev.holdfast.wal.store.FieldReader.MalformedException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The state of all logs at the end of a window, and where the seals of the earlier windows are.
 *
 * @param windows the earlier windows, oldest first, without the window of the checkpoint itself
 * @param logs the living logs
 */
record Checkpoint(List<KnownWindow> windows, List<LogState> logs) {
    /** A sealed window, and the place of its seal. */
    record KnownWindow(long ordinal, long start, long end, long seal, long bytes) {}

    /** Writes a checkpoint. First all windows are added, then all logs. */
    static final class Encoder {
        private final FieldWriter fields = new FieldWriter(1024);
        private final FieldWriter logs = new FieldWriter(1024);
        private int logCount;

        Encoder(List<Window> sealed) {
            fields.writeNumber(sealed.size());
            long end = 0;
            long ordinal = 0;
            for (Window window : sealed) {
                Window.Seal seal = window.seal;
                if (seal == null) throw new AssertionError("not sealed: " + window);
                fields.writeNumber(window.ordinal - ordinal).writeNumber(window.start - end);
                fields.writeNumber(window.end - window.start).writeNumber(seal.place() - window.end);
                fields.writeNumber(window.bytes.get());
                end = window.end;
                ordinal = window.ordinal;
            }
        }

        void add(long number, String name, LogState.Captured log) {
            IdSpan ids = log.ids();
            logs.writeNumber(number).writeText(name);
            logs.writeNumber(ids.first()).writeNumber(ids.next() - ids.first()).writeByte(ids.pinned() ? 1 : 0);
            logs.writeNumber(log.liveBytes()).writeNumber(log.values().size());
            log.values().forEach((key, value) -> logs.writeText(key).writeBlock(value));
            logCount++;
        }

        List<ByteBuffer> parts() {
            fields.writeNumber(logCount).writeBytes(logs.toBuffer());
            return Index.parts(fields.toBuffer());
        }
    }

    static Checkpoint read(ByteBuffer all) throws MalformedException {
        FieldReader fields = new FieldReader(all);
        List<KnownWindow> windows = new ArrayList<>();
        int windowCount = fields.readCount(5);
        long end = 0;
        long ordinal = 0;
        for (int i = 0; i < windowCount; i++) {
            ordinal += fields.readNumber();
            long start = end + fields.readNumber();
            end = start + fields.readNumber();
            long seal = end + fields.readNumber();
            windows.add(new KnownWindow(ordinal, start, end, seal, fields.readNumber()));
        }
        List<LogState> logs = new ArrayList<>();
        int logCount = fields.readCount(7);
        for (int i = 0; i < logCount; i++) {
            logs.add(readLog(fields));
        }
        if (!fields.isAtEnd()) throw new MalformedException("bytes follow the last log of a checkpoint");
        return new Checkpoint(windows, logs);
    }

    private static LogState readLog(FieldReader fields) throws MalformedException {
        long number = fields.readNumber();
        String name = fields.readText();
        long first = fields.readNumber();
        long count = fields.readNumber();
        boolean pinned = fields.readByte() == 1;
        long liveBytes = fields.readNumber();
        if (count > Long.MAX_VALUE - first || (pinned && count > 0)) {
            throw new MalformedException("log " + number + " would hold " + count + " records from " + first + " on");
        }
        IdSpan ids = new IdSpan(first, first + count);
        if (pinned) {
            ids.pin();
        }
        int valueCount = fields.readCount(2);
        Map<String, ByteBuffer> values = new TreeMap<>();
        for (int i = 0; i < valueCount; i++) {
            String key = fields.readText();
            values.put(key, fields.readBlock());
        }
        return new LogState(number, name, ids, values, liveBytes);
    }
}
