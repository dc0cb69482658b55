package dev.holdfast.wal.store;

import dev.holdfast.testkit.disk.Fault;
import dev.holdfast.testkit.explorer.ComponentExplorer;
import java.util.function.Supplier;

/** Explores a store until the first failure; returns its message, or an empty text. */
public final class StoreTrial implements Supplier<String> {
    static final LogStoreOptions TINY = LogStoreOptions.builder()
            .windowBytes(1 << 10)
            .maxExtraBytes(2 << 10)
            .maxSpaceRatio(1.2)
            .build();

    /** Moves little, so most windows are sealed while calls go on. */
    static final LogStoreOptions ROOMY = LogStoreOptions.builder()
            .windowBytes(1 << 10)
            .maxExtraBytes(24 << 10)
            .build();

    static ComponentExplorer<StoreContents> explorer(LogStoreOptions options) {
        return new ComponentExplorer<>(new StoreComponent(options), new ComponentExplorer.Effort(60, 6, 3, 1));
    }

    @Override
    public String get() {
        try {
            ComponentExplorer<StoreContents> tiny = explorer(TINY);
            ComponentExplorer<StoreContents> roomy = explorer(ROOMY);
            for (long seed = 8; seed < 18; seed++) {
                tiny.explore(seed);
                roomy.explore(seed);
                tiny.exploreFaults(seed, Fault.Kind.NO_SPACE, 20);
            }
            return "";
        } catch (AssertionError e) {
            return String.valueOf(e.getMessage());
        }
    }
}
