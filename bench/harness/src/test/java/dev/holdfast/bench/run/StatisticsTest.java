package dev.holdfast.bench.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StatisticsTest {
    @Test
    void medianOfThreeIsTheMiddleOne() {
        assertThat(Statistics.of(List.of(9.0, 1.0, 4.0))).isEqualTo(new Statistics(4.0, 1.0, 9.0, 3));
    }

    @Test
    void medianOfFourIsTheMeanOfTheMiddleTwo() {
        assertThat(Statistics.of(List.of(8.0, 1.0, 4.0, 2.0)).median()).isEqualTo(3.0);
    }

    @Test
    void medianOfNoValuesIsRefused() {
        assertThatThrownBy(() -> Statistics.of(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void ratioComparesValuesOfTheSameRound() {
        Map<Integer, Double> ours = Map.of(1, 10.0, 2, 30.0, 4, 7.0);
        Map<Integer, Double> disk = Map.of(1, 5.0, 3, 2.0, 4, 14.0);

        assertThat(Statistics.ratios(ours, disk)).containsExactly(Map.entry(1, 2.0), Map.entry(4, 0.5));
    }

    @Test
    void geometricMeanOfTwoAndOneHalfIsOne() {
        assertThat(Statistics.geometricMean(2, 0.5)).isEqualTo(1, within(1e-12));
    }
}
