package dev.holdfast.races;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.RecordsRemovedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;

/** Calls that the threads of a history make. The ids and payloads are few, so the calls affect each other. */
@Param(name = "id", gen = IntGen.class, conf = "0:5")
@Param(name = "number", gen = IntGen.class, conf = "100:103")
public abstract class LogOperations {
    final Log log;

    /** Starts with two records. Calls before the parallel part would cost a hand-over to the threads. */
    LogOperations(Log log) {
        this.log = log;
        try {
            appendTwo(1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Appends a record; the log assigns the id. */
    @Operation
    public long append(@Param(name = "number") int number) throws IOException {
        return log.append(Sample.bytes(number));
    }

    /** Appends a batch of two records. */
    @Operation
    public long appendTwo(@Param(name = "number") int number) throws IOException {
        return log.appendAll(List.of(Sample.buffer(number), Sample.buffer(number + 10)));
    }

    /** Removes the newest records. */
    @Operation
    public void truncate(@Param(name = "id") int lastToKeep) throws IOException {
        log.truncate(lastToKeep);
    }

    /** Removes the oldest records. */
    @Operation
    public void trim(@Param(name = "id") int discardUpTo) throws IOException {
        log.trim(discardUpTo);
    }

    /** Removes all records. */
    @Operation
    public void reset(@Param(name = "id") int nextId) throws IOException {
        log.reset(nextId);
    }

    /** Histories that read as well. Their appends have no explicit ids, so no append is refused. */
    public abstract static class WithReaders extends LogOperations {
        private final LogCursor open;

        WithReaders(Log log) {
            super(log);
            open = log.cursor(0);
        }

        /** Returns the next record of a cursor that stays open. Only one thread at a time uses the cursor. */
        @Operation(nonParallelGroup = "cursor")
        public String next() throws IOException {
            try {
                return open.next() ? open.id() + "=" + Sample.numberOf(open.data()) : "none";
            } catch (RecordsRemovedException e) {
                return "removed";
            }
        }

        /** Returns the number of a record. */
        @Operation
        public long read(@Param(name = "id") int id) throws IOException {
            return log.read(id).map(record -> Sample.numberOf(record.data())).orElse(-2L);
        }

        /** Returns the first record of a new cursor. */
        @Operation
        public String firstFrom(@Param(name = "id") int id) throws IOException {
            try (LogCursor cursor = log.cursor(id)) {
                return cursor.next() ? cursor.id() + "=" + Sample.numberOf(cursor.data()) : "none";
            }
        }

        @Operation
        public long firstId() {
            return log.firstId().orElse(-1);
        }

        @Operation
        public long lastId() {
            return log.lastId().orElse(-1);
        }

        @Operation
        public long nextId() {
            return log.nextId();
        }
    }

    /**
     * Histories that append with explicit ids but do not read. An explicit id is checked against queued appends, so an
     * append can be refused because of a record that no reader sees yet.
     */
    public abstract static class WithExplicitIds extends LogOperations {
        WithExplicitIds(Log log) {
            super(log);
        }

        /** Appends a record with an explicit id. The append may be refused. */
        @Operation
        public String appendAt(@Param(name = "id") int id, @Param(name = "number") int number) throws IOException {
            try {
                log.append(Sample.record(id, number));
                return "appended";
            } catch (IllegalArgumentException e) {
                return "refused";
            }
        }
    }
}
