package dev.holdfast.bench.child;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.bench.contender.Opening;
import dev.holdfast.bench.contender.Survives;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class LinesTest {
    @Test
    void taskSurvivesFormattingAndParsing() {
        Opening opening = new Opening(Path.of("/a directory/x=y"), "tuned", Survives.PROCESS_CRASH, 128);
        Task task = new Task(Job.ASYNCHRONOUS, opening, 1_024, 300, 500, 1L << 32, 64 << 20, 90_000);

        assertThat(task.line()).doesNotContain("\n");
        assertThat(Task.parse(task.line())).isEqualTo(task);
    }

    @Test
    void measurementSurvivesFormattingAndParsing() {
        Histogram latency = Measurement.newHistogram();
        latency.recordValue(120_000);
        latency.recordValue(4_000_000);
        Timeline timeline = new Timeline(10, List.of(5L, 0L, 7L), List.of(new Timeline.Mark(3, Timeline.Event.ROLL)));
        Map<Figure, Double> figures = Map.of(Figure.GROWTH_BYTES, 1.5);
        Measurement measurement = new Measurement(2, 200, 1_000_000_000, latency, figures, timeline);

        assertThat(measurement.line()).doesNotContain("\n");
        assertThat(Measurement.parse(measurement.line())).isEqualTo(measurement);
    }

    @Test
    void emptyTimelineSurvivesFormattingAndParsing() {
        assertThat(Timeline.parse(Timeline.NONE.line())).isEqualTo(Timeline.NONE);
    }
}
