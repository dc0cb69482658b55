package dev.holdfast.races;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.RecordsRemovedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.stream.LongStream;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;
import org.openjdk.jcstress.infra.results.LL_Result;

/**
 * One thread uses a cursor while another thread closes the cursor or changes the log. The cursor returns correct
 * records or throws an exception that names the reason.
 */
public class CursorRaces {
    private static final int RECORDS = 4;
    private static final int LOOKS = 50;

    /** Id of the last record of a log that has rolled. The log was filled in batches of {@link #BATCH} records. */
    private static final int LAST = 34;

    private static final int BATCH = 10;

    /** Appends records 1 to 4, whose numbers are their ids. */
    private static Log filled(Log log) {
        try {
            for (int number = 1; number <= RECORDS; number++) {
                log.append(Sample.bytes(number));
            }
            return log;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads to the end. Checks the id, the record and the data of each record. */
    private static String readAll(LogCursor cursor) throws IOException {
        for (int number = 1; number <= RECORDS; number++) {
            if (!cursor.next()) {
                return "the cursor ends before record " + number;
            }
            if (cursor.id() != number || Sample.numberOf(cursor.record().data()) != number) {
                return "record " + number + " is not returned intact";
            }
        }
        return "read";
    }

    /**
     * Checks that two further cursors are independent. A buffer returned twice would be lent to both, and one would
     * return the other's record. A file released twice would be closed while one of them reads it.
     */
    private static String twoMore(Log log, int last) throws IOException {
        try (LogCursor first = log.cursor(1)) {
            try (LogCursor second = log.cursor(last)) {
                boolean found = first.next() && second.next();
                if (!found || Sample.numberOf(first.data()) != 1 || Sample.numberOf(second.data()) != last) {
                    return "two cursors share a buffer";
                }
            }
            log.append(Sample.bytes(last + 1));
            for (int number = 2; number <= last + 1; number++) {
                if (!first.next() || Sample.numberOf(first.data()) != number) {
                    return "a cursor does not continue after another cursor was closed";
                }
            }
            return "apart";
        }
    }

    @JCStressTest
    @Outcome(id = "(disk|memory) (read|closed), done, apart", expect = ACCEPTABLE)
    @State
    public static class ClosedWhileReading {
        private final Start start = new Start();
        private final Kind kind = Kind.another();
        private final Log log = filled(kind.open());
        private final LogCursor cursor = log.cursor(0);

        @Actor
        public void reader(LLL_Result result) {
            start.meet();
            result.r1 = kind + " " + Answer.of(() -> readAll(cursor));
        }

        @Actor
        public void closer(LLL_Result result) {
            start.meet();
            result.r2 = Answer.done(cursor::close);
        }

        @Arbiter
        public void after(LLL_Result result) {
            result.r3 = Answer.of(() -> twoMore(log, RECORDS));
        }
    }

    /**
     * Reads a view repeatedly while another thread closes the cursor and opens another cursor, which needs a buffer.
     */
    private static String lookAt(LogCursor cursor) throws IOException {
        boolean right = cursor.next();
        for (int i = 0; i < LOOKS && right; i++) {
            ByteBuffer view = cursor.data();
            SlowStorage.pause();
            right = Sample.numberOf(view) == 1;
        }
        return right ? "right" : "the view of record 1 has other bytes";
    }

    /**
     * Rolls the log, so its last record is in another file than its first record, and therefore at another place in a
     * buffer.
     */
    private static Log rolled(Log log) {
        try {
            for (int number = RECORDS + 1; number <= LAST; number += BATCH) {
                log.appendAll(LongStream.range(number, number + BATCH)
                        .mapToObj(Sample::buffer)
                        .toList());
            }
            return log;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String closeAndRead(Log log, LogCursor cursor) throws IOException {
        cursor.close();
        try (LogCursor other = log.cursor(LAST)) {
            return other.next() && Sample.numberOf(other.data()) == LAST ? "read" : "a record is not intact";
        }
    }

    private static LogCursor atTheFirst(Log log) {
        LogCursor cursor = log.cursor(1);
        try {
            cursor.next();
            return cursor;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @JCStressTest
    @Outcome(id = "(disk|memory) (right|closed), read, apart", expect = ACCEPTABLE)
    @State
    public static class ClosedWhileLookedAt {
        private final Start start = new Start();
        private final Kind kind = Kind.another();
        private final Log log = rolled(filled(kind.open()));
        private final LogCursor cursor = log.cursor(0);

        @Actor
        public void reader(LLL_Result result) {
            start.meet();
            result.r1 = kind + " " + Answer.of(() -> lookAt(cursor));
        }

        @Actor
        public void closer(LLL_Result result) {
            start.meet();
            result.r2 = Answer.of(() -> closeAndRead(log, cursor));
        }

        @Arbiter
        public void after(LLL_Result result) {
            result.r3 = Answer.of(() -> twoMore(log, LAST));
        }
    }

    private static String waitAtTheEnd(LogCursor cursor) throws IOException, InterruptedException {
        return Answer.wakes(cursor) ? "returns a record" : "the reader was not woken";
    }

    @JCStressTest
    @Outcome(id = "(disk|memory) closed, done", expect = ACCEPTABLE)
    @State
    public static class ClosedWhileWaiting {
        private final Start start = new Start();
        private final Kind kind = Kind.another();
        private final Log log = kind.open();
        private final LogCursor cursor = log.cursor(0);

        @Actor
        public void reader(LL_Result result) {
            start.meet();
            result.r1 = kind + " " + Answer.of(() -> waitAtTheEnd(cursor));
        }

        @Actor
        public void closer(LL_Result result) {
            start.meet();
            result.r2 = Answer.done(cursor::close);
        }
    }

    private static String useClosed(Log log, LogCursor cursor) throws IOException {
        boolean refused = Answer.done(cursor::next).equals(Answer.CLOSED)
                && Answer.done(cursor::id).equals(Answer.CLOSED)
                && Answer.done(cursor::data).equals(Answer.CLOSED)
                && Answer.done(cursor::record).equals(Answer.CLOSED)
                && Answer.done(() -> cursor.next(Duration.ZERO)).equals(Answer.CLOSED);
        return refused ? twoMore(log, RECORDS) : "a closed cursor accepts a call";
    }

    @JCStressTest
    @Outcome(id = "(disk|memory) done, done, apart", expect = ACCEPTABLE)
    @State
    public static class ClosedByTwo {
        private final Start start = new Start();
        private final Kind kind = Kind.another();
        private final Log log = filled(kind.open());
        private final LogCursor cursor = atTheFirst(log);

        @Actor
        public void one(LLL_Result result) {
            start.meet();
            result.r1 = kind + " " + Answer.done(cursor::close);
        }

        @Actor
        public void other(LLL_Result result) {
            start.meet();
            result.r2 = Answer.done(cursor::close);
        }

        @Arbiter
        public void after(LLL_Result result) {
            result.r3 = Answer.of(() -> useClosed(log, cursor));
        }
    }

    /**
     * The change of a writer, and whether its call has returned. From then on, later calls must not return removed
     * records.
     */
    private static final class Removal {
        private volatile boolean returned;

        /** Replaces records 3 and 4 by records with other bytes, and appends one more. */
        void replaceTheLast(Log log) throws IOException {
            log.truncate(2);
            returned = true;
            log.append(Sample.bytes(13));
            log.append(Sample.bytes(14));
            log.append(Sample.bytes(15));
        }

        void trim(Log log) throws IOException {
            log.trim(3);
            returned = true;
        }
    }

    /**
     * Reads repeatedly. The cursor must return only old records or only new records, never a new record after a removed
     * old record.
     */
    private static String follow(LogCursor cursor, Removal removal) throws IOException {
        boolean replaced = false;
        boolean old = false;
        try {
            long id = 1;
            for (int i = 0; i < LOOKS; i++) {
                SlowStorage.pause(); // without the pause, the reader would be at the end before the writer starts
                boolean gone = removal.returned;
                if (!cursor.next()) {
                    continue;
                }
                long number = Sample.numberOf(cursor.data());
                if (cursor.id() != id || (number != id && (number != id + 10 || id <= 2))) {
                    return "record " + id + " has the bytes of " + number;
                }
                if (gone && id > 2 && number == id) {
                    return "record " + id + " is returned after it was truncated";
                }
                replaced |= number == id + 10;
                old |= number == id && id > 2;
                id++;
            }
        } catch (RecordsRemovedException e) {
            return old && !replaced
                    ? "removed"
                    : "reports removed records although its position is before the truncation";
        }
        return replaced && old ? "old and new records mixed" : replaced ? "new" : old ? "old" : "kept";
    }

    @JCStressTest
    @Outcome(id = "(disk|memory) (old|new), done", expect = ACCEPTABLE)
    @Outcome(id = "(disk|memory) (removed|kept), done", expect = ACCEPTABLE_INTERESTING)
    @State
    public static class Truncated {
        private final Start start = new Start();
        private final Kind kind = Kind.another();
        private final Log log = filled(kind.open());
        private final LogCursor cursor = log.cursor(0);
        private final Removal removal = new Removal();

        @Actor
        public void reader(LL_Result result) {
            start.meet();
            result.r1 = kind + " " + Answer.of(() -> follow(cursor, removal));
        }

        @Actor
        public void writer(LL_Result result) {
            start.meet();
            result.r2 = Answer.done(() -> removal.replaceTheLast(log));
        }
    }

    /** Reads from any start, and then must not skip a record. */
    private static String followTrimmed(LogCursor cursor, Removal removal) throws IOException {
        long before = 0;
        try {
            while (true) {
                SlowStorage.pause(); // without the pause, the reader would be at the end before the writer starts
                boolean gone = removal.returned;
                if (!cursor.next()) {
                    break;
                }
                if (gone && cursor.id() <= 3) {
                    return "record " + cursor.id() + " is returned after it was trimmed";
                }
                if (before != 0 && cursor.id() != before + 1) {
                    return "skips from record " + before + " to " + cursor.id();
                }
                before = cursor.id();
                if (Sample.numberOf(cursor.data()) != before) {
                    return "record " + before + " is not intact";
                }
            }
        } catch (RecordsRemovedException e) {
            return before == 1 || before == 2 ? "trimmed" : "trimmed after record " + before;
        }
        return before == RECORDS ? "read" : "ends at record " + before;
    }

    @JCStressTest
    @Outcome(id = "(disk|memory) read, done", expect = ACCEPTABLE)
    @Outcome(id = "(disk|memory) trimmed, done", expect = ACCEPTABLE_INTERESTING)
    @State
    public static class Trimmed {
        private final Start start = new Start();
        private final Kind kind = Kind.another();
        private final Log log = filled(kind.open());
        private final LogCursor cursor = log.cursor(0);
        private final Removal removal = new Removal();

        @Actor
        public void reader(LL_Result result) {
            start.meet();
            result.r1 = kind + " " + Answer.of(() -> followTrimmed(cursor, removal));
        }

        @Actor
        public void writer(LL_Result result) {
            start.meet();
            result.r2 = Answer.done(() -> removal.trim(log));
        }
    }

    /** Reads a shared file by id and by short-lived cursors. Several threads run this concurrently. */
    private static String comeAndGo(Log log) throws IOException {
        for (int i = 0; i < LOOKS; i++) {
            int number = 1 + i % RECORDS;
            try (LogCursor cursor = log.cursor(number)) {
                if (!cursor.next() || Sample.numberOf(cursor.data()) != number) {
                    return "a cursor does not return record " + number + " intact";
                }
            }
            if (Sample.numberOf(log.read(number).orElseThrow().data()) != number) {
                return "record " + number + " is not read intact";
            }
        }
        return "read";
    }

    @JCStressTest
    @Outcome(id = "(disk|memory) read, read", expect = ACCEPTABLE)
    @State
    public static class TwoReaders {
        private final Start start = new Start();
        private final Kind kind = Kind.another();
        private final Log log = filled(kind.open());

        @Actor
        public void one(LL_Result result) {
            start.meet();
            result.r1 = kind + " " + Answer.of(() -> comeAndGo(log));
        }

        @Actor
        public void other(LL_Result result) {
            start.meet();
            result.r2 = Answer.of(() -> comeAndGo(log));
        }
    }
}
