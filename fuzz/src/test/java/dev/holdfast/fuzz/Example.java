package dev.holdfast.fuzz;

import dev.holdfast.testkit.explorer.SimulatedEnvironment;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.commit.LogSettings;
import dev.holdfast.wal.engine.StoredLog;
import dev.holdfast.wal.format.Checksum;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.storage.HeapStorage;
import dev.holdfast.wal.storage.Storage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Valid logs that the fuzz tests modify. Each has a feature that the others lack. */
enum Example {
    NOTHING(false) {
        @Override
        void fill(Log log) {}
    },
    CLOSED(true) {
        @Override
        void fill(Log log) throws IOException {
            append(log, 40, 300, 5);
        }
    },
    KILLED(false) {
        @Override
        void fill(Log log) throws IOException {
            append(log, 30, 100, 700, 700);
        }
    },
    ROLLED(false) {
        @Override
        void fill(Log log) throws IOException {
            append(log, 2000, 2000, 2000, 50);
        }
    },
    CUT(true) {
        @Override
        void fill(Log log) throws IOException {
            append(log, 900, 900, 900, 900, 900);
            log.truncate(4);
            append(log, 60);
        }
    },
    CUT_BY_COPY(false) {
        @Override
        void fill(Log log) throws IOException {
            append(log, 200, 200, 200);
            log.truncate(2);
            append(log, 80);
        }
    },
    TRIMMED(false) {
        @Override
        void fill(Log log) throws IOException {
            append(log, 2000, 2000, 100, 100);
            log.trim(3);
            append(log, 90);
        }
    },
    RESET(true) {
        @Override
        void fill(Log log) throws IOException {
            append(log, 100);
            log.reset(500);
        }
    };

    private final HeapStorage directory;

    Example(boolean closed) {
        directory = new HeapStorage();
        try {
            SimulatedEnvironment workers = new SimulatedEnvironment(ordinal());
            StoredLog log = open(directory, workers);
            fill(log);
            workers.runAll();
            if (closed) {
                log.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    abstract void fill(Log log) throws IOException;

    /** Returns settings with the smallest possible segments. */
    static LogSettings settings() {
        return new LogSettings(8 << 10, 8 << 10, 16 << 10, 1 << 20, true, 8);
    }

    static StoredLog open(Storage storage, SimulatedEnvironment workers) throws IOException {
        return StoredLog.open(storage, settings(), workers.environment());
    }

    /** Appends one record of each size, and then a batch of two records. */
    private static void append(Log log, int... sizes) throws IOException {
        for (int size : sizes) {
            log.append(new byte[size]);
        }
        long next = log.nextId();
        log.append(LogRecord.of(next, new byte[3]), LogRecord.of(next + 1, ByteBuffer.allocate(4)));
    }

    /** Returns the header of one of the log's segments. */
    SegmentHeader header(String name) {
        byte[] block = Arrays.copyOf(directory.snapshot().get(name), Layout.HEADER_BYTES);
        return ((SegmentHeader.Parsed.Valid) SegmentHeader.parse(block, new Checksum())).header();
    }

    /** Returns a copy of the log's files. */
    HeapStorage files() {
        return directory.copy();
    }
}
