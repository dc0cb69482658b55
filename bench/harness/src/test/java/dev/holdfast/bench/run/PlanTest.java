package dev.holdfast.bench.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PlanTest {
    private static final long GIB = 1L << 30;

    @Test
    void eachGrowingLogIsAlsoMeasuredOnTheDiskWithAJournalIfThereIsOne() {
        Plan plan = Plan.full();

        assertThat(cells(plan, Cell.Disk.JOURNALED))
                .isNotEmpty()
                .allSatisfy(cell -> assertThat(cells(plan, Cell.Disk.PLAIN)).contains(cell.on(Cell.Disk.PLAIN)));
        assertThat(plan.journaledBytes()).isGreaterThan(20 * GIB);
        assertThat(cells(plan.withoutJournal(), Cell.Disk.JOURNALED)).isEmpty();
        assertThat(cells(plan.withoutJournal(), Cell.Disk.PLAIN)).isEqualTo(cells(plan, Cell.Disk.PLAIN));
        assertThat(plan.withoutJournal().journaledBytes()).isZero();
    }

    @Test
    void highestRateIsMeasuredBeforeThePartsOfIt() {
        for (Plan plan : List.of(Plan.full(), Plan.quick(), Plan.smoke())) {
            List<Cell> cells = plan.cells();
            List<Cell> due =
                    cells.stream().filter(cell -> cell.rate().isPresent()).toList();

            assertThat(due)
                    .isNotEmpty()
                    .allSatisfy(cell ->
                            assertThat(cells.subList(0, cells.indexOf(cell))).anyMatch(cell::isLimitedBy));
        }
    }

    @Test
    void fullPlanMeasuresGrowingLogsInEachRoundBesideTheRecycledLog() {
        Stream<Cell> growing = Plan.full().withoutJournal().cells().stream()
                .filter(cell -> cell.workload().whenSteady().isPresent());

        assertThat(growing).hasSize(4).allSatisfy(cell -> {
            assertThat(cell.isLong()).isFalse();
            assertThat(cell.peers()).isEqualTo(Cell.Peers.ALL);
            assertThat(Plan.full().cells()).anyMatch(cell::isSteadyIn);
        });
    }

    private static List<Cell> cells(Plan plan, Cell.Disk disk) {
        return plan.cells().stream().filter(cell -> cell.disk() == disk).toList();
    }
}
