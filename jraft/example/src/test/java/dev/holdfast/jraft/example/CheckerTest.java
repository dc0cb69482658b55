package dev.holdfast.jraft.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests the checker itself: it must reject every history with a mistake. */
class CheckerTest {
    private final History history = new History();
    private final List<String> applied = new ArrayList<>();

    CheckerTest() {
        for (int i = 0; i < 100; i++) {
            history.asked("w" + i);
            if (i % 7 != 3) {
                history.acknowledged("w" + i);
            }
            // One of two unacknowledged writes was applied.
            if (i % 14 != 3) {
                applied.add("w" + i);
            }
        }
    }

    private List<String> check(List<String> one, List<String> two) {
        return Checker.check(history.writes(), List.of(one, two, applied));
    }

    @Test
    void correctHistoryPasses() {
        assertThat(check(applied, applied)).isEmpty();
    }

    @Test
    void concurrentWritesMayHaveAnyOrder() {
        history.asked("x");
        history.asked("y");
        history.acknowledged("x");
        history.acknowledged("y");
        applied.add("y");
        applied.add("x");
        assertThat(check(applied, applied)).isEmpty();
    }

    @Test
    void lostWriteIsFoundOnOneNodeAndOnAll() {
        List<String> lost = new ArrayList<>(applied);
        assertThat(lost.remove("w50")).isTrue();
        assertThat(check(lost, applied)).anyMatch(text -> text.contains("node 0 lost w50"));
        applied.remove("w50");
        assertThat(check(lost, lost)).hasSize(3).allMatch(text -> text.contains("lost w50"));
    }

    @Test
    void unacknowledgedWriteMissingOnOneNodeIsFound() {
        List<String> lost = new ArrayList<>(applied);
        assertThat(lost.remove("w10")).isTrue();
        assertThat(check(applied, lost)).containsExactly("nodes 0 and 1 differ at write " + applied.indexOf("w10"));
    }

    @Test
    void lostLastWriteIsFound() {
        List<String> lost = applied.subList(0, applied.size() - 1);
        assertThat(check(applied, lost)).isNotEmpty();
    }

    @Test
    void duplicatedWriteIsFoundOnOneNodeAndOnAll() {
        List<String> doubled = new ArrayList<>(applied);
        doubled.add(60, doubled.get(59));
        assertThat(check(applied, doubled)).anyMatch(text -> text.contains("twice"));
        assertThat(Checker.check(history.writes(), List.of(doubled, doubled, doubled)))
                .hasSize(3)
                .allMatch(text -> text.contains("twice"));
    }

    @Test
    void reorderedWriteIsFoundOnOneNodeAndOnAll() {
        List<String> reordered = new ArrayList<>(applied);
        Collections.swap(reordered, 30, 31);
        assertThat(check(applied, reordered)).anyMatch(text -> text.contains("differ at write 30"));
        assertThat(Checker.check(history.writes(), List.of(reordered, reordered, reordered)))
                .hasSize(3)
                .allMatch(text -> text.contains("behind"));
    }

    @Test
    void inventedWriteIsFound() {
        applied.add("other");
        assertThat(Checker.check(history.writes(), List.of(applied)))
                .containsExactly("node 0 has other, for which nobody asked");
    }
}
