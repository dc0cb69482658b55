package dev.holdfast.bench.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.holdfast.bench.child.Figure;
import dev.holdfast.bench.child.Measurement;
import dev.holdfast.bench.proof.Liar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests with real processes. */
class RunnerTest {
    private static final Entrant FIRST = other("First", Entrant.Role.PEER);
    private static final Entrant SECOND = other("Second", Entrant.Role.PEER);
    private static final Entrant THIRD = other("Third", Entrant.Role.PEER);
    private static final Entrant UNSYNCED = other("Unsynced", Entrant.Role.NOT_DURABLE);

    @TempDir
    private Path temporary;

    private final List<String> places = new ArrayList<>();
    private ClassPaths classPaths = new ClassPaths(Path.of("none"), "none");

    private static Entrant other(String name, Entrant.Role role) {
        return new Entrant(name, "liar", "liar", Liar.class.getName(), "HONEST", role, "");
    }

    @BeforeEach
    void useTheClassPathOfThisTest() throws IOException {
        classPaths = new ClassPaths(temporary, "output");
        for (String module : List.of("liar", Entrants.HOLDFAST.module())) {
            Path output = Files.createDirectories(classPaths.output(module));
            Files.writeString(output.resolve("class-path"), System.getProperty("java.class.path"));
        }
    }

    private static Cell cell(Workload workload, Cell.Peers peers) {
        return new Cell(workload, 100, 1, peers, 1, 10, 0, 0);
    }

    private Results run(int rounds, Set<Entrant> noticing, List<Entrant> entrants, Cell... cells) throws Exception {
        Path disk = Files.createDirectory(temporary.resolve("disk"));
        Runner.Watcher watcher = (place, doneMillis, expectedMillis) -> places.add(place.round() + " "
                + place.cell().workload() + " " + place.entrant().name());
        Plan plan = new Plan(rounds, 1 << 16, 10, true, List.of(cells));
        return new Runner(plan, entrants, noticing::contains, classPaths, disk, watcher).run();
    }

    @Test
    void contendersTakeTurnsInEachRoundAndLeaveNoFiles() throws Exception {
        Cell one = cell(Workload.W1, Cell.Peers.ALL);
        Cell batches = cell(Workload.W3, Cell.Peers.ALL);

        Results results = run(2, Set.of(), List.of(Entrants.HOLDFAST, FIRST), one, batches);

        assertThat(places)
                .containsExactly(
                        "1 W1 Holdfast",
                        "1 W1 First",
                        "1 W3 Holdfast",
                        "1 W3 First",
                        "2 W1 Holdfast",
                        "2 W1 First",
                        "2 W3 Holdfast",
                        "2 W3 First");
        // If one round was quiet and the other was not, only the quiet one counts.
        assertThat(results.metric(one, FIRST).orElseThrow().rounds()).isBetween(1, 2);
        assertThat(ProcessHandle.current().children()).noneMatch(ProcessHandle::isAlive);
        try (Stream<Path> left = Files.list(temporary.resolve("disk"))) {
            assertThat(left).noneMatch(Files::isDirectory);
        }
    }

    @Test
    void laterWorkloadsTakeTheTwoBestPeersAndReadingOnlyPeersThatDetectDamage() throws Exception {
        run(
                1,
                Set.of(THIRD),
                List.of(Entrants.HOLDFAST, FIRST, SECOND, THIRD, UNSYNCED),
                cell(Workload.W1, Cell.Peers.ALL),
                cell(Workload.W5, Cell.Peers.BEST),
                cell(Workload.W6_ANYWHERE, Cell.Peers.CHECKED));

        assertThat(places).filteredOn(place -> place.contains("W1")).hasSize(5);
        assertThat(places)
                .filteredOn(place -> place.contains("W5"))
                .hasSize(3)
                .contains("1 W5 Holdfast")
                .doesNotContain("1 W5 Unsynced");
        assertThat(places)
                .filteredOn(place -> place.contains("W6"))
                .containsExactly("1 W6_ANYWHERE Holdfast", "1 W6_ANYWHERE Third");
    }

    @Test
    void openLoopIsMeasuredAtAPartOfTheHighestRateOfTheSameRound() throws Exception {
        Cell highest = new Cell(Workload.W13_MAXIMUM, 100, 2, Cell.Peers.ALL, 1, 20, 0, 0);
        Cell half = new Cell(Workload.W13, 100, 2, Cell.Peers.BEST, 1, 20, 0, 0).at(new Rate(Rate.Of.HOLDFAST, 1));

        Results results = run(1, Set.of(), List.of(Entrants.HOLDFAST, FIRST), highest, half);

        double due = results.figure(half, Entrants.HOLDFAST, Figure.DUE_PER_SECOND)
                .orElseThrow()
                .median();
        double most = results.metric(highest, Entrants.HOLDFAST).orElseThrow().median();
        assertThat(due).isEqualTo(most / 100, within(1.0));
    }

    @Test
    void openLoopWithoutAHighestRateIsNotMeasured() throws Exception {
        Cell due = new Cell(Workload.W13, 100, 2, Cell.Peers.BEST, 1, 20, 0, 0).at(new Rate(Rate.Of.BEST_PEER, 90));

        Results results = run(1, Set.of(), List.of(Entrants.HOLDFAST, FIRST), due);

        assertThat(results.excuse(due, Entrants.HOLDFAST)).contains("the highest rate was not measured");
        assertThat(results.entrants(due)).doesNotContain(FIRST);
    }

    @Test
    void growingLogIsFreshAndEndsAtItsSize() throws Exception {
        Cell growing = new Cell(Workload.W12_IN_FLIGHT, 100, 8, Cell.Peers.ALL, 0, 10_000, 100_000, 0);

        Results results = run(1, Set.of(), List.of(Entrants.HOLDFAST, FIRST), growing);

        for (Entrant entrant : List.of(Entrants.HOLDFAST, FIRST)) {
            assertThat(results.number(growing, entrant, Measurement::bytes)
                            .orElseThrow()
                            .median())
                    .isBetween(100_000.0, 101_000.0);
            assertThat(results.figure(growing, entrant, Figure.LONGEST_STALL_NANOS))
                    .isPresent();
        }
    }

    @Test
    void cellWithoutPeersMeasuresOnlyHoldfast() throws Exception {
        run(1, Set.of(), List.of(Entrants.HOLDFAST, FIRST), cell(Workload.W15, Cell.Peers.NONE));

        assertThat(places).containsExactly("1 W15 Holdfast");
    }
}
