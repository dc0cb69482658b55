package dev.holdfast.testkit.explorer;

import dev.holdfast.wal.Log;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Determines which of the possible outcomes of a crash a log contains. */
final class Finding {
    private Finding() {}

    /**
     * Reads the log and compares it with every possible outcome.
     *
     * @param seed selects the ids that are read individually
     * @return the last matching outcome. Its pin (the constraint on the first explicit id) is unknown if another
     *     matching outcome differs only in the pin
     * @throws Violation if no outcome matches
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
            throw new Violation("the log matches none of the expected outcomes: " + expectation + differences);
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
