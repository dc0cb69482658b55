package dev.holdfast.testkit;

import java.util.Collections;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random calls, one after the other: the log shows what a sorted map in its place would. */
public interface HistoryContract extends LogFixture {
    @Test
    default void randomHistoryEndsAsItsModel() throws Exception {
        Random random = Samples.random("randomHistoryEndsAsItsModel");
        Model model = new Model();
        Step life = log -> new RandomHistory(log, model, random).run(100);
        inLog(Collections.nCopies(10, life).toArray(new Step[0]));
    }
}
