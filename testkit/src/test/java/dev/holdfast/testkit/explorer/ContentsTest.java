package dev.holdfast.testkit.explorer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Checks the id table of the contract, mostly on a log that holds records 1 to 10. */
class ContentsTest {
    private final Contents ten = Contents.NEW.append(
            LongStream.range(0, 10).mapToObj(seed -> Payload.of(seed, 20)).toList());

    @Test
    void newLogStartsAtOneOrAtAnyExplicitId() {
        assertThat(Contents.NEW).hasToString("no records, next id 1");
        assertThat(Contents.NEW.accepts(77)).isTrue();
        assertThat(Contents.NEW.jump(77).append(batch())).hasToString("records 77 to 77, next id 78");
    }

    @Test
    void truncateKeepsTheOldest() {
        assertThat(ten.truncate(5)).hasToString("records 1 to 5, next id 6");
        assertThat(ten.truncate(5).accepts(7)).isFalse();
        assertThat(ten.truncate(10)).isSameAs(ten);
        assertThat(ten.truncate(5).record(5)).isSameAs(ten.record(5));
    }

    @Test
    void truncateOfAllRecordsKeepsTheGreaterNextId() {
        assertThat(ten.truncate(0)).hasToString("no records, next id 1");
        assertThat(ten.truncate(0).accepts(99)).isTrue();
        assertThat(ten.trim(4).truncate(2)).hasToString("no records, next id 5");
        assertThat(ten.trim(4).truncate(-1)).hasToString("no records, next id 5");
    }

    @Test
    void trimKeepsTheNextId() {
        assertThat(ten.trim(4)).hasToString("records 5 to 10, next id 11");
        assertThat(ten.trim(4).record(5)).isSameAs(ten.record(5));
        assertThat(ten.trim(10)).hasToString("no records, next id 11");
        assertThat(ten.trim(100)).hasToString("no records, next id 11");
        assertThat(ten.trim(100).accepts(3)).isTrue();
        assertThat(ten.trim(-1)).isSameAs(ten);
    }

    @Test
    void resetPinsTheNextId() {
        assertThat(ten.reset(50)).hasToString("no records, next id 50 (PINNED)");
        assertThat(ten.reset(50).accepts(51)).isFalse();
        assertThat(ten.reset(50).accepts(50)).isTrue();
        assertThat(ten.reset(50).truncate(-1).pin()).isEqualTo(Contents.Pin.PINNED);
        assertThat(ten.reset(50).append(batch()).truncate(-1)).hasToString("no records, next id 50");
    }

    private static List<Payload> batch() {
        return List.of(Payload.of(99, 10));
    }
}
