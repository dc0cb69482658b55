package dev.holdfast.bench.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LoadTest {
    private static final long SECOND = 1_000_000_000;

    @Test
    void tenthOfACoreIsQuietAndMoreIsNot() {
        assertThat(new Load(0.1, 0).isQuiet()).isTrue();
        assertThat(new Load(0.11, 0).isQuiet()).isFalse();
    }

    @Test
    void timeStolenByOtherMachinesCounts() {
        assertThat(new Load(0.06, 0.06).isQuiet()).isFalse();
    }

    @Test
    void foreignTimeIsNeitherOursNorTheKernels() {
        CpuTimes before = new CpuTimes(0, 1_000, 10, 500, 50);
        CpuTimes after = new CpuTimes(2 * SECOND, 1_300, 30, 700, 80);

        Load load = before.until(after);

        assertThat(load.foreignCores()).isEqualTo(0.35, within(1e-9));
        assertThat(load.stolenCores()).isEqualTo(0.1, within(1e-9));
    }

    @Test
    void timeOfDiskWaitsAndInterruptsIsNotBusy() {
        String line = "cpu  100 20 3 4000 500 60 7 8 0 0";

        assertThat(CpuTimes.busy(line)).isEqualTo(123);
        assertThat(CpuTimes.stolen(line)).isEqualTo(8);
    }

    @Test
    void processNameMayContainAnyCharacter() {
        String stat = "42 (a) b (c) S 7 42 42 0 -1 4194560 1 2 3 4 11 22 5 6 20 0";

        String[] fields = CpuTimes.fields(stat);

        assertThat(fields[1]).isEqualTo("7");
        assertThat(CpuTimes.ticks(fields)).isEqualTo(33);
        assertThat(CpuTimes.ticksOfChildren(fields)).isEqualTo(11);
    }
}
