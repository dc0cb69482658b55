package dev.holdfast.testkit.explorer;

import dev.holdfast.wal.Log;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Tells which of the outcomes a log shows. */
final class Finding {
    private Finding() {}

    /**
     * Reads the log and compares.
     *
     * @param seed chooses the ids that are read one by one
     * @return the last outcome that fits; its pin is unknown if another fits that differs in nothing else
     * @throws Violation if the log shows none of the outcomes
     */
    static Expectation.Outcome of(Log log, Expectation expectation, long seed) throws IOException {
        Expectation.@Nullable Outcome found = null;
        StringBuilder differences = new StringBuilder();
        for (Expectation.Outcome outcome : expectation.outcomes()) {
            String difference = Reading.difference(log, outcome.contents(), seed);
            if (difference == null) {
                found = found == null ? outcome : either(found.contents(), outcome);
            } else {
                differences.append("\n  if ").append(outcome.contents()).append(": ");
                differences.append(difference);
            }
        }
        if (found == null) {
            throw new Violation("the log holds none of what it may hold, which is " + expectation + differences);
        }
        return found;
    }

    private static Expectation.Outcome either(Contents earlier, Expectation.Outcome later) {
        Contents contents = later.contents();
        return earlier.pin() == contents.pin()
                ? later
                : new Expectation.Outcome(contents.withUnknownPin(), later.changes());
    }
}
