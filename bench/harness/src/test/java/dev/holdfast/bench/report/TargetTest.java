package dev.holdfast.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.holdfast.bench.child.Figure;
import dev.holdfast.bench.child.Measurement;
import dev.holdfast.bench.child.Timeline;
import dev.holdfast.bench.report.Target.Verdict;
import dev.holdfast.bench.run.Cell;
import dev.holdfast.bench.run.Entrant;
import dev.holdfast.bench.run.Entrants;
import dev.holdfast.bench.run.Load;
import dev.holdfast.bench.run.Outcome;
import dev.holdfast.bench.run.Plan;
import dev.holdfast.bench.run.Rate;
import dev.holdfast.bench.run.Results;
import dev.holdfast.bench.run.Run;
import dev.holdfast.bench.run.Workload;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

/** Targets of growing logs, open loops, processes and many segments. */
class TargetTest {
    private static final int KIB = 1 << 10;
    private static final long SECOND = 1_000_000_000;
    private static final Load QUIET = new Load(0, 0);
    private static final Entrant FAST = peer("Fast");
    private static final Entrant STEADY = peer("Steady");

    private static final Cell GROWING = cell(Workload.W12_IN_FLIGHT, 16 * KIB, 1_024);
    private static final Cell RECYCLED = cell(Workload.W4, 16 * KIB, 1_024);
    private static final Cell DUE = cell(Workload.W13, KIB, 16).at(new Rate(Rate.Of.HOLDFAST, 90));

    private final Results results = new Results(false);

    private static Entrant peer(String name) {
        return new Entrant(name, "peers/a", "a", "A", "default", Entrant.Role.PEER, "");
    }

    private static Cell cell(Workload workload, int recordBytes, int depth) {
        return new Cell(workload, recordBytes, depth, Cell.Peers.ALL, 0, 1_000, 0, 0);
    }

    private void add(Cell cell, Entrant entrant, int round, Outcome outcome) {
        results.add(new Run(cell, entrant, round, outcome, QUIET));
    }

    private static Outcome rate(long recordsPerSecond, Map<Figure, Double> figures) {
        return new Outcome.Measured(
                new Measurement(recordsPerSecond, 1, SECOND, Measurement.newHistogram(), figures, Timeline.NONE));
    }

    /** A result of 1,000 calls: the fastest 985 take p50, the slowest take p99. */
    private static Outcome latencies(long p50Micros, long p99Micros) {
        Histogram latency = Measurement.newHistogram();
        latency.recordValueWithCount(p50Micros * 1_000, 985);
        latency.recordValueWithCount(p99Micros * 1_000, 15);
        return new Outcome.Measured(
                new Measurement(1_000, 1, SECOND, latency, Map.of(Figure.SPARE_WAITS, 0.0), Timeline.NONE));
    }

    private List<Target> targets(Cell cell) {
        return Target.of(new Report(new Machine(Map.of()), Map.of(), Map.of(), results)).stream()
                .filter(target -> target.name().equals(cell.heading()))
                .toList();
    }

    @Test
    void growingLogIsComparedWithPeersAndWithTheRecycledLogOfTheSameRound() {
        Map<Figure, Double> stall = Map.of(Figure.LONGEST_STALL_NANOS, 21e6);
        add(RECYCLED, Entrants.HOLDFAST, 1, rate(100_000, Map.of()));
        add(RECYCLED, Entrants.HOLDFAST, 2, rate(50_000, Map.of()));
        add(GROWING, Entrants.HOLDFAST, 1, rate(60_000, stall));
        add(GROWING, Entrants.HOLDFAST, 2, rate(25_000, stall));
        add(GROWING, FAST, 1, rate(80_000, Map.of()));
        add(GROWING, FAST, 2, rate(50_000, Map.of()));

        assertThat(targets(GROWING))
                .extracting(Target::required, Target::reached, Target::verdict)
                .containsExactly(
                        tuple("≥ 1.00 × the best peer", "0.63", Verdict.MISSED),
                        tuple("≥ 0.50 × the same in a recycled log", "0.55", Verdict.PASSED),
                        tuple("≤ 20.0 ms for the longest stall of an appender", "21.0", Verdict.MISSED));
        assertThat(targets(GROWING.on(Cell.Disk.JOURNALED)))
                .extracting(Target::verdict)
                .containsExactly(Verdict.NOT_MEASURED);
    }

    @Test
    void openLoopIsComparedWithTheBestPeerAtEachPercentile() {
        add(DUE, Entrants.HOLDFAST, 1, latencies(105, 2_400));
        add(DUE, FAST, 1, latencies(100, 9_000));
        add(DUE, STEADY, 1, latencies(300, 2_000));

        assertThat(targets(DUE))
                .extracting(Target::required, Target::reached, Target::verdict)
                .containsExactly(
                        tuple("≤ 1.10 × the best peer (p50)", "1.05", Verdict.PASSED),
                        tuple("≤ 1.10 × the best peer (p99)", "1.20", Verdict.MISSED),
                        tuple("≤ 1.10 × the best peer (p99.9)", "1.20", Verdict.MISSED),
                        tuple("0 appends that wait for a spare", "0.00", Verdict.PASSED));
    }

    @Test
    void peerThatCannotHoldTheRateIsLeftOutAndTheReportSaysSo() {
        add(DUE, Entrants.HOLDFAST, 1, latencies(105, 2_400));
        add(DUE, FAST, 1, new Outcome.Overloaded("completes only 93.0% of 80,000 calls a second"));
        add(DUE, STEADY, 1, latencies(300, 2_000));

        assertThat(targets(DUE).get(0).reached()).isEqualTo("0.35");
        assertThat(new Report(new Machine(Map.of()), Map.of(), Map.of(), results)
                        .rows(DUE)
                        .get(1))
                .contains("left out: completes only 93.0% of 80,000 calls a second");
    }

    @Test
    void rateThatNoPeerHoldsIsPassed() {
        add(DUE, Entrants.HOLDFAST, 1, latencies(105, 2_400));
        add(DUE, FAST, 1, new Outcome.Overloaded("too slow"));

        assertThat(targets(DUE))
                .extracting(Target::reached, Target::verdict)
                .startsWith(tuple("no peer holds the rate", Verdict.PASSED));
    }

    @Test
    void rateThatHoldfastCannotHoldIsMissed() {
        add(DUE, Entrants.HOLDFAST, 1, new Outcome.Overloaded("too slow"));
        add(DUE, FAST, 1, latencies(100, 9_000));

        assertThat(targets(DUE)).extracting(Target::verdict).containsOnly(Verdict.MISSED);
    }

    @Test
    void peerThatFailedIsNotAPeerThatCannotHoldTheRate() {
        add(DUE, Entrants.HOLDFAST, 1, latencies(105, 2_400));
        add(DUE, FAST, 1, new Outcome.Failed("the disk is full"));

        assertThat(targets(DUE).get(0).verdict()).isEqualTo(Verdict.NOT_MEASURED);
    }

    @Test
    void futuresAreComparedWithCallersThatBlock() {
        Cell futures = cell(Workload.W2_FUTURES, KIB, 64);
        add(cell(Workload.W2, KIB, 64), Entrants.HOLDFAST, 1, rate(100_000, Map.of()));
        add(futures, Entrants.HOLDFAST, 1, rate(95_000, Map.of()));

        assertThat(targets(futures))
                .extracting(Target::reached, Target::verdict)
                .containsExactly(tuple("0.95", Verdict.PASSED));
    }

    @Test
    void idleLogsAndFollowersHaveTargetsOfTheirOwn() {
        Cell one = cell(Workload.W15, KIB, 1);
        Cell follower = cell(Workload.W16, KIB, 5);
        add(
                one,
                Entrants.HOLDFAST,
                1,
                rate(1, Map.of(Figure.IDLE_BYTES, 1_048_577.0, Figure.IDLE_FILES, 3.0, Figure.IDLE_THREADS, 1.0)));
        Histogram latency = Measurement.newHistogram();
        latency.recordValue(900_000);
        Map<Figure, Double> last =
                Map.of(Figure.LAST_BEFORE_SILENCE_NANOS, 51e6, Figure.IDLE_WAKE_UPS_PER_SECOND, 19.9);
        add(
                follower,
                Entrants.HOLDFAST,
                1,
                new Outcome.Measured(new Measurement(1, 1, SECOND, latency, last, Timeline.NONE)));

        assertThat(targets(one)).extracting(Target::verdict).containsExactly(Verdict.MISSED, Verdict.PASSED);
        assertThat(targets(follower))
                .extracting(Target::verdict)
                .containsExactly(Verdict.PASSED, Verdict.MISSED, Verdict.PASSED);
    }

    @Test
    void threadsThatAllLogsShareAreNotThreadsOfTheirOwn() {
        Cell many = cell(Workload.W15, KIB, 1_000);
        add(cell(Workload.W15, KIB, 1), Entrants.HOLDFAST, 1, rate(1, Map.of(Figure.IDLE_THREADS, 3.0)));
        add(many, Entrants.HOLDFAST, 1, rate(1, Map.of(Figure.IDLE_THREADS, 9.0)));

        assertThat(targets(many))
                .extracting(Target::reached, Target::verdict)
                .containsExactly(tuple("9.00", Verdict.MISSED), tuple("0.01", Verdict.PASSED));
    }

    @Test
    void manySegmentsAreComparedWithFewSegmentsOfTheSameRound() {
        Cell many = cell(Workload.W17, KIB, 50_000);
        add(cell(Workload.W17, KIB, 50), Entrants.HOLDFAST, 1, segments(100, 1_000));
        add(many, Entrants.HOLDFAST, 1, segments(121, 1_100));

        assertThat(targets(many))
                .extracting(Target::required, Target::reached, Target::verdict)
                .containsExactly(
                        tuple("≤ 1.20 × a roll with few segments", "1.21", Verdict.MISSED),
                        tuple("≤ 1.20 × an append with few segments", "1.10", Verdict.PASSED),
                        tuple("≤ 1.20 × a trim of as many with few segments", "1.10", Verdict.PASSED),
                        tuple("≤ 1.20 × a trim of half, per segment, with few segments", "1.10", Verdict.PASSED),
                        tuple("≤ 12.0 µs per segment for an opening", "13.0", Verdict.MISSED),
                        tuple("≤ 12.0 µs per segment for an opening, read-only", "11.0", Verdict.PASSED),
                        tuple("≤ 1.20 × an opening of half of the segments, per segment", "1.00", Verdict.PASSED),
                        tuple("≤ 2.00 µs for a read of a single record", "1.90", Verdict.PASSED));
    }

    /** A result of rolls that take as long as given, and of appends and trims. */
    private static Outcome segments(long rollMicros, double appendAndTrimNanos) {
        Histogram rolls = Measurement.newHistogram();
        rolls.recordValue(rollMicros * 1_000);
        Map<Figure, Double> figures = Map.of(
                Figure.APPEND_P50_NANOS, appendAndTrimNanos,
                Figure.TRIM_P50_NANOS, appendAndTrimNanos,
                Figure.TRIM_SEGMENT_NANOS, appendAndTrimNanos,
                Figure.OPEN_SEGMENT_NANOS, 13_000.0,
                Figure.OPEN_SEGMENT_READ_ONLY_NANOS, 11_000.0,
                Figure.OPEN_TO_HALF, 1.0,
                Figure.READ_NANOS, 1_900.0);
        return new Outcome.Measured(new Measurement(1, 1, SECOND, rolls, figures, Timeline.NONE));
    }

    @Test
    void everyTargetHasACellInTheFullPlan() {
        assertThat(Rules.all())
                .allSatisfy(rule -> assertThat(Plan.full().cells())
                        .as(rule.name() + ", " + rule.required())
                        .anyMatch(rule::matches));
    }
}
