package dev.holdfast.bench.report;

import dev.holdfast.bench.report.Rule.Measure;
import dev.holdfast.bench.run.Cell;
import dev.holdfast.bench.run.Rate;
import dev.holdfast.bench.run.Workload;
import java.util.ArrayList;
import java.util.List;

/** All targets. */
final class Rules {
    private static final int KIB = 1 << 10;
    private static final long GIB = 1 << 30;
    private static final int IN_FLIGHT = 1_024;
    private static final int BATCH = 64;
    private static final int CALLERS = 64;
    private static final int OPEN_LOOP_CALLERS = 16;
    private static final int ANY = 0;

    private Rules() {}

    static List<Rule> all() {
        List<Rule> rules = new ArrayList<>();
        addOfSteadyLogs(rules);
        addOfGrowingLogs(rules);
        addOfOpenLoops(rules);
        addOfProcesses(rules);
        addOfManySegments(rules);
        return rules;
    }

    private static Cell one(Workload workload, int recordBytes) {
        return cell(workload, recordBytes, 1, 0);
    }

    private static Cell many(Workload workload, int recordBytes, int depth) {
        return cell(workload, recordBytes, depth, 0);
    }

    private static Cell cell(Workload workload, int recordBytes, int depth, long logBytes) {
        return new Cell(workload, recordBytes, depth, Cell.Peers.ALL, 0, 0, logBytes, 0);
    }

    private static void addOfSteadyLogs(List<Rule> rules) {
        rules.addAll(List.of(
                Rule.atMost(1.10, Measure.TO_DISK, one(Workload.W1, 128)),
                Rule.atMost(1.10, Measure.TO_DISK, one(Workload.W1, KIB)),
                Rule.atLeast(1.5, Measure.TO_BEST_PEER, many(Workload.W2, KIB, CALLERS))
                        .withGoal(110_000),
                Rule.atLeast(0.9, Measure.TO_BLOCKING, many(Workload.W2_FUTURES, KIB, CALLERS)),
                Rule.atLeast(0.75, Measure.TO_DISK, many(Workload.W3, KIB, BATCH)),
                Rule.atLeast(0.55, Measure.TO_DISK, many(Workload.W3, 16 * KIB, BATCH)),
                Rule.atLeast(2, Measure.TO_BEST_PEER, many(Workload.W4, KIB, IN_FLIGHT))
                        .withGoal(800e6 / KIB),
                Rule.atLeast(1.1, Measure.TO_BEST_PEER, many(Workload.W4, 16 * KIB, IN_FLIGHT))
                        .withGoal(1e9 / (16 * KIB)),
                Rule.atLeast(0.75, Measure.TO_DISK, many(Workload.W4, 16 * KIB, IN_FLIGHT)),
                Rule.atLeast(3, Measure.TO_BEST_PEER, many(Workload.W4, 128, IN_FLIGHT))
                        .withGoal(2e6),
                Rule.atLeast(3, Measure.TO_BEST_CHECKED_PEER, one(Workload.W6_BACK, KIB))
                        .withGoal(5_000),
                Rule.atLeast(3, Measure.TO_BEST_CHECKED_PEER, one(Workload.W6_BACK, 128))
                        .withGoal(20e6 * 128 / 1e6),
                Rule.atLeast(3, Measure.TO_BEST_CHECKED_PEER, one(Workload.W6_ANYWHERE, KIB))
                        .withGoal(1e6),
                Rule.atMost(30, Measure.ITSELF, cell(Workload.W7, KIB, 1, GIB)),
                Rule.atMost(30, Measure.ITSELF, cell(Workload.W7, KIB, 1, 4 * GIB)),
                Rule.atMost(1.1, Measure.ITSELF, many(Workload.W8_GROWING, 16 * KIB, IN_FLIGHT / 8)),
                Rule.atMost(1.1, Measure.ITSELF, many(Workload.W8_STEADY, 16 * KIB, IN_FLIGHT / 8)),
                Rule.atMost(1.5, Measure.TO_DISK, one(Workload.W10, KIB)),
                Rule.atMost(1.3, Measure.TO_BEST_PEER, one(Workload.W10, KIB)),
                Rule.atMost(0, Measure.SPARES, one(Workload.W10, KIB)),
                Rule.atMost(6, Measure.TO_APPEND, one(Workload.W11, KIB)),
                Rule.atMost(0, Measure.GROWTH, one(Workload.W11, KIB)),
                Rule.atMost(0, Measure.ALLOCATED, one(Workload.W1, KIB)),
                Rule.atMost(0, Measure.ALLOCATED, one(Workload.W6_BACK, KIB))));
    }

    /**
     * Adds the targets of a log without native code. With a native call that reserves blocks, the bounds for records of
     * 16 KiB would be 1.1 times the best peer and 0.8 times the recycled log.
     */
    private static void addOfGrowingLogs(List<Rule> rules) {
        List<Cell> large = List.of(
                many(Workload.W12_BATCHES, 16 * KIB, BATCH),
                many(Workload.W12_IN_FLIGHT, 16 * KIB, IN_FLIGHT),
                many(Workload.W12_CALLERS, 16 * KIB, CALLERS));
        Cell small = many(Workload.W12_IN_FLIGHT, KIB, IN_FLIGHT);
        for (Cell cell : large) {
            rules.add(Rule.atLeast(1.0, Measure.TO_BEST_PEER, cell));
            rules.add(Rule.atLeast(0.5, Measure.TO_STEADY, cell));
            rules.add(Rule.atMost(20, Measure.STALL, cell));
        }
        rules.add(Rule.atLeast(1.5, Measure.TO_BEST_PEER, small));
        rules.add(Rule.atMost(20, Measure.STALL, small));
        for (Cell cell : large) {
            rules.add(Rule.atLeast(1.0, Measure.TO_BEST_PEER, cell.on(Cell.Disk.JOURNALED)));
        }
        rules.add(Rule.atLeast(1.5, Measure.TO_BEST_PEER, small.on(Cell.Disk.JOURNALED)));
        rules.add(Rule.atMost(1.5, Measure.TO_BEST_PEER, one(Workload.W14, KIB)));
    }

    private static void addOfOpenLoops(List<Rule> rules) {
        for (Rate.Of of : Rate.Of.values()) {
            for (int percent : new int[] {60, 90}) {
                Cell cell = many(Workload.W13, KIB, OPEN_LOOP_CALLERS).at(new Rate(of, percent));
                rules.add(Rule.atMost(1.1, Measure.P50_TO_BEST_PEER, cell));
                rules.add(Rule.atMost(1.1, Measure.P99_TO_BEST_PEER, cell));
                rules.add(Rule.atMost(1.1, Measure.P999_TO_BEST_PEER, cell));
            }
        }
        Rate almostHighest = new Rate(Rate.Of.HOLDFAST, 90);
        rules.add(Rule.atMost(
                0, Measure.SPARES, many(Workload.W13, KIB, OPEN_LOOP_CALLERS).at(almostHighest)));
        rules.add(Rule.atMost(
                0, Measure.SPARES, many(Workload.W13, 16 * KIB, CALLERS).at(almostHighest)));
    }

    private static void addOfProcesses(List<Rule> rules) {
        rules.add(Rule.atMost(1, Measure.IDLE_BYTES, one(Workload.W15, KIB)));
        rules.add(Rule.atMost(3, Measure.IDLE_FILES, one(Workload.W15, KIB)));
        rules.add(Rule.atMost(8, Measure.IDLE_THREADS, many(Workload.W15, KIB, 1_000)));
        rules.add(Rule.atMost(0, Measure.OWN_THREADS, many(Workload.W15, KIB, 1_000)));
        rules.add(Rule.atMost(1_000, Measure.ITSELF, many(Workload.W16, KIB, ANY)));
        rules.add(Rule.atMost(50, Measure.LAST, many(Workload.W16, KIB, ANY)));
        rules.add(Rule.atMost(20, Measure.IDLE_WAKE_UPS, many(Workload.W16, KIB, ANY)));
    }

    private static void addOfManySegments(List<Rule> rules) {
        Cell many = many(Workload.W17, KIB, 50_000);
        rules.add(Rule.atMost(1.2, Measure.ROLL_TO_FEW, many));
        rules.add(Rule.atMost(1.2, Measure.APPEND_TO_FEW, many));
        rules.add(Rule.atMost(1.2, Measure.TRIM_TO_FEW, many));
        rules.add(Rule.atMost(1.2, Measure.TRIM_SEGMENT_TO_FEW, many));
        rules.add(Rule.atMost(12, Measure.OPEN_SEGMENT, many));
        rules.add(Rule.atMost(12, Measure.OPEN_SEGMENT_READ_ONLY, many));
        rules.add(Rule.atMost(1.2, Measure.OPEN_TO_HALF, many));
        rules.add(Rule.atMost(2, Measure.READ, many));
    }
}
