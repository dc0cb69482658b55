package dev.holdfast.bench.run;

import dev.holdfast.bench.child.Figure;
import dev.holdfast.bench.child.Measurement;
import dev.holdfast.bench.child.Timeline;
import dev.holdfast.bench.run.Entrant.Role;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/**
 * All runs and their statistics. A disturbed run counts only if the plan keeps disturbed runs and no run of the
 * contender was quiet.
 */
public final class Results {
    private static final double PERCENT = 100;

    private final boolean keepsDisturbed;
    private final List<Run> runs = new ArrayList<>();

    public Results(boolean keepsDisturbed) {
        this.keepsDisturbed = keepsDisturbed;
    }

    public void add(Run run) {
        runs.add(run);
    }

    public List<Cell> cells() {
        return runs.stream().map(Run::cell).distinct().toList();
    }

    /** Returns all contenders with a run in this cell, in the order in which they ran. */
    public List<Entrant> entrants(Cell cell) {
        return of(cell).map(Run::entrant).distinct().toList();
    }

    private java.util.stream.Stream<Run> of(Cell cell) {
        return runs.stream().filter(run -> run.cell().equals(cell));
    }

    private List<Run> of(Cell cell, Entrant entrant) {
        return of(cell).filter(run -> run.entrant().equals(entrant)).toList();
    }

    /** Returns the runs that count. */
    public List<Run> counted(Cell cell, Entrant entrant) {
        List<Run> measured = of(cell, entrant).stream()
                .filter(run -> run.outcome() instanceof Outcome.Measured)
                .toList();
        List<Run> quiet = measured.stream().filter(run -> run.load().isQuiet()).toList();
        return quiet.isEmpty() && keepsDisturbed ? measured : quiet;
    }

    /** Returns whether one of the runs that count was disturbed. */
    public boolean isDisturbed(Cell cell, Entrant entrant) {
        return counted(cell, entrant).stream().anyMatch(run -> !run.load().isQuiet());
    }

    /** Returns the number of measured runs that do not count. */
    public long discarded(Cell cell, Entrant entrant) {
        long measured = of(cell, entrant).stream()
                .filter(run -> run.outcome() instanceof Outcome.Measured)
                .count();
        return measured - counted(cell, entrant).size();
    }

    /** Returns the highest foreign load during the runs that count, or during all runs if none counts. */
    public double mostForeignCores(Cell cell, Entrant entrant) {
        List<Run> counted = counted(cell, entrant);
        return (counted.isEmpty() ? of(cell, entrant) : counted)
                .stream()
                        .mapToDouble(
                                run -> run.load().foreignCores() + run.load().stolenCores())
                        .max()
                        .orElse(0);
    }

    /** Returns the reason why a contender has no result, or empty if it has one. */
    public Optional<String> excuse(Cell cell, Entrant entrant) {
        if (!counted(cell, entrant).isEmpty()) {
            return Optional.empty();
        }
        return of(cell, entrant).stream().map(run -> excuse(run.outcome())).findFirst();
    }

    private static String excuse(Outcome outcome) {
        if (outcome instanceof Outcome.Unsupported unsupported) {
            return unsupported.reason();
        }
        if (outcome instanceof Outcome.Overloaded overloaded) {
            return "left out: " + overloaded.reason();
        }
        return outcome instanceof Outcome.Failed failed ? "failed: " + failed.reason() : "every round was disturbed";
    }

    /** Returns whether a contender has no result because it could not hold the rate of the calls. */
    public boolean isOverloaded(Cell cell, Entrant entrant) {
        return counted(cell, entrant).isEmpty()
                && of(cell, entrant).stream().anyMatch(run -> run.outcome() instanceof Outcome.Overloaded);
    }

    /**
     * Returns the calls that are due per second in a round: the part of the highest rate that was measured in the same
     * round. Empty if that was not measured. Disturbed runs count, too.
     */
    OptionalLong duePerSecond(Cell cell, int round) {
        Rate rate = cell.rate().orElseThrow();
        Role of = rate.of() == Rate.Of.HOLDFAST ? Role.HOLDFAST : Role.PEER;
        OptionalDouble highest = runs.stream()
                .filter(run -> run.round() == round && cell.isLimitedBy(run.cell()))
                .filter(run -> run.entrant().role() == of)
                .map(Run::outcome)
                .filter(Outcome.Measured.class::isInstance)
                .mapToDouble(
                        outcome -> Workload.Metric.RECORDS_PER_SECOND.of(((Outcome.Measured) outcome).measurement()))
                .max();
        return highest.isPresent()
                ? OptionalLong.of(Math.max(1, (long) (highest.getAsDouble() * rate.percent() / PERCENT)))
                : OptionalLong.empty();
    }

    private Map<Integer, Double> byRound(Cell cell, Entrant entrant, ToDoubleFunction<Measurement> number) {
        Map<Integer, Double> byRound = new TreeMap<>();
        for (Run run : counted(cell, entrant)) {
            if (run.outcome() instanceof Outcome.Measured measured) {
                byRound.put(run.round(), number.applyAsDouble(measured.measurement()));
            }
        }
        return byRound;
    }

    /** Returns the statistics of a number over the rounds that count. */
    public Optional<Statistics> number(Cell cell, Entrant entrant, ToDoubleFunction<Measurement> number) {
        return statistics(byRound(cell, entrant, number));
    }

    /** Returns the statistics of the metric that is compared. */
    public Optional<Statistics> metric(Cell cell, Entrant entrant) {
        return number(cell, entrant, cell.workload().metric()::of);
    }

    /** Returns the statistics of a percentile of the latency, in microseconds. */
    public Optional<Statistics> percentile(Cell cell, Entrant entrant, double percentile) {
        return number(
                        cell,
                        entrant,
                        measured -> measured.latency().getTotalCount() == 0
                                ? Double.NaN
                                : measured.latency().getValueAtPercentile(percentile) / 1e3)
                .filter(statistics -> !Double.isNaN(statistics.median()));
    }

    /** Returns the statistics of an additional figure. */
    public Optional<Statistics> figure(Cell cell, Entrant entrant, Figure figure) {
        return number(cell, entrant, measured -> measured.figures().getOrDefault(figure, Double.NaN))
                .filter(statistics -> !Double.isNaN(statistics.median()));
    }

    /** Returns the ratio of the metrics of two contenders in the same rounds. */
    public Optional<Statistics> ratio(Cell cell, Entrant entrant, Entrant to) {
        return statistics(Statistics.ratios(
                byRound(cell, entrant, cell.workload().metric()::of),
                byRound(cell, to, cell.workload().metric()::of)));
    }

    /** Returns the ratio of the metrics of a contender in two cells with the same metric, in the same rounds. */
    public Optional<Statistics> ratio(Cell cell, Cell to, Entrant entrant) {
        return statistics(Statistics.ratios(
                byRound(cell, entrant, cell.workload().metric()::of),
                byRound(to, entrant, to.workload().metric()::of)));
    }

    /** Returns the cell with the same calls in a log in steady use, if it was measured. */
    public Optional<Cell> steady(Cell growing) {
        return cells().stream().filter(growing::isSteadyIn).findFirst();
    }

    /** Returns the cell with as many callers that block, if it was measured. */
    public Optional<Cell> blocking(Cell waiting) {
        return cells().stream().filter(waiting::isBlockingIn).findFirst();
    }

    /** Returns the cell of the same workload with the fewest logs or segments, if this one has more. */
    public Optional<Cell> smallest(Cell large) {
        return cells().stream().filter(large::isLargerThan).min(Comparator.comparingInt(Cell::depth));
    }

    /** Returns the ratio of an additional figure of a contender in two cells, in the same rounds. */
    public Optional<Statistics> figureRatio(Cell cell, Cell to, Entrant entrant, Figure figure) {
        ToDoubleFunction<Measurement> number = measured -> measured.figures().getOrDefault(figure, Double.NaN);
        return statistics(Statistics.ratios(byRound(cell, entrant, number), byRound(to, entrant, number)))
                .filter(statistics -> !Double.isNaN(statistics.median()));
    }

    /** Returns the statistics of the ratio of a percentile of two contenders in the same rounds. */
    public Optional<Statistics> percentileRatio(Cell cell, Entrant entrant, Entrant to, double percentile) {
        ToDoubleFunction<Measurement> latency = measured -> measured.latency().getValueAtPercentile(percentile);
        return statistics(Statistics.ratios(byRound(cell, entrant, latency), byRound(cell, to, latency)));
    }

    private static Optional<Statistics> statistics(Map<Integer, Double> byRound) {
        return byRound.isEmpty() ? Optional.empty() : Optional.of(Statistics.of(List.copyOf(byRound.values())));
    }

    /** Returns the latencies of all rounds that count. */
    public Histogram latency(Cell cell, Entrant entrant) {
        Histogram sum = Measurement.newHistogram();
        for (Run run : counted(cell, entrant)) {
            if (run.outcome() instanceof Outcome.Measured measured) {
                sum.add(measured.measurement().latency());
            }
        }
        return sum;
    }

    /** Returns the timeline of the last round that counts. */
    public Optional<Timeline> timeline(Cell cell, Entrant entrant) {
        return counted(cell, entrant).stream()
                .map(Run::outcome)
                .filter(Outcome.Measured.class::isInstance)
                .map(outcome -> ((Outcome.Measured) outcome).measurement().timeline())
                .filter(timeline -> !timeline.slowestNanos().isEmpty())
                .reduce((first, second) -> second);
    }

    public Optional<Entrant> first(Cell cell, Role role) {
        return entrants(cell).stream().filter(entrant -> entrant.role() == role).findFirst();
    }

    /** Returns the wanted peer with the best metric in a cell. */
    public Optional<Entrant> bestPeer(Cell cell, Predicate<Entrant> wanted) {
        Comparator<Entrant> byMetric =
                Comparator.comparingDouble(entrant -> goodness(cell, entrant).orElse(0.0));
        return entrants(cell).stream()
                .filter(entrant -> entrant.role() == Role.PEER && wanted.test(entrant))
                .filter(entrant -> metric(cell, entrant).isPresent())
                .max(byMetric);
    }

    /** Returns a number that is greater for a better result, in every workload. */
    private Optional<Double> goodness(Cell cell, Entrant entrant) {
        return metric(cell, entrant)
                .map(Statistics::median)
                .map(median -> cell.workload().metric().moreIsBetter() ? median : 1 / median);
    }

    /**
     * Returns the peers sorted from the best to the worst, over all cells that decide this for a cell. Disturbed runs
     * count, too.
     */
    List<Entrant> bestFirst(List<Entrant> peers, Cell cell) {
        Results all = new Results(true);
        runs.stream().filter(run -> cell.takesTheBestOf(run.cell())).forEach(all::add);
        return peers.stream()
                .sorted(Comparator.comparingDouble(all::score).reversed())
                .toList();
    }

    private double score(Entrant entrant) {
        double[] goodness = cells().stream()
                .mapToDouble(cell -> goodness(cell, entrant).orElse(Double.MIN_NORMAL))
                .toArray();
        return Statistics.geometricMean(goodness);
    }
}
