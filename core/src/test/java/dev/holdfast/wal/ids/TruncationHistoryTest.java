package dev.holdfast.wal.ids;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TruncationHistoryTest {
    @Test
    void nothingIsRemovedBeforeTheFirstTruncation() {
        assertThat(TruncationHistory.NONE.count()).isZero();
        assertThat(TruncationHistory.NONE.removed(0, 0)).isFalse();
        assertThat(TruncationHistory.NONE.removed(Long.MAX_VALUE, 0)).isFalse();
    }

    @Test
    void truncationRemovesGreaterIds() {
        TruncationHistory once = TruncationHistory.NONE.and(10);
        assertThat(once.removed(10, 0)).isFalse();
        assertThat(once.removed(11, 0)).isTrue();
        assertThat(once.removed(11, 1)).isFalse();
    }

    @Test
    void truncationOfEverythingRemovesRecordZeroToo() {
        assertThat(TruncationHistory.NONE.and(-1).removed(0, 0)).isTrue();
    }

    @Test
    void recordWrittenAgainStillCountsAsRemoved() {
        TruncationHistory twice = TruncationHistory.NONE.and(10).and(20);
        assertThat(twice.removed(15, 0)).isTrue();
        assertThat(twice.removed(15, 1)).isFalse();
        assertThat(twice.removed(21, 1)).isTrue();
    }

    @Test
    void historyIsImmutable() {
        TruncationHistory before = TruncationHistory.NONE.and(10);
        before.and(5);
        assertThat(before.count()).isEqualTo(1);
        assertThat(before.removed(7, 0)).isFalse();
    }

    @Test
    void randomHistoriesMatchAListOfAllTruncations() {
        long seed = Long.getLong("holdfast.seed", new Random().nextLong());
        System.out.println("TruncationHistoryTest: rerun with -Dholdfast.seed=" + seed);
        Random random = new Random(seed);
        for (int history = 0; history < 200; history++) {
            TruncationHistory removals = TruncationHistory.NONE;
            List<Long> kept = new ArrayList<>();
            int truncations = random.nextInt(60);
            for (int i = 0; i < truncations; i++) {
                long keep = random.nextInt(20) - 1;
                removals = removals.and(keep);
                kept.add(keep);
                assertLikeListOfAll(removals, kept, random);
            }
        }
    }

    private static void assertLikeListOfAll(TruncationHistory removals, List<Long> kept, Random random) {
        assertThat(removals.count()).isEqualTo(kept.size());
        for (int i = 0; i < 10; i++) {
            int since = random.nextInt(kept.size() + 1);
            long id = random.nextInt(22);
            boolean removed = kept.subList(since, kept.size()).stream().anyMatch(keep -> keep < id);
            assertThat(removals.removed(id, since))
                    .as("record %d since truncation %d of %s", id, since, kept)
                    .isEqualTo(removed);
        }
    }

    @Test
    void mergedTruncationsReportTooManyRecordsAsRemoved() {
        TruncationHistory removals = TruncationHistory.NONE;
        for (int keep = 0; keep < 5000; keep++) {
            removals = removals.and(keep);
        }
        for (int since = 0; since < 5000; since++) {
            // The truncation after that moment kept ids up to "since". All later ones kept more.
            assertThat(removals.removed(since + 1, since)).isTrue();
        }
        assertThat(removals.removed(4999, 4999)).isFalse();
        assertThat(removals.removed(4500, 4500)).isFalse();
    }

    @Test
    void recordKeptByEveryTruncationIsNotRemoved() {
        TruncationHistory removals = TruncationHistory.NONE.and(5).and(10).and(15);
        assertThat(removals.removed(7, 0)).isTrue();
        assertThat(removals.removed(7, 1)).isFalse();
        assertThat(removals.removed(11, 1)).isTrue();
        assertThat(removals.removed(11, 2)).isFalse();
    }

    @Test
    void the1024NewestTruncationsAreRememberedExactly() {
        TruncationHistory removals = TruncationHistory.NONE;
        for (int keep = 0; keep < 1024; keep++) {
            removals = removals.and(keep);
        }
        assertThat(removals.removed(1, 0)).isTrue();
        assertThat(removals.removed(1, 1)).isFalse();
        assertThat(removals.and(1024).removed(1, 1)).isTrue();
    }
}
