package dev.holdfast.races;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import dev.holdfast.wal.CallRefusedException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogFailedException;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.memory.MemoryLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;

/**
 * One thread closes the log, or its disk fails, while another thread calls the log. The call is complete and durable,
 * or it is refused without a trace, and no thread hangs.
 */
public class CloseRaces {
    private static final int RECORDS = 4;

    /** Enough records that segments roll. */
    private static final int ALL = 200;

    /** Fewer writes than two appenders need. */
    private static final int WRITES = 8;

    /** The call that runs concurrently with the close. Each state uses the next call in turn. */
    private enum Call {
        APPEND("1 2 3 4 5"),
        BATCH("1 2 3 4 5 6"),
        PUT("1 2 3 4 5"),
        ASYNC("1 2 3 4 5"),
        TRUNCATE("1 2"),
        TRIM("3 4"),
        RESET(""),
        SYNC("1 2 3 4"),
        READ("1 2 3 4"),
        NEXT("1 2 3 4"),
        AWAIT("1 2 3 4"),
        CLOSE("1 2 3 4"),
        STATS("1 2 3 4");

        private static final AtomicInteger TURN = new AtomicInteger();

        /** Contents of the log after the call. */
        private final String after;

        Call(String after) {
            this.after = after;
        }

        static Call another() {
            return values()[Math.floorMod(TURN.getAndIncrement(), values().length)];
        }
    }

    /** A log with records 1 to 4, and a call of that log. */
    private static final class Meeting {
        private final Call call = Call.another();
        private final Log log;
        private final LogCursor atTheStart;
        private final LogCursor atTheEnd;
        private CompletableFuture<Long> future = CompletableFuture.completedFuture(5L);
        private String given = "";

        Meeting(Log log) {
            this.log = log;
            this.atTheStart = log.cursor(0);
            this.atTheEnd = log.cursor(RECORDS + 1);
            try {
                for (int number = 1; number <= RECORDS; number++) {
                    log.append(Sample.bytes(number));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        String make() {
            given = Answer.of(this::answer);
            return call.name().toLowerCase(Locale.ROOT) + " " + given;
        }

        private String answer() throws IOException, InterruptedException {
            boolean right = true;
            switch (call) {
                case APPEND -> right = log.append(Sample.bytes(5)) == 5;
                case BATCH -> right = log.appendAll(List.of(Sample.buffer(5), Sample.buffer(6))) == 5;
                case PUT -> log.append(Sample.record(5, 5));
                case ASYNC -> future = log.appendAsync(Sample.buffer(5));
                case TRUNCATE -> log.truncate(2);
                case TRIM -> log.trim(2);
                case RESET -> log.reset(50);
                case SYNC -> log.sync();
                case READ -> right = Sample.numberOf(log.read(3).orElseThrow().data()) == 3;
                case NEXT -> right = atTheStart.next() && Sample.numberOf(atTheStart.data()) == 1;
                case AWAIT -> right = !Answer.wakes(atTheEnd);
                case CLOSE -> log.close();
                case STATS -> right = log.stats().lastId().orElse(RECORDS) == RECORDS;
            }
            return right ? "done" : "returned a wrong result";
        }

        /** Returns whether the future has completed with its id. Must be true once the log is closed. */
        private boolean isAnswered() {
            return future.isDone() && future.join() == 5;
        }

        private String due() {
            return given.equals("done") ? call.after : "1 2 3 4";
        }
    }

    private static String contents(Log log) throws IOException {
        List<String> numbers = new ArrayList<>();
        try (LogCursor cursor = log.cursor(0)) {
            while (cursor.next()) {
                long number = Sample.numberOf(cursor.data());
                numbers.add(number == cursor.id() ? String.valueOf(number) : cursor.id() + "=" + number);
            }
        }
        return String.join(" ", numbers);
    }

    @JCStressTest
    @Outcome(
            id = "(append|batch|put|async|truncate|trim|reset|sync|read|next) (done|closed), done, kept",
            expect = ACCEPTABLE)
    @Outcome(id = "(close|stats) done, done, kept", expect = ACCEPTABLE)
    @Outcome(id = "await closed, done, kept", expect = ACCEPTABLE)
    @State
    public static class Closed {
        private final Start start = new Start();
        private final SlowStorage storage = new SlowStorage();
        private final Meeting meeting = new Meeting(Logs.open(storage));

        @Actor
        public void caller(LLL_Result result) {
            start.meet();
            result.r1 = meeting.make();
        }

        @Actor
        public void closer(LLL_Result result) {
            start.meet();
            result.r2 = Answer.done(meeting.log::close);
        }

        @Arbiter
        public void after(LLL_Result result) {
            result.r3 = Answer.of(this::kept);
        }

        private String kept() throws Exception {
            if (!meeting.isAnswered()) {
                return "the future is not complete";
            }
            if (!Answer.done(() -> meeting.log.append(Sample.bytes(7))).equals(Answer.CLOSED)) {
                return "the closed log accepts an append";
            }
            try (Log again = Logs.open(storage)) {
                String found = contents(again);
                return found.equals(meeting.due()) ? "kept" : "expected [" + meeting.due() + "], found [" + found + "]";
            }
        }
    }

    @JCStressTest
    @Outcome(
            id = "(append|batch|put|async|truncate|trim|reset|sync|read|next) (done|closed), done, closed",
            expect = ACCEPTABLE)
    @Outcome(id = "(close|stats) done, done, closed", expect = ACCEPTABLE)
    @Outcome(id = "await closed, done, closed", expect = ACCEPTABLE)
    @State
    public static class ClosedInMemory {
        private final Start start = new Start();
        private final Meeting meeting = new Meeting(new MemoryLog());

        @Actor
        public void caller(LLL_Result result) {
            start.meet();
            result.r1 = meeting.make();
        }

        @Actor
        public void closer(LLL_Result result) {
            start.meet();
            result.r2 = Answer.done(meeting.log::close);
        }

        @Arbiter
        public void after(LLL_Result result) {
            meeting.future.join();
            result.r3 = Answer.of(() -> contents(meeting.log));
        }
    }

    /**
     * Appends until an append fails or is refused, which can happen at a roll. Returns the number of acknowledged
     * records.
     */
    private static String appendUntilFailure(Log log) throws IOException {
        for (int acknowledged = 0; acknowledged < ALL; acknowledged++) {
            try {
                log.append(LogRecord.wrap(acknowledged + 1, Sample.buffer(acknowledged + 1)));
            } catch (LogFailedException | CallRefusedException e) {
                return String.valueOf(acknowledged);
            }
        }
        return String.valueOf(ALL);
    }

    @JCStressTest
    @Outcome(id = "(none|some|all), done, kept", expect = ACCEPTABLE)
    @State
    public static class DiskFails {
        private final Start start = new Start();
        private final SlowStorage storage = new SlowStorage();
        private final Log log = Logs.open(storage);

        @Actor
        public void appender(LLL_Result result) {
            start.meet();
            result.r1 = Answer.of(() -> appendUntilFailure(log));
        }

        @Actor
        public void disk(LLL_Result result) {
            start.meet();
            result.r2 = Answer.done(storage::breakDown);
        }

        @Arbiter
        public void after(LLL_Result result) {
            long acknowledged = Long.parseLong(String.valueOf(result.r1));
            result.r1 = acknowledged == 0 ? "none" : acknowledged == ALL ? "all" : "some";
            result.r3 = Answer.of(() -> keptOf(acknowledged));
        }

        /**
         * Checks that readers of the failed log see exactly the acknowledged records, and that the reopened log has at
         * most one record more.
         */
        private String keptOf(long acknowledged) throws IOException {
            if (log.lastId().orElse(0) != acknowledged
                    || contents(log).split(" ").length != Math.max(1, acknowledged)) {
                return "the failed log holds " + contents(log) + "; acknowledged: " + acknowledged;
            }
            storage.repair();
            log.close();
            try (Log again = Logs.open(storage)) {
                long found = again.lastId().orElse(0);
                return found == acknowledged || found == acknowledged + 1
                        ? "kept"
                        : "last id " + found + "; acknowledged: " + acknowledged;
            }
        }
    }

    /** Appends until an append fails, and remembers the acknowledged records. */
    private static final class Appender {
        private final List<Long> ids = new ArrayList<>();
        private final int firstNumber;

        Appender(int firstNumber) {
            this.firstNumber = firstNumber;
        }

        String append(Log log) throws IOException {
            while (ids.size() < ALL) {
                try {
                    ids.add(log.append(Sample.bytes(firstNumber + ids.size())));
                } catch (LogFailedException | CallRefusedException e) {
                    return "failed";
                }
            }
            return "done";
        }

        void check(Log log) throws IOException {
            for (int i = 0; i < ids.size(); i++) {
                long number = log.read(ids.get(i))
                        .map(record -> Sample.numberOf(record.data()))
                        .orElse(-1L);
                if (number != firstNumber + i) {
                    throw new AssertionError("acknowledged record " + ids.get(i) + " has number " + number);
                }
            }
        }
    }

    /** The last appends run concurrently with the close. Each is acknowledged and kept, or refused. */
    @JCStressTest
    @Outcome(id = "(closed|all), done, kept", expect = ACCEPTABLE)
    @State
    public static class ClosedWhileAppending {
        private final Start start = new Start();
        private final SlowStorage storage = new SlowStorage();
        private final Log log = Logs.open(storage);
        private long acknowledged;

        @Actor
        public void appender(LLL_Result result) {
            start.meet();
            result.r1 = Answer.of(this::append);
        }

        private String append() throws IOException {
            while (acknowledged < ALL) {
                acknowledged = log.append(Sample.bytes(acknowledged + 1));
            }
            return "all";
        }

        @Actor
        public void closer(LLL_Result result) {
            start.meet();
            result.r2 = Answer.done(log::close);
        }

        @Arbiter
        public void after(LLL_Result result) {
            result.r3 = Answer.of(this::kept);
        }

        private String kept() throws IOException {
            try (Log again = Logs.open(storage)) {
                long last = again.lastId().orElse(0);
                return last == acknowledged ? "kept" : acknowledged + " records acknowledged, " + last + " kept";
            }
        }
    }

    /**
     * A disk failure is reported to all waiting callers. No caller may receive an acknowledgement for a missing record.
     */
    @JCStressTest
    @Outcome(id = "failed, failed, kept", expect = ACCEPTABLE)
    @State
    public static class DiskFailsTwoAppenders {
        private final Start start = new Start();
        private final SlowStorage storage = new SlowStorage();
        private final Log log = Logs.open(storage);
        private final Appender one = new Appender(1000);
        private final Appender other = new Appender(2000);

        public DiskFailsTwoAppenders() {
            storage.breakDownAfter(WRITES);
        }

        @Actor
        public void one(LLL_Result result) {
            start.meet();
            result.r1 = Answer.of(() -> one.append(log));
        }

        @Actor
        public void other(LLL_Result result) {
            start.meet();
            result.r2 = Answer.of(() -> other.append(log));
        }

        @Arbiter
        public void after(LLL_Result result) {
            result.r3 = Answer.of(this::kept);
        }

        private String kept() throws IOException {
            one.check(log);
            other.check(log);
            storage.repair();
            log.close();
            try (Log again = Logs.open(storage)) {
                one.check(again);
                other.check(again);
            }
            return "kept";
        }
    }
}
