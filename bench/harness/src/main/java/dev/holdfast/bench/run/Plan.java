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
    private static final int MANY_CALLERS = 64;
    private static final int OPEN_LOOP_CALLERS = 16;
    private static final int VIRTUAL_CALLERS = 10_000;

    /**
     * Factor of the warm-up for asynchronous appends, because at millions of records a second the JIT compiler is busy
     * for longer.
     */
    private static final int ASYNCHRONOUS_WARM_UP = 4;

    private static final long TRIM_EVERY = 64L * MIB;

    /** Returns the plan for less than three minutes: one size, one round. */
    public static Plan quick() {
        List<Cell> cells = new ArrayList<>();
        addAppends(cells, KIB, 64, 200, 500);
        addOthers(
                cells, new Others(Cell.Peers.BEST_CHECKED, 300, 400, List.of(256L * MIB), 64L * MIB, 2_000, 4L * MIB));
        addGrowing(cells, new Growing(Cell.Peers.BEST, 192L * MIB, 3_000));
        addOpenLoops(cells, Cell.Peers.BEST, 200, 500, List.of(90));
        addProcesses(cells, new Processes(300, 600, List.of(1, 100), 1, List.of(50, 5_000)));
        return new Plan(1, 192L * MIB, 400, true, cells);
    }

    /**
     * Returns the plan for some hours, including five minutes of appends during trims for each contender and up to half
     * a minute of appends to each growing log.
     */
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
        addGrowing(cells, new Growing(Cell.Peers.ALL, 10 * GIB, 30_000));
        addOpenLoops(cells, Cell.Peers.ALL, 1_000, 8_000, List.of(60, 90));
        addBulkAtARate(cells, 1_000, 8_000);
        addProcesses(cells, new Processes(2_000, 20_000, List.of(1, 10, 100, 1_000), 5, List.of(50, 50_000)));
        return new Plan(3, 256L * MIB, 1_000, false, cells);
    }

    /** Returns the plan for a few seconds, which tests that everything works. */
    public static Plan smoke() {
        List<Cell> cells = new ArrayList<>();
        addAppends(cells, KIB, 4, 20, 50);
        addOthers(cells, new Others(Cell.Peers.BEST_CHECKED, 20, 50, List.of((long) MIB), MIB, 100, MIB));
        addGrowing(cells, new Growing(Cell.Peers.BEST, 8L * MIB, 500));
        addOpenLoops(cells, Cell.Peers.BEST, 20, 100, List.of(60));
        addProcesses(cells, new Processes(20, 100, List.of(1, 4), 1, List.of(4, 8)));
        return new Plan(1, MIB, 10, true, cells);
    }

    /** Returns the plan without the cells on a disk with a journal. */
    public Plan withoutJournal() {
        List<Cell> others = cells.stream()
                .filter(cell -> cell.disk() != Cell.Disk.JOURNALED)
                .toList();
        return new Plan(rounds, prepareBytes, warmUpMillis, keepsDisturbed, others);
    }

    /**
     * Returns the size of the disk with a journal; 0 if no cell needs it. A quarter is added to the data of the largest
     * log, and the file of the bare disk.
     */
    public long journaledBytes() {
        long logBytes = cells.stream()
                .filter(cell -> cell.disk() == Cell.Disk.JOURNALED)
                .mapToLong(Cell::logBytes)
                .max()
                .orElse(0);
        return logBytes == 0 ? 0 : logBytes + logBytes / 4 + 512L * MIB;
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
        cells.add(new Cell(Workload.W2_FUTURES, KIB, MANY_CALLERS, Cell.Peers.NONE, warmUp, millis, 0, TRIM_EVERY));
        cells.add(new Cell(Workload.W2_HOOKS, KIB, MANY_CALLERS, best, warmUp, millis, 0, TRIM_EVERY));
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

    private static void addGrowing(List<Cell> cells, Growing growing) {
        for (Cell.Disk disk : Cell.Disk.values()) {
            cells.add(growing.cell(Workload.W12_BATCHES, 16 * KIB, BATCH).on(disk));
            cells.add(growing.cell(Workload.W12_IN_FLIGHT, 16 * KIB, IN_FLIGHT).on(disk));
            cells.add(growing.cell(Workload.W12_CALLERS, 16 * KIB, MANY_CALLERS).on(disk));
            cells.add(growing.forATime()
                    .cell(Workload.W12_IN_FLIGHT, KIB, IN_FLIGHT)
                    .on(disk));
        }
    }

    /** Adds the cell that measures the highest rate, and a cell for each part of that rate. */
    private static void addOpenLoops(
            List<Cell> cells, Cell.Peers limits, long warmUpMillis, long millis, List<Integer> percents) {
        cells.add(new Cell(Workload.W13_MAXIMUM, KIB, OPEN_LOOP_CALLERS, limits, warmUpMillis, millis, 0, 0));
        Cell due = new Cell(Workload.W13, KIB, OPEN_LOOP_CALLERS, Cell.Peers.BEST, warmUpMillis, millis, 0, 0);
        for (Rate.Of of : Rate.Of.values()) {
            for (int percent : percents) {
                cells.add(due.at(new Rate(of, percent)));
            }
        }
    }

    /** Adds the cells that count the waits for spares just below the highest rate of bytes. */
    private static void addBulkAtARate(List<Cell> cells, long warmUpMillis, long millis) {
        Cell.Peers none = Cell.Peers.NONE;
        cells.add(new Cell(Workload.W13_MAXIMUM, 16 * KIB, MANY_CALLERS, none, warmUpMillis, millis, 0, 0));
        cells.add(new Cell(Workload.W13, 16 * KIB, MANY_CALLERS, none, warmUpMillis, millis, 0, 0)
                .at(new Rate(Rate.Of.HOLDFAST, 90)));
    }

    private static void addProcesses(List<Cell> cells, Processes processes) {
        long idle = processes.warmUpMillis();
        long millis = processes.millis();
        Cell.Peers none = Cell.Peers.NONE;
        cells.add(new Cell(Workload.W14, KIB, 1, Cell.Peers.BEST, idle, millis, 0, 0));
        for (int logs : processes.logs()) {
            cells.add(new Cell(Workload.W15, KIB, logs, none, idle, millis / 4, 0, 0));
        }
        cells.add(new Cell(Workload.W16, KIB, processes.silences(), none, idle, millis / 4, 0, 0));
        for (int segments : processes.segments()) {
            cells.add(new Cell(Workload.W17, KIB, segments, none, idle, millis / 2, 0, 0));
        }
    }

    /**
     * The parameters of the fresh logs that grow.
     *
     * @param logBytes bytes of data at which a log ends
     * @param millis duration after which it ends in any case
     */
    private record Growing(Cell.Peers peers, long logBytes, long millis) {
        /** Returns twice the size in half the time: small records are measured for a time, not up to a size. */
        Growing forATime() {
            return new Growing(peers, 2 * logBytes, millis / 2);
        }

        Cell cell(Workload workload, int recordBytes, int depth) {
            return new Cell(workload, recordBytes, depth, peers, 0, millis, logBytes, 0);
        }
    }

    /**
     * The parameters of one caller in a growing log, of many logs, of the reader in another process and of many
     * segments.
     *
     * @param millis duration of the first; many segments take half of it, the others a quarter
     */
    private record Processes(
            long warmUpMillis, long millis, List<Integer> logs, int silences, List<Integer> segments) {}

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
