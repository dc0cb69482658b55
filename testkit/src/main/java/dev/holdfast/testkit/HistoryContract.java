package dev.holdfast.testkit;

import dev.holdfast.testkit.explorer.Agreement;
import dev.holdfast.testkit.explorer.Workload;
import dev.holdfast.wal.Log;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Contract test of a random sequence of calls: the log must answer each call like a model. */
public interface HistoryContract extends LogFixture {
    @Test
    default void randomHistoryMatchesTheModel() throws Exception {
        long seed = Samples.seed("randomHistoryMatchesTheModel");
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
