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

/** What the threads of a history call. Ids and payloads are few, so that threads meet. */
@Param(name = "id", gen = IntGen.class, conf = "0:5")
@Param(name = "number", gen = IntGen.class, conf = "100:103")
public abstract class LogOperations {
    final Log log;

    /** With two records from the start, as all that comes before the threads costs them a hand-over. */
    LogOperations(Log log) {
        this.log = log;
        try {
            appendTwo(1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An assigned append. */
    @Operation
    public long append(@Param(name = "number") int number) throws IOException {
        return log.append(Sample.bytes(number));
    }

    /** A batch of two. */
    @Operation
    public long appendTwo(@Param(name = "number") int number) throws IOException {
        return log.appendAll(List.of(Sample.buffer(number), Sample.buffer(number + 10)));
    }

    /** Drops the newest. */
    @Operation
    public void truncate(@Param(name = "id") int lastToKeep) throws IOException {
        log.truncate(lastToKeep);
    }

    /** Drops the oldest. */
    @Operation
    public void trim(@Param(name = "id") int discardUpTo) throws IOException {
        log.trim(discardUpTo);
    }

    /** Drops all. */
    @Operation
    public void reset(@Param(name = "id") int nextId) throws IOException {
        log.reset(nextId);
    }

    /** Those that look as well, and whose explicit ids are never refused. */
    public abstract static class WithReaders extends LogOperations {
        private final LogCursor open;

        WithReaders(Log log) {
            super(log);
            open = log.cursor(0);
        }

        /** What a cursor shows next that was open all the time; its user is one thread at a time. */
        @Operation(nonParallelGroup = "cursor")
        public String next() throws IOException {
            try {
                return open.next() ? open.id() + "=" + Sample.numberOf(open.data()) : "none";
            } catch (RecordsRemovedException e) {
                return "removed";
            }
        }

        /** The number of a record. */
        @Operation
        public long read(@Param(name = "id") int id) throws IOException {
            return log.read(id).map(record -> Sample.numberOf(record.data())).orElse(-2L);
        }

        /** The first record that a new cursor shows. */
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
     * Those that also append with ids of their own, and do not look: an explicit id is held against what is queued, so
     * that one may be refused for a record that no reader sees yet.
     */
    public abstract static class WithExplicitIds extends LogOperations {
        WithExplicitIds(Log log) {
            super(log);
        }

        /** An explicit append, which may be refused. */
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
