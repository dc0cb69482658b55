package dev.holdfast.bench.report;

import dev.holdfast.bench.child.Figure;
import dev.holdfast.bench.run.Cell;
import dev.holdfast.bench.run.Entrant;
import dev.holdfast.bench.run.Entrant.Role;
import dev.holdfast.bench.run.Results;
import dev.holdfast.bench.run.Statistics;
import java.util.Comparator;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The definition of a target.
 *
 * @param like the cell that it is about; a depth or a size of the log of 0 accepts any
 * @param goal value for a quiet run on a disk that does 7,000 to 8,500 synced writes of 4 KiB a second
 */
record Rule(Cell like, Measure measure, boolean atMost, double bound, OptionalDouble goal) {
    /** The quantity that a target limits. */
    enum Measure {
        TO_DISK("× the bare disk"),
        TO_BEST_PEER("× the best peer"),
        TO_BEST_CHECKED_PEER("× the best peer that detects damage"),
        P50_TO_BEST_PEER("× the best peer (p50)"),
        P99_TO_BEST_PEER("× the best peer (p99)"),
        P999_TO_BEST_PEER("× the best peer (p99.9)"),
        TO_STEADY("× the same in a recycled log"),
        TO_BLOCKING("× the same with blocking callers"),
        ITSELF(""),
        TO_APPEND("× one append"),
        ALLOCATED("bytes allocated per record"),
        GROWTH("bytes of growth"),
        SPARES("appends that wait for a spare"),
        STALL("ms for the longest stall of an appender"),
        LAST("ms for the last record before a silence"),
        IDLE_THREADS("threads of idle logs"),
        IDLE_FILES("open files of an idle log"),
        IDLE_BYTES("MiB on disk of a log without records"),
        OWN_THREADS("threads that each further idle log adds"),
        IDLE_WAKE_UPS("times per second that the idle reader wakes up"),
        ROLL_TO_FEW("× a roll with few segments"),
        APPEND_TO_FEW("× an append with few segments"),
        TRIM_TO_FEW("× a trim of as many with few segments"),
        TRIM_SEGMENT_TO_FEW("× a trim of half, per segment, with few segments"),
        OPEN_SEGMENT("µs per segment for an opening"),
        OPEN_SEGMENT_READ_ONLY("µs per segment for an opening, read-only"),
        OPEN_TO_HALF("× an opening of half of the segments, per segment"),
        READ("µs for a read of a single record");

        private final String words;

        Measure(String words) {
            this.words = words;
        }

        /** Returns whether the measure compares Holdfast with peers. */
        boolean isToPeers() {
            return switch (this) {
                case TO_BEST_PEER, TO_BEST_CHECKED_PEER, P50_TO_BEST_PEER, P99_TO_BEST_PEER, P999_TO_BEST_PEER -> true;
                default -> false;
            };
        }
    }

    private static final double NANOS_PER_MICRO = 1e3;
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double BYTES_PER_MIB = 1 << 20;

    static Rule atMost(double bound, Measure measure, Cell like) {
        return new Rule(like, measure, true, bound, OptionalDouble.empty());
    }

    static Rule atLeast(double bound, Measure measure, Cell like) {
        return new Rule(like, measure, false, bound, OptionalDouble.empty());
    }

    Rule withGoal(double number) {
        return new Rule(like, measure, atMost, bound, OptionalDouble.of(number));
    }

    boolean matches(Cell cell) {
        return cell.workload() == like.workload()
                && cell.recordBytes() == like.recordBytes()
                && (like.depth() == 0 || cell.depth() == like.depth())
                && (like.logBytes() == 0 || cell.logBytes() == like.logBytes())
                && cell.rate().equals(like.rate())
                && cell.disk() == like.disk();
    }

    /** Returns the heading of the cell that this target is about. */
    String name() {
        return like.heading();
    }

    String unit() {
        return measure == Measure.ITSELF ? like.workload().metric().unit() : measure.words;
    }

    String required() {
        return (bound == 0 ? "0" : (atMost ? "≤ " : "≥ ") + Numbers.text(bound)) + " " + unit();
    }

    /** A bound of 0 bytes allows less than half a byte, because the result is rounded as in the report. */
    boolean isMetBy(double reached) {
        double rounded = bound == 0 ? Math.rint(reached) : reached;
        return atMost ? rounded <= bound : rounded >= bound;
    }

    /** Returns the figure to compare with the bound, if it was measured. */
    Optional<Double> reached(Cell cell, Entrant holdfast, Report report) {
        Results results = report.results();
        return switch (measure) {
            case TO_DISK -> median(results.first(cell, Role.DISK).flatMap(disk -> results.ratio(cell, holdfast, disk)));
            case TO_BEST_PEER, TO_BEST_CHECKED_PEER ->
                median(report.comparable(cell).flatMap(peer -> results.ratio(cell, holdfast, peer)));
            case P50_TO_BEST_PEER -> latencyToBestPeer(cell, holdfast, results, 50);
            case P99_TO_BEST_PEER -> latencyToBestPeer(cell, holdfast, results, 99);
            case P999_TO_BEST_PEER -> latencyToBestPeer(cell, holdfast, results, 99.9);
            case TO_STEADY -> median(results.steady(cell).flatMap(steady -> results.ratio(cell, steady, holdfast)));
            case TO_BLOCKING ->
                median(results.blocking(cell).flatMap(blocking -> results.ratio(cell, blocking, holdfast)));
            case ITSELF -> median(results.metric(cell, holdfast));
            case TO_APPEND ->
                results.figure(cell, holdfast, Figure.APPEND_P50_NANOS)
                        .flatMap(alone ->
                                results.metric(cell, holdfast).map(pair -> pair.median() * 1e3 / alone.median()));
            case ALLOCATED -> median(results.figure(cell, holdfast, Figure.ALLOCATED_BYTES_PER_RECORD));
            case GROWTH -> most(results.figure(cell, holdfast, Figure.GROWTH_BYTES));
            case SPARES -> most(results.figure(cell, holdfast, Figure.SPARE_WAITS));
            case STALL -> millis(most(results.figure(cell, holdfast, Figure.LONGEST_STALL_NANOS)));
            case LAST -> millis(most(results.figure(cell, holdfast, Figure.LAST_BEFORE_SILENCE_NANOS)));
            case IDLE_THREADS -> most(results.figure(cell, holdfast, Figure.IDLE_THREADS));
            case IDLE_FILES -> most(results.figure(cell, holdfast, Figure.IDLE_FILES));
            case IDLE_BYTES ->
                most(results.figure(cell, holdfast, Figure.IDLE_BYTES)).map(bytes -> bytes / BYTES_PER_MIB);
            case OWN_THREADS -> ownThreads(cell, holdfast, results);
            case IDLE_WAKE_UPS -> most(results.figure(cell, holdfast, Figure.IDLE_WAKE_UPS_PER_SECOND));
            case ROLL_TO_FEW -> median(results.smallest(cell).flatMap(few -> results.ratio(cell, few, holdfast)));
            case APPEND_TO_FEW -> figureToFew(cell, holdfast, results, Figure.APPEND_P50_NANOS);
            case TRIM_TO_FEW -> figureToFew(cell, holdfast, results, Figure.TRIM_P50_NANOS);
            case TRIM_SEGMENT_TO_FEW -> figureToFew(cell, holdfast, results, Figure.TRIM_SEGMENT_NANOS);
            case OPEN_SEGMENT -> micros(median(results.figure(cell, holdfast, Figure.OPEN_SEGMENT_NANOS)));
            case OPEN_SEGMENT_READ_ONLY ->
                micros(median(results.figure(cell, holdfast, Figure.OPEN_SEGMENT_READ_ONLY_NANOS)));
            case OPEN_TO_HALF -> median(results.figure(cell, holdfast, Figure.OPEN_TO_HALF));
            case READ -> micros(median(results.figure(cell, holdfast, Figure.READ_NANOS)));
        };
    }

    private static Optional<Double> median(Optional<Statistics> statistics) {
        return statistics.map(Statistics::median);
    }

    private static Optional<Double> most(Optional<Statistics> statistics) {
        return statistics.map(Statistics::most);
    }

    private static Optional<Double> millis(Optional<Double> nanos) {
        return nanos.map(number -> number / NANOS_PER_MILLI);
    }

    private static Optional<Double> micros(Optional<Double> nanos) {
        return nanos.map(number -> number / NANOS_PER_MICRO);
    }

    private static Optional<Double> figureToFew(Cell cell, Entrant holdfast, Results results, Figure figure) {
        return median(results.smallest(cell).flatMap(few -> results.figureRatio(cell, few, holdfast, figure)));
    }

    /** Returns the threads of idle logs that are not shared by all logs of a process, per log. */
    private static Optional<Double> ownThreads(Cell cell, Entrant holdfast, Results results) {
        return results.smallest(cell)
                .flatMap(few -> most(results.figure(cell, holdfast, Figure.IDLE_THREADS))
                        .flatMap(threads -> median(results.figure(few, holdfast, Figure.IDLE_THREADS))
                                .map(shared -> (threads - shared) / (cell.depth() - few.depth()))));
    }

    /** Returns the ratio to the peer whose latency is the shortest at this percentile. */
    private static Optional<Double> latencyToBestPeer(Cell cell, Entrant holdfast, Results results, double percentile) {
        return results.entrants(cell).stream()
                .filter(entrant -> entrant.role() == Role.PEER)
                .map(peer -> median(results.percentileRatio(cell, holdfast, peer, percentile)))
                .flatMap(Optional::stream)
                .max(Comparator.naturalOrder());
    }
}
