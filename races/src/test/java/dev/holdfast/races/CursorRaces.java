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
 * One thread uses a cursor, another closes it or changes the log: what is shown is right, or an exception says why
 * nothing is.
 */
public class CursorRaces {
    private static final int RECORDS = 4;
    private static final int LOOKS = 50;

    /** The last record of a log that has rolled, by batches of so many. */
    private static final int LAST = 34;

    private static final int BATCH = 10;

    /** A log with records 1 to 4 whose number is their id. */
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

    /** Reads to the end, and looks at each record three times. */
    private static String readAll(LogCursor cursor) throws IOException {
        for (int number = 1; number <= RECORDS; number++) {
            if (!cursor.next()) {
                return "the cursor ends before record " + number;
            }
            if (cursor.id() != number || Sample.numberOf(cursor.record().data()) != number) {
                return "record " + number + " is not shown whole";
            }
        }
        return "read";
    }

    /**
     * A window given back twice would be lent to two cursors at once, and one would show the other's record. A file
     * given back twice would be closed while one of them still reads it.
     */
    private static String twoMore(Log log, int last) throws IOException {
        try (LogCursor first = log.cursor(1)) {
            try (LogCursor second = log.cursor(last)) {
                boolean shown = first.next() && second.next();
                if (!shown || Sample.numberOf(first.data()) != 1 || Sample.numberOf(second.data()) != last) {
                    return "two cursors share a buffer";
                }
            }
            log.append(Sample.bytes(last + 1));
            for (int number = 2; number <= last + 1; number++) {
                if (!first.next() || Sample.numberOf(first.data()) != number) {
                    return "a cursor does not go on beside one that was closed";
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
            result.r1 = kind + " " + Told.by(() -> readAll(cursor));
        }

        @Actor
        public void closer(LLL_Result result) {
            start.meet();
            result.r2 = Told.done(cursor::close);
        }

        @Arbiter
        public void after(LLL_Result result) {
            result.r3 = Told.by(() -> twoMore(log, RECORDS));
        }
    }

    /** Looks at a view while another closes the cursor and a third reader asks for a buffer. */
    private static String lookAt(LogCursor cursor) throws IOException {
        boolean right = cursor.next();
        for (int i = 0; i < LOOKS && right; i++) {
            ByteBuffer view = cursor.data();
            RamStorage.pause();
            right = Sample.numberOf(view) == 1;
        }
        return right ? "right" : "the view of record 1 shows other bytes";
    }

    /** A log whose last record is in another file than its first, and so at another place in a buffer. */
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
            return other.next() && Sample.numberOf(other.data()) == LAST ? "read" : "not whole";
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
            result.r1 = kind + " " + Told.by(() -> lookAt(cursor));
        }

        @Actor
        public void closer(LLL_Result result) {
            start.meet();
            result.r2 = Told.by(() -> closeAndRead(log, cursor));
        }

        @Arbiter
        public void after(LLL_Result result) {
            result.r3 = Told.by(() -> twoMore(log, LAST));
        }
    }

    private static String waitAtTheEnd(LogCursor cursor) throws IOException, InterruptedException {
        return Told.wakes(cursor) ? "shows a record" : "nobody wakes the reader";
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
            result.r1 = kind + " " + Told.by(() -> waitAtTheEnd(cursor));
        }

        @Actor
        public void closer(LL_Result result) {
            start.meet();
            result.r2 = Told.done(cursor::close);
        }
    }

    private static String useClosed(Log log, LogCursor cursor) throws IOException {
        boolean refused = Told.done(cursor::next).equals(Told.CLOSED)
                && Told.done(cursor::id).equals(Told.CLOSED)
                && Told.done(cursor::data).equals(Told.CLOSED)
                && Told.done(cursor::record).equals(Told.CLOSED)
                && Told.done(() -> cursor.next(Duration.ZERO)).equals(Told.CLOSED);
        return refused ? twoMore(log, RECORDS) : "a closed cursor is of use";
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
            result.r1 = kind + " " + Told.done(cursor::close);
        }

        @Actor
        public void other(LLL_Result result) {
            start.meet();
            result.r2 = Told.done(cursor::close);
        }

        @Arbiter
        public void after(LLL_Result result) {
            result.r3 = Told.by(() -> useClosed(log, cursor));
        }
    }

    /** What a writer does, and when it has returned: what is gone by then is shown to nobody who asks later. */
    private static final class Removal {
        private volatile boolean returned;

        /** Records 3 and 4 go and come again with other bytes, and another one behind them. */
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

    /** Looks again and again: the old records or the new ones, never a new one behind an old one that is gone. */
    private static String follow(LogCursor cursor, Removal removal) throws IOException {
        boolean replaced = false;
        boolean old = false;
        try {
            long id = 1;
            for (int i = 0; i < LOOKS; i++) {
                RamStorage.pause(); // or it would be at the end before the writer has begun
                boolean gone = removal.returned;
                if (!cursor.next()) {
                    continue;
                }
                long number = Sample.numberOf(cursor.data());
                if (cursor.id() != id || (number != id && (number != id + 10 || id <= 2))) {
                    return "record " + id + " has the bytes of " + number;
                }
                if (gone && id > 2 && number == id) {
                    return "record " + id + " is shown after it was truncated";
                }
                replaced |= number == id + 10;
                old |= number == id && id > 2;
                id++;
            }
        } catch (RecordsRemovedException e) {
            return old && !replaced ? "removed" : "removed, though it stood before what was truncated";
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
            result.r1 = kind + " " + Told.by(() -> follow(cursor, removal));
        }

        @Actor
        public void writer(LL_Result result) {
            start.meet();
            result.r2 = Told.done(() -> removal.replaceTheLast(log));
        }
    }

    /** Begins where it may, and then misses none. */
    private static String followTrimmed(LogCursor cursor, Removal removal) throws IOException {
        long before = 0;
        try {
            while (true) {
                RamStorage.pause(); // or it would be at the end before the writer has begun
                boolean gone = removal.returned;
                if (!cursor.next()) {
                    break;
                }
                if (gone && cursor.id() <= 3) {
                    return "record " + cursor.id() + " is shown after it was trimmed";
                }
                if (before != 0 && cursor.id() != before + 1) {
                    return "skips from record " + before + " to " + cursor.id();
                }
                before = cursor.id();
                if (Sample.numberOf(cursor.data()) != before) {
                    return "record " + before + " is not whole";
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
            result.r1 = kind + " " + Told.by(() -> followTrimmed(cursor, removal));
        }

        @Actor
        public void writer(LL_Result result) {
            start.meet();
            result.r2 = Told.done(() -> removal.trim(log));
        }
    }

    /** One of several readers of one file: by id, and by cursors that come and go. */
    private static String comeAndGo(Log log) throws IOException {
        for (int i = 0; i < LOOKS; i++) {
            int number = 1 + i % RECORDS;
            try (LogCursor cursor = log.cursor(number)) {
                if (!cursor.next() || Sample.numberOf(cursor.data()) != number) {
                    return "a cursor does not show record " + number + " whole";
                }
            }
            if (Sample.numberOf(log.read(number).orElseThrow().data()) != number) {
                return "record " + number + " is not read whole";
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
            result.r1 = kind + " " + Told.by(() -> comeAndGo(log));
        }

        @Actor
        public void other(LL_Result result) {
            start.meet();
            result.r2 = Told.by(() -> comeAndGo(log));
        }
    }
}
