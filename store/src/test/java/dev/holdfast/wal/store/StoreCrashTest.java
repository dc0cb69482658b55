package dev.holdfast.wal.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.disk.Fault;
import dev.holdfast.testkit.explorer.ComponentExplorer;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The crash explorer lives on a store: interleaved logs, batches, windows of a KiB, moves, checkpoints and trims. */
@Tag("same-on-every-jdk")
class StoreCrashTest {
    private static final long SEEDS = Long.getLong("holdfast.store.seeds", 40);

    @Test
    void storeSurvivesACrashAtEveryMoment() {
        long images = 0;
        for (LogStoreOptions options : List.of(StoreTrial.TINY, StoreTrial.ROOMY)) {
            ComponentExplorer<StoreContents> explorer = StoreTrial.explorer(options);
            for (long seed = 0; seed < SEEDS; seed++) {
                explorer.explore(seed);
            }
            images += explorer.images();
        }
        System.out.println("store: " + images + " images");
        assertThat(images).isGreaterThan(500 * SEEDS);
    }

    @Test
    void storeSurvivesFaultsOfTheDisk() {
        ComponentExplorer<StoreContents> explorer = StoreTrial.explorer(StoreTrial.TINY);
        for (Fault.Kind kind : new Fault.Kind[] {Fault.Kind.ERROR, Fault.Kind.NO_SPACE, Fault.Kind.READ}) {
            for (long seed = 0; seed < 5; seed++) {
                explorer.exploreFaults(seed, kind, 60);
            }
        }
    }
}
