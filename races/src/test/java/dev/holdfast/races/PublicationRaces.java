package dev.holdfast.races;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.storage.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;
import org.openjdk.jcstress.infra.results.LL_Result;

/**
 * Some threads append while others read. Every visible id belongs to a record that can be read intact, and no record
 * beyond the last id is visible.
 */
public class PublicationRaces {
    /** Enough records that the threads overlap, whichever starts first. */
    private static final int RECORDS = 48;

    private static final int LOOKS = 200;
    private static final int BATCH = 3;
    private static final int CUTS = 4;

    private static void appendSingly(Log log, int records) throws IOException {
        for (int number = 1; number <= records; number++) {
            log.append(Sample.bytes(number));
        }
    }

    private static void appendBatches(Log log) throws IOException {
        for (int number = 1; number <= RECORDS; number += BATCH) {
            log.appendAll(LongStream.range(number, number + BATCH)
                    .mapToObj(Sample::buffer)
                    .toList());
        }
    }

    /** Returns how many records were seen: none, all or between. Otherwise returns the violation. */
    private static String look(Log log, int batch) throws IOException {
        long least = RECORDS;
        long seen = 0;
        try (LogCursor cursor = log.cursor(0)) {
            for (int i = 0; i < LOOKS && seen < RECORDS; i++) {
                long last = log.lastId().orElse(0);
                least = Math.min(least, last);
                if (last % batch != 0) {
                    return "lastId() is " + last + ", within a batch";
                }
                if (last > 0 && Sample.numberOf(log.read(last).orElseThrow().data()) != last) {
                    return "lastId() is " + last + ", but read() does not return the record intact";
                }
                while (cursor.next()) {
                    seen++;
                    if (cursor.id() != seen || Sample.numberOf(cursor.data()) != seen) {
                        return "a cursor returns record " + cursor.id() + ", expected an intact record " + seen;
                    }
                    if (log.lastId().orElse(0) < seen) {
                        return "a cursor returns record " + seen + " before lastId() includes it";
                    }
                }
                if (seen < last) {
                    return "lastId() is " + last + ", but a cursor ends at " + seen;
                }
            }
        }
        return seen == 0 ? "none" : least == RECORDS ? "all" : "between";
    }

    @JCStressTest
    @Outcome(
            id = {"(disk|memory) done, none", "(disk|memory) done, all"},
            expect = ACCEPTABLE)
    @Outcome(id = "(disk|memory) done, between", expect = ACCEPTABLE_INTERESTING)
    @State
    public static class Visible {
        private final Start start = new Start();
        private final Kind kind = Kind.another();
        private final Log log = kind.open();

        @Actor
        public void writer(LL_Result result) {
            start.meet();
            result.r1 = kind + " " + Answer.done(() -> appendSingly(log, RECORDS));
        }

        @Actor
        public void reader(LL_Result result) {
            start.meet();
            result.r2 = Answer.of(() -> look(log, 1));
        }
    }

    @JCStressTest
    @Outcome(
            id = {"(disk|memory) done, none", "(disk|memory) done, all"},
            expect = ACCEPTABLE)
    @Outcome(id = "(disk|memory) done, between", expect = ACCEPTABLE_INTERESTING)
    @State
    public static class VisibleBatch {
        private final Start start = new Start();
        private final Kind kind = Kind.another();
        private final Log log = kind.open();

        @Actor
        public void writer(LL_Result result) {
            start.meet();
            result.r1 = kind + " " + Answer.done(() -> appendBatches(log));
        }

        @Actor
        public void reader(LL_Result result) {
            start.meet();
            result.r2 = Answer.of(() -> look(log, BATCH));
        }
    }

    /**
     * Waits for each record at the end of the log. There are few records, because the next append would wake a
     * forgotten reader.
     */
    private static String await(Log log) throws IOException, InterruptedException {
        try (LogCursor cursor = log.cursor(0)) {
            for (int number = 1; number <= BATCH; number++) {
                if (!Answer.wakes(cursor) || Sample.numberOf(cursor.data()) != number) {
                    return "record " + number + " is not intact";
                }
            }
            return "woken";
        }
    }

    @JCStressTest
    @Outcome(id = "(disk|memory) done, woken", expect = ACCEPTABLE)
    @State
    public static class Awaited {
        private final Start start = new Start();
        private final Kind kind = Kind.another();
        private final Log log = kind.open();

        @Actor
        public void writer(LL_Result result) {
            start.meet();
            result.r1 = kind + " " + Answer.done(() -> appendSingly(log, BATCH));
        }

        @Actor
        public void reader(LL_Result result) {
            start.meet();
            result.r2 = Answer.of(() -> await(log));
        }
    }

    /** Two appenders: each finds its records at the acknowledged ids, and sees them immediately. */
    private static String appendAndRead(Log log, int firstNumber) throws IOException {
        List<Long> ids = new ArrayList<>();
        for (int i = 0; i < BATCH; i++) {
            ids.add(log.append(Sample.bytes(firstNumber + i)));
            if (log.lastId().orElse(0) < ids.get(i)) {
                return "acknowledged record " + ids.get(i) + " is not visible";
            }
        }
        for (int i = 0; i < BATCH; i++) {
            if (Sample.numberOf(log.read(ids.get(i)).orElseThrow().data()) != firstNumber + i) {
                return "another record is at acknowledged id " + ids.get(i);
            }
        }
        return String.valueOf(ids.get(BATCH - 1));
    }

    @JCStressTest
    @Outcome(
            id = {"(disk|memory) 3, 6", "(disk|memory) 6, 3"},
            expect = ACCEPTABLE)
    @Outcome(
            id = {"(disk|memory) 4, 6", "(disk|memory) 5, 6", "(disk|memory) 6, 4", "(disk|memory) 6, 5"},
            expect = ACCEPTABLE_INTERESTING)
    @State
    public static class TwoAppenders {
        private final Start start = new Start();
        private final Kind kind = Kind.another();
        private final Log log = kind.open();

        @Actor
        public void one(LL_Result result) {
            start.meet();
            result.r1 = kind + " " + Answer.of(() -> appendAndRead(log, 100));
        }

        @Actor
        public void other(LL_Result result) {
            start.meet();
            result.r2 = Answer.of(() -> appendAndRead(log, 200));
        }
    }

    /** Futures of one thread: no future completes before an earlier future, and all complete in the end. */
    private static final class Futures {
        private final List<CompletableFuture<Long>> futures = new ArrayList<>();

        String append(Log log, int firstNumber) {
            for (int i = 0; i < BATCH; i++) {
                futures.add(log.appendAsync(Sample.buffer(firstNumber + i)));
            }
            boolean inOrder = true;
            for (int i = 0; i < LOOKS && inOrder && !futures.get(0).isDone(); i++) {
                Thread.yield();
                inOrder = areInOrder();
            }
            return inOrder && areInOrder() ? "in order" : "a future completed before an earlier future";
        }

        private boolean areInOrder() {
            boolean laterIsDone = false;
            for (int i = BATCH - 1; i >= 0; i--) {
                boolean done = futures.get(i).isDone();
                if (laterIsDone && !done) {
                    return false;
                }
                laterIsDone |= done;
            }
            return true;
        }

        String outcome(Log log, int firstNumber) throws IOException {
            long before = 0;
            for (int i = 0; i < BATCH; i++) {
                long id = futures.get(i).join();
                if (id <= before || Sample.numberOf(log.read(id).orElseThrow().data()) != firstNumber + i) {
                    return "record " + id + " was acknowledged after record " + before
                            + ", or has another appender's bytes";
                }
                before = id;
            }
            return "kept";
        }
    }

    @JCStressTest
    @Outcome(id = "(disk|memory) in order, in order, kept kept", expect = ACCEPTABLE)
    @State
    public static class FuturesComplete {
        private final Start start = new Start();
        private final Kind kind = Kind.another();
        private final Log log = kind.open();
        private final Futures one = new Futures();
        private final Futures other = new Futures();

        @Actor
        public void one(LLL_Result result) {
            start.meet();
            result.r1 = kind + " " + Answer.of(() -> one.append(log, 100));
        }

        @Actor
        public void other(LLL_Result result) {
            start.meet();
            result.r2 = Answer.of(() -> other.append(log, 200));
        }

        @Arbiter
        public void after(LLL_Result result) {
            result.r3 = Answer.of(() -> one.outcome(log, 100) + " " + other.outcome(log, 200));
        }
    }

    /**
     * Disks after a power failure at moments at which a record was visible or acknowledged, with the expected records.
     */
    private static final class PowerCuts {
        private final SyncedStorage storage;
        private final List<Storage> disks = new ArrayList<>();
        private final List<Long> ids = new ArrayList<>();
        private final List<Long> numbers = new ArrayList<>();

        PowerCuts(SyncedStorage storage) {
            this.storage = storage;
        }

        private void cut(long id, long number) {
            disks.add(storage.afterPowerLoss());
            ids.add(id);
            numbers.add(number);
        }

        /** Takes a disk each time another record becomes visible. */
        String whenVisible(Log log) {
            long seen = 0;
            for (int i = 0; i < LOOKS && disks.size() < CUTS; i++) {
                long last = log.lastId().orElse(0);
                if (last > seen) {
                    cut(last, last);
                    seen = last;
                }
            }
            return "done";
        }

        /** Takes a disk after each append. */
        String whenAcknowledged(Log log, int firstNumber) throws IOException {
            for (int i = 0; i < CUTS; i++) {
                cut(log.append(Sample.bytes(firstNumber + i)), firstNumber + i);
            }
            return "done";
        }

        String kept() throws IOException {
            for (int i = 0; i < disks.size(); i++) {
                try (Log log = Logs.open(disks.get(i))) {
                    Optional<LogRecord> record = log.read(ids.get(i));
                    if (record.isEmpty() || Sample.numberOf(record.get().data()) != numbers.get(i)) {
                        return "record " + ids.get(i)
                                + " was visible or acknowledged, but is missing after the power failure";
                    }
                }
            }
            return "kept";
        }
    }

    @JCStressTest
    @Outcome(id = "done, done, kept", expect = ACCEPTABLE)
    @State
    public static class VisibleSurvives {
        private final Start start = new Start();
        private final SyncedStorage storage = new SyncedStorage();
        private final Log log = Logs.open(storage);
        private final PowerCuts cuts = new PowerCuts(storage);

        @Actor
        public void writer(LLL_Result result) {
            start.meet();
            result.r1 = Answer.done(() -> appendSingly(log, RECORDS));
        }

        @Actor
        public void reader(LLL_Result result) {
            start.meet();
            result.r2 = Answer.of(() -> cuts.whenVisible(log));
        }

        @Arbiter
        public void after(LLL_Result result) {
            result.r3 = Answer.of(cuts::kept);
        }
    }

    @JCStressTest
    @Outcome(id = "done, done, kept kept", expect = ACCEPTABLE)
    @State
    public static class AcknowledgedSurvives {
        private final Start start = new Start();
        private final SyncedStorage storage = new SyncedStorage();
        private final Log log = Logs.open(storage);
        private final PowerCuts one = new PowerCuts(storage);
        private final PowerCuts other = new PowerCuts(storage);

        @Actor
        public void one(LLL_Result result) {
            start.meet();
            result.r1 = Answer.of(() -> one.whenAcknowledged(log, 100));
        }

        @Actor
        public void other(LLL_Result result) {
            start.meet();
            result.r2 = Answer.of(() -> other.whenAcknowledged(log, 200));
        }

        @Arbiter
        public void after(LLL_Result result) {
            result.r3 = Answer.of(() -> one.kept() + " " + other.kept());
        }
    }
}
