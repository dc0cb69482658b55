package dev.holdfast.bench.child;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.bench.child.WrittenBytes.Sample;
import java.util.List;
import org.junit.jupiter.api.Test;

class WrittenBytesTest {
    private static final Sample START = new Sample(0, 5_000);

    @Test
    void onlyTheSecondHalfCounts() {
        List<Sample> samples = List.of(START, new Sample(400, 9_000), new Sample(700, 9_500));

        assertThat(WrittenBytes.writtenPerByte(samples, new Sample(1_000, 10_200)))
                .isEqualTo(2.0);
    }

    @Test
    void logWrittenBetweenTwoSamplesCountsAsAWhole() {
        assertThat(WrittenBytes.writtenPerByte(List.of(START), new Sample(1_000, 6_500)))
                .isEqualTo(1.5);
    }
}
