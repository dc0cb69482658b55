package dev.holdfast.jraft;

import static org.assertj.core.api.Assertions.assertThat;

import com.alipay.sofa.jraft.core.DefaultJRaftServiceFactory;
import com.alipay.sofa.jraft.entity.LogEntry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Makes the same random calls, of the kind that a node makes, to JRaft's storage and to this one, with reopenings. Both
 * must return the same results.
 */
class AgreementTest {
    private static final int HISTORIES = Integer.getInteger("holdfast.jraft.histories", 6);
    private static final int CHANGES = 60;

    @TempDir
    Path parent;

    private final long seed = Long.getLong("holdfast.seed", new Random().nextLong());

    @Test
    void randomHistoriesGiveTheSameResultsAsRocksDb() {
        System.out.println("AgreementTest: rerun with -Dholdfast.seed=" + seed);
        for (int i = 0; i < HISTORIES; i++) {
            List<String> history = new ArrayList<>();
            try (StorageUnderTest rocks =
                            new StorageUnderTest(new DefaultJRaftServiceFactory(), parent.resolve("rocks" + i));
                    StorageUnderTest ours =
                            new StorageUnderTest(new HoldfastServiceFactory(16 << 10), parent.resolve("ours" + i))) {
                run(new SplittableRandom(seed + i), rocks, ours, history);
            } catch (AssertionError e) {
                throw new AssertionError("history " + i + " of seed " + seed + ": " + history, e);
            }
        }
    }

    private static void run(
            SplittableRandom random, StorageUnderTest rocks, StorageUnderTest ours, List<String> history) {
        long first = 1;
        long last = 0;
        for (int i = 0; i < CHANGES; i++) {
            int kind = random.nextInt(12);
            if (kind < 6 || last - first < 3) {
                last = append(random, i, last + 1, rocks, ours, history);
            } else if (kind == 6) {
                long kept = random.nextLong(first, last + 1);
                history.add("truncatePrefix " + kept);
                same(rocks.get().truncatePrefix(kept), ours.get().truncatePrefix(kept));
                first = kept;
            } else if (kind == 7) {
                // Truncates past the last entry. RocksDB removes entries in the background, so ask for the last
                // index only after an append.
                long kept = last + 1 + random.nextInt(20);
                history.add("truncatePrefix " + kept);
                same(rocks.get().truncatePrefix(kept), ours.get().truncatePrefix(kept));
                same(rocks.get().getFirstLogIndex(), ours.get().getFirstLogIndex());
                first = kept;
                last = append(random, i, kept, rocks, ours, history);
            } else if (kind == 8) {
                // Keeps at least one entry: RocksDbLogStorageTest shows why.
                long kept = random.nextLong(first, last);
                history.add("truncateSuffix " + kept);
                same(rocks.get().truncateSuffix(kept), ours.get().truncateSuffix(kept));
                last = kept;
            } else if (kind == 9) {
                long next = random.nextLong(first, last + 10);
                history.add("reset " + next);
                same(rocks.get().reset(next), ours.get().reset(next));
                first = next;
                last = append(random, i, next, rocks, ours, history);
            } else {
                history.add("reopen");
                rocks.reopen();
                ours.reopen();
                List<String> told = ours.configurations(last);
                assertThat(rocks.configurations(last)).containsAll(told);
            }
            // Entries must remain, also after reopening.
            assertThat(ours.shown(first - 3, last + 3)).isEqualTo(rocks.shown(first - 3, last + 3));
        }
    }

    private static long append(
            SplittableRandom random,
            int term,
            long index,
            StorageUnderTest rocks,
            StorageUnderTest ours,
            List<String> history) {
        List<LogEntry> entries = new ArrayList<>();
        long at = index;
        for (int i = random.nextInt(12); i >= 0; i--) {
            entries.add(
                    switch (random.nextInt(8)) {
                        case 0 -> Entries.configuration(at, term + 1, 8000 + term, 9000 + i);
                        case 1 -> Entries.noOp(at, term + 1);
                        case 2 -> Entries.data(at, term + 1, random.nextInt(40_000));
                        default -> Entries.data(at, term + 1);
                    });
            at++;
        }
        history.add("append " + index + ".." + (at - 1));
        same(rocks.get().appendEntries(new ArrayList<>(entries)), ours.get().appendEntries(new ArrayList<>(entries)));
        return at - 1;
    }

    private static void same(Object rocks, Object ours) {
        assertThat(ours).isEqualTo(rocks);
    }
}
