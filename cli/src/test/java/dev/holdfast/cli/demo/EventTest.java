package dev.holdfast.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class EventTest {
    private static final Batch BATCH = new Batch(1, 2, 3);

    @Test
    void writtenLineIsParsedToTheSameEvent() {
        Event started = new Event.Started(BATCH);
        Event acknowledged = new Event.Acknowledged(BATCH, Long.MAX_VALUE - 1);
        assertThat(started.line()).isEqualTo("start 1 2 3");
        assertThat(acknowledged.line()).isEqualTo("ack 1 2 3 9223372036854775806");
        assertThat(Event.parse(started.line())).isEqualTo(started);
        assertThat(Event.parse(acknowledged.line())).isEqualTo(acknowledged);
    }

    @Test
    void invalidLinesAreRefused() {
        for (String line :
                List.of("", "start", "ack 1 2 3", "start 1 2 3 4", "ack 1 2 3 4 5", "stop 1 2 3", "start a b c")) {
            assertThatThrownBy(() -> Event.parse(line)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void startedAndUnacknowledgedBatchesAreInFlight() {
        Batch other = new Batch(1, 1, 1);
        List<Event> history =
                List.of(new Event.Started(BATCH), new Event.Started(other), new Event.Acknowledged(BATCH, 1));
        assertThat(Event.unacknowledged(history)).containsExactly(other);
        assertThat(Event.acknowledgements(history)).containsExactly(new Event.Acknowledged(BATCH, 1));
    }
}
