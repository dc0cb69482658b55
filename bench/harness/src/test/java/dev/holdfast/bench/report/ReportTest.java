package dev.holdfast.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.holdfast.bench.child.Figure;
import dev.holdfast.bench.child.Measurement;
import dev.holdfast.bench.child.Timeline;
import dev.holdfast.bench.proof.Proof;
import dev.holdfast.bench.run.Cell;
import dev.holdfast.bench.run.Entrant;
import dev.holdfast.bench.run.Entrants;
import dev.holdfast.bench.run.Load;
import dev.holdfast.bench.run.Outcome;
import dev.holdfast.bench.run.Results;
import dev.holdfast.bench.run.Run;
import dev.holdfast.bench.run.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class ReportTest {
    private static final Cell ONE_CALLER = new Cell(Workload.W1, 1_024, 1, Cell.Peers.ALL, 0, 1_000, 0, 0);
    private static final Cell TRIMS = new Cell(Workload.W10, 1_024, 1, Cell.Peers.BEST, 0, 1_000, 0, 0);
    private static final Cell TRUNCATIONS = new Cell(Workload.W11, 1_024, 1, Cell.Peers.BEST, 0, 1_000, 0, 0);
    private static final Cell READ_BACK = new Cell(Workload.W6_BACK, 1_024, 1, Cell.Peers.CHECKED, 0, 1_000, 0, 0);
    private static final Load QUIET = new Load(0.02, 0);
    private static final Load LOUD = new Load(1.5, 0);
    private static final Entrant PEER =
            new Entrant("A <peer>", "peers/a", "a", "A", "default", Entrant.Role.PEER, "this | that");

    private static final Entrant BLIND =
            new Entrant("Blind", "peers/b", "b", "B", "default", Entrant.Role.PEER, "without checksums");

    private final Results results = new Results(false);

    private void add(Cell cell, Entrant entrant, int round, long micros, Load load) {
        Histogram latency = Measurement.newHistogram();
        latency.recordValueWithCount(micros * 1_000, 1_000);
        Timeline timeline =
                new Timeline(10, List.of(micros * 1_000, 0L), List.of(new Timeline.Mark(5, Timeline.Event.TRIM)));
        Measurement measurement = new Measurement(
                1_000, 1_024_000, 1_000_000_000, latency, Map.of(Figure.CPU_NANOS_PER_RECORD, 9_000.0), timeline);
        results.add(new Run(cell, entrant, round, new Outcome.Measured(measurement), load));
    }

    private Report report() {
        return new Report(
                new Machine(Map.of("Processor", "a slow one")),
                Map.of(PEER, "1.2.3"),
                Map.of(
                        PEER,
                        new Proof.Proven(24, "fdatasync", Proof.Reading.NOTICES),
                        BLIND,
                        new Proof.Proven(24, "fsync", Proof.Reading.BLIND)),
                results);
    }

    private List<List<String>> rows(Cell cell) {
        return report().rows(cell);
    }

    @Test
    void ratiosAreComputedFromQuietRounds() {
        add(ONE_CALLER, Entrants.DISK, 1, 100, QUIET);
        add(ONE_CALLER, Entrants.HOLDFAST, 1, 110, QUIET);
        add(ONE_CALLER, PEER, 1, 220, QUIET);
        add(ONE_CALLER, Entrants.DISK, 2, 100, QUIET);
        add(ONE_CALLER, Entrants.HOLDFAST, 2, 900, LOUD);
        add(ONE_CALLER, PEER, 2, 220, QUIET);

        assertThat(rows(ONE_CALLER).get(1).subList(0, 4)).containsExactly("Holdfast", "1.10", "", "110 µs (p50)");
        assertThat(rows(ONE_CALLER).get(1).subList(10, 12)).containsExactly("1 (1)", "0.02");
        assertThat(rows(ONE_CALLER).get(2).subList(0, 3)).containsExactly("A <peer>", "2.20", "2.00 × as good");
    }

    @Test
    void disturbedRoundsAreReportedOnlyIfThePlanKeepsThem() {
        add(ONE_CALLER, Entrants.DISK, 1, 100, LOUD);
        Results keeping = new Results(true);
        keeping.add(new Run(ONE_CALLER, Entrants.DISK, 1, measured(), LOUD));

        assertThat(rows(ONE_CALLER).get(0)).contains("every round was disturbed");
        assertThat(new Report(new Machine(Map.of()), Map.of(), Map.of(), keeping)
                        .rows(ONE_CALLER)
                        .get(0)
                        .get(0))
                .isEqualTo("bare disk ~");
    }

    private static Outcome measured() {
        Histogram latency = Measurement.newHistogram();
        latency.recordValue(100_000);
        return new Outcome.Measured(new Measurement(1, 1, 1, latency, Map.of(), Timeline.NONE));
    }

    @Test
    void unsupportedWorkloadIsReportedWithItsReason() {
        results.add(new Run(ONE_CALLER, PEER, 1, new Outcome.Unsupported("it cannot be truncated"), QUIET));

        assertThat(rows(ONE_CALLER).get(0)).contains("A <peer>", "it cannot be truncated");
    }

    private List<Target> targets(Cell cell) {
        return Target.of(report()).stream()
                .filter(target -> target.name().equals(cell.heading()))
                .toList();
    }

    @Test
    void targetsArePassedOrMissed() {
        add(ONE_CALLER, Entrants.DISK, 1, 100, QUIET);
        add(ONE_CALLER, Entrants.HOLDFAST, 1, 112, QUIET);
        add(TRIMS, Entrants.DISK, 1, 100, QUIET);
        add(TRIMS, Entrants.HOLDFAST, 1, 140, QUIET);

        assertThat(targets(ONE_CALLER).get(0))
                .isEqualTo(new Target(
                        "1 caller, 1 KiB (W1)",
                        "≤ 1.10 × the bare disk",
                        "1.12",
                        Target.Verdict.MISSED,
                        "112 µs (p50)"));
        assertThat(targets(TRIMS).get(0).verdict()).isEqualTo(Target.Verdict.PASSED);
    }

    @Test
    void targetWithoutAMeasurementIsNotPassed() {
        add(ONE_CALLER, Entrants.HOLDFAST, 1, 112, QUIET);
        add(TRIMS, Entrants.HOLDFAST, 1, 140, QUIET);
        add(TRIMS, Entrants.DISK, 1, 100, LOUD);

        assertThat(Target.of(report())).hasSizeGreaterThan(15);
        assertThat(Target.of(report())).extracting(Target::verdict).containsOnly(Target.Verdict.NOT_MEASURED);
    }

    @Test
    void growthOfOneByteMissesATargetOfZero() {
        Histogram latency = Measurement.newHistogram();
        latency.recordValue(1_000);
        Map<Figure, Double> figures = Map.of(Figure.GROWTH_BYTES, 1.0, Figure.APPEND_P50_NANOS, 1_000.0);
        results.add(new Run(
                TRUNCATIONS,
                Entrants.HOLDFAST,
                1,
                new Outcome.Measured(new Measurement(1, 1, 1, latency, figures, Timeline.NONE)),
                QUIET));

        assertThat(targets(TRUNCATIONS))
                .extracting(Target::required, Target::verdict)
                .containsExactly(
                        tuple("≤ 6.00 × one append", Target.Verdict.PASSED),
                        tuple("0 bytes of growth", Target.Verdict.MISSED));
    }

    @Test
    void peerThatDoesNotDetectDamageIsNotComparedInReading() {
        addRead(Entrants.HOLDFAST, 6_000);
        addRead(BLIND, 5_000);
        addRead(PEER, 1_000);

        Target target = targets(READ_BACK).get(0);

        assertThat(target.reached()).isEqualTo("6.00");
        assertThat(target.verdict()).isEqualTo(Target.Verdict.PASSED);
    }

    private void addRead(Entrant entrant, long megabytesPerSecond) {
        Measurement measurement = new Measurement(
                1_000,
                megabytesPerSecond * 1_000_000,
                1_000_000_000,
                Measurement.newHistogram(),
                Map.of(),
                Timeline.NONE);
        results.add(new Run(READ_BACK, entrant, 1, new Outcome.Measured(measurement), QUIET));
    }

    @Test
    void markdownReportEscapesBarsInTables() {
        add(ONE_CALLER, Entrants.DISK, 1, 100, QUIET);

        String text = new MarkdownReport(report()).text();

        assertThat(text).contains("- Processor: a slow one");
        assertThat(text).contains("| bare disk | 1.00 |  | 100 µs (p50) |");
        assertThat(text)
                .contains(
                        "| A <peer> | 1.2.3 | this \\| that | yes: fdatasync before each of 24 acknowledgements | detected |");
    }

    @Test
    void htmlIsSelfContainedAndMarksRollsAndTrims() {
        add(ONE_CALLER, PEER, 1, 100, QUIET);
        add(TRIMS, Entrants.HOLDFAST, 1, 140, QUIET);

        String html = new HtmlReport(report()).text();

        assertThat(html).doesNotContain("src=", "href=", "<script", "@import", "url(");
        assertThat(html).contains("A &lt;peer&gt;").doesNotContain("A <peer>");
        assertThat(html).contains("class=\"TRIM\"", "<rect class=\"HOLDFAST\"", "prefers-color-scheme: dark");
    }

    @Test
    void pictureNamesItsRowsInWordsAndHasALegend() {
        add(ONE_CALLER, Entrants.DISK, 1, 100, QUIET);
        add(ONE_CALLER, Entrants.HOLDFAST, 1, 110, QUIET);
        add(ONE_CALLER, PEER, 1, 220, QUIET);

        String picture = new OverviewChart(report()).text();

        assertThat(picture).contains(">1 caller, 1 KiB, latency</text>").doesNotContain("W1");
        assertThat(picture)
                .contains(
                        ">Holdfast (always at 1×)<",
                        ">bare disk (synced writes without a log)<",
                        ">best other log (named on the right)<",
                        "Further right is better");
        assertThat(picture)
                .contains("<title>Holdfast is 2.00 × as good as A &lt;peer&gt;</title>")
                .contains("<title>Holdfast is 0.91 × as good as bare disk</title>");
    }

    @Test
    void pictureIsLegibleWithoutItsStyleSheet() {
        add(ONE_CALLER, Entrants.DISK, 1, 10_000, QUIET);
        add(ONE_CALLER, Entrants.HOLDFAST, 1, 110, QUIET);
        add(ONE_CALLER, PEER, 1, 220, QUIET);

        String picture = new OverviewChart(report()).svg();

        assertThat(picture.lines().skip(1).findFirst().orElseThrow())
                .startsWith("<rect class=\"card\"")
                .contains("fill=\"#ffffff\"");
        assertThat(picture).doesNotContain("var(", "style=");
        assertThat(picture.lines().filter(line -> line.matches("<(text|rect|circle|path) .*")))
                .hasSizeGreaterThan(20)
                .allSatisfy(line -> assertThat(line).containsPattern("(fill|stroke)=\"#[0-9a-f]{6}\""));
    }

    @Test
    void committedPictureHasTheLegendAndStyleOfTheGenerator() throws IOException {
        add(ONE_CALLER, Entrants.DISK, 1, 100, QUIET);
        add(ONE_CALLER, Entrants.HOLDFAST, 1, 110, QUIET);
        String committed = Files.readString(Path.of("../../docs/performance/overview.svg"));
        String picture = new OverviewChart(report()).text();

        for (String part : List.of("style", "g")) {
            assertThat(part(part, committed)).isEqualTo(part(part, picture));
        }
    }

    private static String part(String element, String svg) {
        String end = "</" + element + ">";
        return svg.substring(svg.indexOf("<" + element), svg.indexOf(end) + end.length());
    }

    @Test
    void summaryIsWrittenOnlyBetweenTheMarksOfThePage() {
        String page = "# Page\n<!-- bench: written by the tool -->\nfigures of before\n<!-- bench: end -->\nrest\n";
        add(ONE_CALLER, Entrants.HOLDFAST, 1, 110, QUIET);
        add(ONE_CALLER, PEER, 1, 220, QUIET);

        String written = new Summary(report()).writtenInto(page);

        assertThat(written)
                .startsWith("# Page\n")
                .endsWith("<!-- bench: end -->\nrest\n")
                .doesNotContain("figures of before");
        assertThat(written)
                .contains("| one caller, 1 KiB | 110 µs (p50) | not measured yet | 220 µs (p50) (A <peer>) |")
                .contains("| 64 callers, 1 KiB | not measured yet | not measured yet | not measured yet |");
        assertThat(new Summary(report()).writtenInto(written)).isEqualTo(written);
        assertThatThrownBy(() -> new Summary(report()).writtenInto("no marks"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
