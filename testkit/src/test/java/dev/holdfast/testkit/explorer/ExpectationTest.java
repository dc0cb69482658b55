package dev.holdfast.testkit.explorer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ExpectationTest {
    private final Change first = append(2);
    private final Change second = append(1);
    private final Change removal = Change.truncate(1);

    @Test
    void acknowledgedAppendsSurvivePowerFailureIfSynced() {
        History history = new History(Expectation.NEW, true);
        history.begin(first);
        history.begin(second);
        history.acknowledge(first);
        assertThat(outcomes(history.now())).containsExactly("records 1 to 2, next id 3", "records 1 to 3, next id 4");
        assertThat(history.now().afterPowerCut()).isSameAs(history.now());
    }

    @Test
    void acknowledgedAppendsSurviveOnlyAKillIfNotSynced() {
        History history = new History(Expectation.NEW, false);
        history.begin(first);
        history.begin(second);
        history.acknowledge(second);
        assertThat(outcomes(history.now())).containsExactly("records 1 to 3, next id 4");
        assertThat(outcomes(history.now().afterPowerCut()))
                .containsExactly("no records, next id 1", "records 1 to 2, next id 3", "records 1 to 3, next id 4");
        history.synced();
        assertThat(outcomes(history.now().afterPowerCut())).containsExactly("records 1 to 3, next id 4");
    }

    @Test
    void pendingRemovalIsCompleteOrAbsent() {
        History history = new History(Expectation.NEW, true);
        history.begin(first);
        history.acknowledge(first);
        history.begin(removal);
        assertThat(outcomes(history.now())).containsExactly("records 1 to 2, next id 3", "records 1 to 1, next id 2");
        history.acknowledge(removal);
        assertThat(outcomes(history.now())).containsExactly("records 1 to 1, next id 2");
    }

    @Test
    void refusedAppendLeavesNoTrace() {
        History history = new History(Expectation.NEW, true);
        history.begin(first);
        history.begin(second);
        history.withdraw(first);
        assertThat(outcomes(history.now())).containsExactly("no records, next id 1", "records 1 to 1, next id 2");
    }

    @Test
    void returnedRecordsSurvive() {
        History history = new History(Expectation.NEW, true);
        history.begin(first);
        history.begin(second);
        assertThat(outcomes(history.shown(1))).hasSize(3);
        assertThat(outcomes(history.shown(2)))
                .containsExactly("records 1 to 2, next id 3", "records 1 to 3, next id 4");
        assertThat(outcomes(history.shown(3))).containsExactly("records 1 to 3, next id 4");
    }

    @Test
    void outcomeFoundAtOpenIsFinal() {
        History history = new History(Expectation.NEW, true);
        history.begin(first);
        history.begin(second);
        history.settle(history.now().outcomes().get(1), false);
        assertThat(outcomes(history.now())).containsExactly("records 1 to 2, next id 3");
    }

    private static Change append(int records) {
        return Change.append(java.util.stream.IntStream.range(0, records)
                .mapToObj(i -> Payload.of(i, 10))
                .toList());
    }

    private static List<String> outcomes(Expectation expectation) {
        return expectation.outcomes().stream()
                .map(outcome -> outcome.contents().toString())
                .toList();
    }
}
