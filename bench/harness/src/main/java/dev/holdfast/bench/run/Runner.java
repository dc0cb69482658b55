package dev.holdfast.bench.run;

import dev.holdfast.bench.child.Job;
import dev.holdfast.bench.child.Task;
import dev.holdfast.bench.contender.Opening;
import dev.holdfast.bench.contender.Survives;
import dev.holdfast.bench.run.Entrant.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Measures the contenders in turn. In each round and each cell they run one after the other, so that a disturbance of
 * the machine affects all of them alike. Each contender has one process per round, which is idle while another
 * contender is measured; CPU time that it uses then counts as foreign load. All dirty pages are written out between two
 * runs, so that no contender is slowed down by the writes of another.
 */
public final class Runner {
    private static final int BEST_PEERS = 2;
    private static final int WARM_UP_DEPTH = 64;
    private static final long PATIENCE_MILLIS = 60_000;
    private static final long SLOWEST_BYTES_PER_MILLI = 4_000;
    private static final long MILLIS_PER_LOG = 200;
    private static final long MILLIS_PER_SEGMENT = 10;

    /** Estimates for the progress bar: the overhead of a run, and the speed at which a log is filled. */
    private static final long MILLIS_BESIDE = 300;

    private static final long USUAL_BYTES_PER_MILLI = 250_000;

    /** Is notified before each run, to display progress. */
    public interface Watcher {
        void running(Run.Place place, long doneMillis, long expectedMillis);
    }

    private final Plan plan;
    private final List<Entrant> entrants;
    private final Predicate<Entrant> noticesDamage;
    private final ClassPaths classPaths;
    private final Path directory;
    private final Watcher watcher;
    private final Results results;
    private final Map<Entrant, ChildProcess> children = new HashMap<>();
    private final Set<Entrant> untrimmed = new HashSet<>();
    private int done;
    private long doneMillis;

    /**
     * Prepares to run.
     *
     * @param noticesDamage returns whether a contender detects damage when it reads
     * @param directory an empty directory
     */
    public Runner(
            Plan plan,
            List<Entrant> entrants,
            Predicate<Entrant> noticesDamage,
            ClassPaths classPaths,
            Path directory,
            Watcher watcher) {
        this.plan = plan;
        this.entrants = List.copyOf(entrants);
        this.noticesDamage = noticesDamage;
        this.classPaths = classPaths;
        this.directory = directory;
        this.watcher = watcher;
        this.results = new Results(plan.keepsDisturbed());
    }

    /** Runs the whole plan. */
    public Results run() throws IOException, InterruptedException {
        Map<Cell, List<Entrant>> chosen = new HashMap<>();
        for (int round = 1; round <= plan.rounds(); round++) {
            try {
                for (Cell cell : plan.cells()) {
                    if (round == 1) {
                        chosen.put(cell, choosing(cell));
                    } else if (!cell.isLong()) {
                        // The chosen contenders stay the same in all rounds, because rounds are compared with each
                        // other.
                        for (Entrant entrant : chosen.getOrDefault(cell, List.of())) {
                            results.add(run(cell, entrant, round));
                        }
                    }
                }
            } finally {
                endRound();
            }
        }
        return results;
    }

    /**
     * Runs the contenders of a cell for the first time and returns those that take part. If a cell takes only the best
     * peers, a peer that does not support the workload is replaced by the next best.
     */
    private List<Entrant> choosing(Cell cell) throws IOException, InterruptedException {
        List<Entrant> chosen = new ArrayList<>();
        boolean fewOnly = cell.peers() == Cell.Peers.BEST || cell.peers() == Cell.Peers.BEST_CHECKED;
        int peersLeft = fewOnly ? BEST_PEERS : Integer.MAX_VALUE;
        for (Entrant entrant : candidates(cell)) {
            boolean peer = entrant.role() == Role.PEER;
            if (peer && peersLeft == 0) {
                break;
            }
            Run run = run(cell, entrant, 1);
            if (!(peer && fewOnly && run.outcome() instanceof Outcome.Unsupported)) {
                results.add(run);
                chosen.add(entrant);
                peersLeft -= peer ? 1 : 0;
            }
        }
        return chosen;
    }

    /**
     * Returns all contenders that are not peers, then the wanted peers. If only the best peers are wanted, they are
     * sorted from the best to the worst.
     */
    private List<Entrant> candidates(Cell cell) {
        List<Entrant> candidates = new ArrayList<>(entrants);
        candidates.removeIf(entrant -> entrant.role() == Role.PEER
                || (entrant.role() == Role.NOT_DURABLE && cell.peers() != Cell.Peers.ALL)
                || (entrant.role() == Role.DISK && !cell.workload().hasBareDisk()));
        List<Entrant> peers =
                entrants.stream().filter(entrant -> entrant.role() == Role.PEER).toList();
        List<Entrant> checked = peers.stream().filter(noticesDamage).toList();
        candidates.addAll(
                switch (cell.peers()) {
                    case NONE -> List.of();
                    case ALL -> peers;
                    case BEST -> results.bestFirst(peers, cell);
                    case CHECKED -> checked;
                    case BEST_CHECKED -> results.bestFirst(checked, cell);
                });
        return candidates;
    }

    private Run run(Cell cell, Entrant entrant, int round) throws IOException, InterruptedException {
        watcher.running(new Run.Place(cell, entrant, round), doneMillis, Math.max(doneMillis, expectedMillis()));
        OptionalLong duePerSecond = cell.rate().isPresent() ? results.duePerSecond(cell, round) : OptionalLong.of(0);
        if (duePerSecond.isEmpty()) {
            Outcome unknown = new Outcome.Unsupported("the highest rate was not measured");
            return new Run(cell, entrant, round, unknown, new Load(0, 0));
        }
        done++;
        doneMillis += expectedMillis(cell);
        ChildProcess child = child(entrant);
        Path disk = cell.disk() == Cell.Disk.JOURNALED ? JournaledDisk.in(directory) : directory;
        Path fresh = disk.resolve(entrant.module().replace('/', '-') + "-" + entrant.variant() + "-" + done);
        boolean steady = usesSteadyLog(cell) && !untrimmed.contains(entrant);
        Path log = Files.createDirectories(steady ? steadyLog(entrant) : fresh);
        if (cell.workload() == Workload.W7) {
            child = killedAndStartedAgain(cell, entrant, child, log);
        }
        Deletion.syncAll();
        CpuTimes before = CpuTimes.now(ours(child));
        Task task = task(cell.workload().job(), cell, entrant, log, duePerSecond.getAsLong());
        Outcome outcome = child.run(task, timeoutMillis(cell));
        Load load = before.until(CpuTimes.now(ours(child)));
        if (!steady) {
            Deletion.of(fresh);
            Deletion.of(fresh.resolveSibling(fresh.getFileName() + "-warm"));
        }
        return new Run(cell, entrant, round, outcome, load);
    }

    private static Set<Long> ours(ChildProcess child) {
        return Set.of(ProcessHandle.current().pid(), child.pid());
    }

    /** Estimates the duration of all runs. The estimate is rough because the best peers are not known yet. */
    private long expectedMillis() {
        long millis = 0;
        for (Cell cell : plan.cells()) {
            long few = Math.min(entrants.size(), BEST_PEERS + 2);
            long contenders = cell.peers() == Cell.Peers.ALL ? entrants.size() : few;
            millis += (cell.isLong() ? 1 : plan.rounds()) * contenders * expectedMillis(cell);
        }
        return millis;
    }

    private static long expectedMillis(Cell cell) {
        return MILLIS_BESIDE + cell.warmUpMillis() + cell.millis() + cell.logBytes() / USUAL_BYTES_PER_MILLI;
    }

    /**
     * Returns whether the cell is measured in the log that has grown and was trimmed. All other cells need a log of
     * their own.
     */
    private static boolean usesSteadyLog(Cell cell) {
        return switch (cell.workload()) {
            case W1, W2, W2_VIRTUAL, W2_HOOKS, W2_FUTURES, W3, W4, W5, W8_STEADY, W9, W10, W11 -> true;
            default -> false;
        };
    }

    private Path steadyLog(Entrant entrant) {
        return directory.resolve(entrant.module().replace('/', '-') + "-" + entrant.variant() + "-steady");
    }

    private ChildProcess child(Entrant entrant) throws IOException, InterruptedException {
        ChildProcess running = children.get(entrant);
        if (running != null && running.isAlive()) {
            return running;
        }
        ChildProcess child = start(entrant);
        warmUp(entrant, child);
        Path log = Files.createDirectories(steadyLog(entrant));
        Opening opening = new Opening(log, entrant.variant(), Survives.POWER_LOSS, 1 << 10);
        Task prepare = new Task(Job.PREPARE, opening, 1, 0, 0, plan.prepareBytes(), plan.prepareBytes() / 4);
        Outcome outcome = child.run(prepare, PATIENCE_MILLIS + plan.prepareBytes() / SLOWEST_BYTES_PER_MILLI);
        if (!(outcome instanceof Outcome.Measured)) {
            untrimmed.add(entrant);
        }
        return child;
    }

    /**
     * Warms up the code with appends that do not wait for the disk, which are a hundred times as many in a second. A
     * contender that does not support this is warmed up only by each cell.
     */
    private void warmUp(Entrant entrant, ChildProcess child) throws IOException, InterruptedException {
        Path log = Files.createDirectories(steadyLog(entrant).resolveSibling("warm-up"));
        Opening opening = new Opening(log, entrant.variant(), Survives.PROCESS_CRASH, 1 << 10);
        Task task = new Task(
                Job.WARM_UP, opening, WARM_UP_DEPTH, 0, plan.warmUpMillis(), 0, plan.prepareBytes() / WARM_UP_DEPTH);
        child.run(task, PATIENCE_MILLIS + plan.warmUpMillis());
        Deletion.of(log);
    }

    private ChildProcess start(Entrant entrant) throws IOException {
        Path output = directory.resolve(entrant.module().replace('/', '-') + ".out");
        ChildProcess child = ChildProcess.start(List.of(), entrant, classPaths, output);
        children.put(entrant, child);
        return child;
    }

    private ChildProcess killedAndStartedAgain(Cell cell, Entrant entrant, ChildProcess child, Path log)
            throws IOException, InterruptedException {
        child.run(task(Job.FILL_AND_HALT, cell, entrant, log, 0), timeoutMillis(cell));
        child.close();
        return start(entrant);
    }

    private static Task task(Job job, Cell cell, Entrant entrant, Path log, long duePerSecond) {
        Survives survives = cell.workload() == Workload.W5 ? Survives.PROCESS_CRASH : Survives.POWER_LOSS;
        return new Task(
                job,
                new Opening(log, entrant.variant(), survives, cell.recordBytes()),
                cell.depth(),
                cell.warmUpMillis(),
                cell.millis(),
                cell.logBytes(),
                cell.trimEveryBytes(),
                duePerSecond);
    }

    private static long timeoutMillis(Cell cell) {
        long logs = cell.workload() == Workload.W15 ? cell.depth() : 0;
        long segments = cell.workload() == Workload.W17 ? cell.depth() : 0;
        return PATIENCE_MILLIS
                + cell.warmUpMillis()
                + cell.millis()
                + cell.logBytes() / SLOWEST_BYTES_PER_MILLI
                + logs * MILLIS_PER_LOG
                + segments * MILLIS_PER_SEGMENT;
    }

    private void endRound() throws IOException, InterruptedException {
        for (ChildProcess child : children.values()) {
            child.close();
        }
        children.clear();
        for (Entrant entrant : entrants) {
            Deletion.of(steadyLog(entrant));
        }
    }
}
