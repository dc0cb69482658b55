package dev.holdfast.bench.run;

import java.util.ArrayList;
import java.util.List;

/**
 * The cells to measure, with the number of rounds and the warm-up.
 *
 * @param rounds number of measurements of each contender in each cell
 * @param prepareBytes bytes of data appended to each log before the measurements, so that it has grown to its steady
 *     state
 * @param warmUpMillis duration of the appends of each kind before that, which do not wait for the disk
 * @param keepsDisturbed whether disturbed rounds are reported, with a mark, if no round is quiet
 */
public record Plan(int rounds, long prepareBytes, long warmUpMillis, boolean keepsDisturbed, List<Cell> cells) {
    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;
    private static final long GIB = 1 << 30;
    private static final int BATCH = 64;
    private static final int IN_FLIGHT = 1_024;
    private static final int HOOK_CALLERS = 64;
    private static final int VIRTUAL_CALLERS = 10_000;

    /**
     * Factor of the warm-up for asynchronous appends, because at millions of records a second the JIT compiler is busy
     * for longer.
     */
    private static final int ASYNCHRONOUS_WARM_UP = 4;

    private static final long TRIM_EVERY = 64L * MIB;

    /** Returns the plan for about two minutes: one size, one round. */
    public static Plan quick() {
        List<Cell> cells = new ArrayList<>();
        addAppends(cells, KIB, 64, 250, 600);
        addOthers(
                cells, new Others(Cell.Peers.BEST_CHECKED, 300, 400, List.of(256L * MIB), 64L * MIB, 3_000, 4L * MIB));
        return new Plan(1, 192L * MIB, 400, true, cells);
    }

    /** Returns the plan for about forty minutes, including five minutes of appends during trims for each contender. */
    public static Plan full() {
        List<Cell> cells = new ArrayList<>();
        for (int recordBytes : new int[] {128, KIB, 16 * KIB}) {
            addAppends(cells, recordBytes, 16, 250, 700);
            cells.add(appending(Workload.W2, recordBytes, 64, 250, 700));
            if (Runtime.version().feature() >= 21) {
                cells.add(appending(Workload.W2_VIRTUAL, recordBytes, VIRTUAL_CALLERS, 250, 700));
            }
        }
        addOthers(
                cells,
                new Others(Cell.Peers.CHECKED, 500, 1_500, List.of(GIB, 4 * GIB), 256L * MIB, 300_000, 32L * MIB));
        return new Plan(3, 256L * MIB, 1_000, false, cells);
    }

    /** Returns the plan for a few seconds, which tests that everything works. */
    public static Plan smoke() {
        List<Cell> cells = new ArrayList<>();
        addAppends(cells, KIB, 4, 20, 50);
        addOthers(cells, new Others(Cell.Peers.BEST_CHECKED, 20, 50, List.of((long) MIB), MIB, 100, MIB));
        return new Plan(1, MIB, 10, true, cells);
    }

    private static void addAppends(List<Cell> cells, int recordBytes, int callers, long warmUpMillis, long millis) {
        cells.add(appending(Workload.W1, recordBytes, 1, warmUpMillis, millis));
        cells.add(appending(Workload.W2, recordBytes, callers, warmUpMillis, millis));
        cells.add(appending(Workload.W3, recordBytes, BATCH, warmUpMillis, millis));
        cells.add(appending(Workload.W4, recordBytes, IN_FLIGHT, ASYNCHRONOUS_WARM_UP * warmUpMillis, millis));
    }

    private static Cell appending(Workload workload, int recordBytes, int depth, long warmUpMillis, long millis) {
        return new Cell(workload, recordBytes, depth, Cell.Peers.ALL, warmUpMillis, millis, 0, TRIM_EVERY);
    }

    private static void addOthers(List<Cell> cells, Others others) {
        long warmUp = others.warmUpMillis();
        long millis = others.millis();
        long log = others.logBytes();
        Cell.Peers best = Cell.Peers.BEST;
        cells.add(new Cell(Workload.W2_HOOKS, KIB, HOOK_CALLERS, best, warmUp, millis, 0, TRIM_EVERY));
        cells.add(new Cell(Workload.W5, KIB, 1, best, warmUp, millis, 0, TRIM_EVERY));
        cells.add(new Cell(Workload.W6_BACK, KIB, 1, others.readers(), warmUp, millis, log, 0));
        cells.add(new Cell(Workload.W6_BACK, 128, 1, others.readers(), warmUp, millis, log / 4, 0));
        cells.add(new Cell(Workload.W6_ANYWHERE, KIB, 1, others.readers(), warmUp, millis, log, 0));
        for (long bytes : others.openBytes()) {
            cells.add(new Cell(Workload.W7, KIB, 1, best, 2 * millis, millis, bytes, 0));
        }
        cells.add(new Cell(Workload.W8_GROWING, 16 * KIB, IN_FLIGHT / 8, best, 0, 0, 4 * log, 0));
        cells.add(new Cell(Workload.W8_STEADY, 16 * KIB, IN_FLIGHT / 8, best, 0, 0, 16 * log, log / 4));
        cells.add(new Cell(Workload.W9, KIB, 1, best, warmUp, millis, 0, 0));
        cells.add(new Cell(Workload.W10, KIB, 1, best, warmUp, others.trimMillis(), 0, others.trimEveryBytes()));
        cells.add(new Cell(Workload.W11, KIB, 1, best, warmUp, millis, 0, 0));
    }

    /**
     * The parameters of the workloads other than appends.
     *
     * @param readers the contenders that read all records
     * @param openBytes sizes of the logs that are opened
     * @param logBytes size of the logs that are read
     * @param trimMillis duration of the appends during trims
     */
    private record Others(
            Cell.Peers readers,
            long warmUpMillis,
            long millis,
            List<Long> openBytes,
            long logBytes,
            long trimMillis,
            long trimEveryBytes) {}
}
