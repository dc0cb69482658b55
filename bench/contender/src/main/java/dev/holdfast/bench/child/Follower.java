package dev.holdfast.bench.child;

import dev.holdfast.bench.contender.FollowsFromOutside;
import dev.holdfast.bench.contender.Tails.Tail;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * The main class of a process that reads a log while {@link Following} appends to it in another process. The arguments
 * are the class of the contender and the task. The process writes {@link #READY} when it waits for the first record,
 * {@link #CONFIRMED} after the last record before each silence, and at the end a {@link Measurement#line}.
 */
public final class Follower {
    static final String READY = "ready";
    static final String CONFIRMED = "confirmed";

    private static final long TIMEOUT_MILLIS = 30_000;

    private Follower() {}

    public static void main(String[] args) throws Exception {
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err);
        FollowsFromOutside peer = Class.forName(args[0])
                .asSubclass(FollowsFromOutside.class)
                .getDeclaredConstructor()
                .newInstance();
        Task task = Task.parse(args[1]);
        try (Tail tail = peer.follow(task.opening())) {
            answers.println(READY);
            answers.println(follow(tail, task, answers).line());
        }
        System.exit(0);
    }

    private static Measurement follow(Tail tail, Task task, PrintStream answers) throws Exception {
        Histogram delays = Measurement.newHistogram();
        long longestLast = 0;
        while (true) {
            FollowedRecord record = FollowedRecord.parse(tail.next(TIMEOUT_MILLIS));
            long delay = System.nanoTime() - record.calledNanos();
            switch (record.kind()) {
                case WARM_UP -> {}
                case COUNTED -> delays.recordValue(delay);
                case LAST -> {
                    longestLast = Math.max(longestLast, delay);
                    answers.println(CONFIRMED);
                }
                case END -> {
                    Map<Figure, Double> figures = new EnumMap<>(Figure.class);
                    figures.put(Figure.LAST_BEFORE_SILENCE_NANOS, (double) longestLast);
                    long records = delays.getTotalCount();
                    return new Measurement(
                            records,
                            records * task.recordBytes(),
                            task.millis() * 1_000_000,
                            delays,
                            figures,
                            Timeline.NONE);
                }
            }
        }
    }
}
