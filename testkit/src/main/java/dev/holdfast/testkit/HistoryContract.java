package dev.holdfast.testkit;

import dev.holdfast.testkit.explorer.Agreement;
import dev.holdfast.testkit.explorer.Workload;
import dev.holdfast.wal.Log;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Random calls, one after the other: the log answers each as a model in its place would. */
public interface HistoryContract extends LogFixture {
    @Test
    default void randomHistoryEndsAsItsModel() throws Exception {
        long seed = Samples.seed("randomHistoryEndsAsItsModel");
        Agreement.Opener opener = new Agreement.Opener() {
            @Override
            public Log open() throws IOException {
                return openLog();
            }

            @Override
            public boolean persistent() {
                return HistoryContract.this.persistent();
            }
        };
        Agreement.require(seed, Workload.random(seed, 500, Agreement.FEATURES), List.of(opener));
    }
}
