package dev.holdfast.bookkeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.UnsupportedFormatException;
import dev.holdfast.wal.ids.IdSpan;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LogStateTest {
    private static final LogIdentity IDENTITY = new LogIdentity(-7, "cluster-1");
    private static final OptionalLong KEY = OptionalLong.of(IDENTITY.key());

    /**
     * Makes changes as a writer does. After each change the writer dies; before its death, it may have written to the
     * ledger that it had added to the state.
     */
    @Test
    void stateAgreesWithTheIdTableAfterAnyChangeAndCrash() throws Exception {
        long seed = Long.getLong("holdfast.seed", new Random().nextLong());
        System.out.println("states: rerun with -Dholdfast.seed=" + seed);
        Random random = new Random(seed);
        for (int life = 0; life < 100; life++) {
            LogState state = LogState.created(1, IDENTITY);
            IdSpan ids = new IdSpan();
            for (int i = 0; i < 60; i++) {
                state = change(state, ids, random, i);
                assertHolds(state, ids);
                LogState read = StateCodec.decode(StateCodec.encode(state), "here");
                assertThat(read).isEqualTo(state);
                state = random.nextInt(5) == 0 ? read.ownedBy(random.nextLong(), IDENTITY) : read;
            }
        }
    }

    private static LogState change(LogState state, IdSpan ids, Random random, int ledgerId) {
        long end = ids.next();
        switch (random.nextInt(8)) {
            case 0 -> {
                long keep = Math.max(-1, end - random.nextInt(20));
                return ids.truncate(keep) ? state.truncated(keep) : state;
            }
            case 1 -> {
                long discard = Math.max(-1, end - 1 - random.nextInt(20));
                return ids.trim(discard) ? state.trimmed(ids.first()) : state;
            }
            case 2 -> {
                ids.reset(random.nextInt(50));
                return state.resetTo(ids.next());
            }
            default -> {
                return written(state, ids, random, ledgerId);
            }
        }
    }

    /** Begins a segment, possibly writes records, possibly trims, and seals it. */
    private static LogState written(LogState before, IdSpan ids, Random random, int ledgerId) {
        boolean anywhere = ids.isEmpty() && !ids.pinned() && random.nextInt(3) == 0;
        long from = anywhere ? random.nextInt(100) : ids.next();
        LogState state = before.begun(ledgerId, from, ids.startsElsewhere(from));
        int records = random.nextInt(12);
        if (records == 0) {
            return state.sealed(0, 0);
        }
        ids.append(from, records);
        if (random.nextInt(3) == 0 && ids.trim(Math.max(-1, ids.next() - 1 - random.nextInt(records + 3)))) {
            state = state.trimmed(ids.first());
        }
        return random.nextBoolean() ? state.sealed(records, 100) : state.recovered(records, 100);
    }

    private static void assertHolds(LogState state, IdSpan ids) {
        assertThat(state.ids().first()).isEqualTo(ids.first());
        assertThat(state.ids().next()).isEqualTo(ids.next());
        assertThat(state.ids().pinned()).isEqualTo(ids.pinned());
        assertThat(state.segments()).noneMatch(Segment::isOpen);
        long covered = state.segments().stream()
                .mapToLong(segment -> segment.lastId().getAsLong() - Math.max(segment.firstId(), ids.first()) + 1)
                .sum();
        assertThat(covered).isEqualTo(ids.next() - ids.first());
    }

    @Test
    void impossibleStateIsRefused() {
        List<Segment> gap = List.of(
                Segment.open(1, 1, KEY).sealed(5, 9), Segment.open(2, 7, KEY).sealed(8, 9));
        List<Segment> openInTheMidst = List.of(Segment.open(1, 1, KEY), Segment.open(2, 7, KEY));
        assertThatIllegalArgumentException().isThrownBy(() -> state(9, gap));
        assertThatIllegalArgumentException().isThrownBy(() -> state(7, openInTheMidst));
        assertThatIllegalArgumentException().isThrownBy(() -> state(9, List.of()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Segment.open(1, 5, KEY).sealed(4, 1));
    }

    private static LogState state(long nextId, List<Segment> segments) {
        return new LogState(Optional.of(IDENTITY), 1, 1, 1, 0, 1, nextId, false, false, segments);
    }

    @Test
    void segmentOfAnotherLogIsRefused() {
        List<Segment> foreign = List.of(Segment.open(1, 1, OptionalLong.of(8)));
        assertThatIllegalArgumentException().isThrownBy(() -> state(1, foreign));
    }

    @Test
    void stateMarksUnstampedSegmentsAndDeletion() throws Exception {
        List<Segment> segments = List.of(
                Segment.open(4, 1, OptionalLong.empty()).recovered(5, 90),
                Segment.open(5, 6, OptionalLong.empty()).sealed(7, 40),
                Segment.open(9, 8, KEY).sealed(8, 33));
        LogState state = state(9, segments).beingDeleted();
        String text = StateCodec.encode(state);
        assertThat(text)
                .startsWith("holdfast-bookkeeper 2\nlog fffffffffffffff9\ncluster cluster-1\nepoch 1\n")
                .contains("pinned false\ndeleting\n"
                        + "segment 4 1 5 90 recovered unstamped\nsegment 5 6 7 40 unstamped\nsegment 9 8 8 33\ncrc32c");
        assertThat(StateCodec.decode(text, "here")).isEqualTo(state);
    }

    @Test
    void nodeOfAnotherApplicationIsNamedInTheError() {
        for (String text : List.of("", "hello\n", "\n\n")) {
            assertThatExceptionOfType(CorruptLogException.class)
                    .isThrownBy(() -> StateCodec.decode(text, "node /a/b"))
                    .withMessageContainingAll("node /a/b", "expected a first line", "found", text.length() + " bytes");
        }
        assertThatExceptionOfType(UnsupportedFormatException.class)
                .isThrownBy(() -> StateCodec.decode("holdfast-bookkeeper 3\nepoch 1\n", "node /a/b"));
    }
}
