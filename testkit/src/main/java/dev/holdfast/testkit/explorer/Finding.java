package dev.holdfast.testkit.explorer;

import dev.holdfast.wal.Log;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Which of the outcomes a log shows.
 *
 * @param outcome the last one that fits
 * @param pinUncertain true if another one fits that differs in nothing but whether the next id is pinned
 */
record Finding(Expectation.Outcome outcome, boolean pinUncertain) {
    /**
     * Reads the log and compares.
     *
     * @param seed chooses the ids that are read one by one
     * @throws Violation if the log shows none of the outcomes
     */
    static Finding of(Log log, Expectation expectation, long seed) throws IOException {
        Expectation.@Nullable Outcome found = null;
        boolean pinUncertain = false;
        StringBuilder differences = new StringBuilder();
        for (Expectation.Outcome outcome : expectation.outcomes()) {
            String difference = Reading.difference(log, outcome.contents(), seed);
            if (difference != null) {
                differences.append("\n  if ").append(outcome.contents()).append(": ");
                differences.append(difference);
            } else {
                pinUncertain |= found != null
                        && found.contents().pinned() != outcome.contents().pinned();
                found = outcome;
            }
        }
        if (found == null) {
            throw new Violation("the log holds none of what it may hold, which is " + expectation + differences);
        }
        return new Finding(found, pinUncertain);
    }
}
