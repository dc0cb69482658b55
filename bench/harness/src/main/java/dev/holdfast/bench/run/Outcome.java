package dev.holdfast.bench.run;

import dev.holdfast.bench.child.Measurement;

/** What came of one run. */
public sealed interface Outcome {
    /** A measurement. */
    record Measured(Measurement measurement) implements Outcome {}

    /** This contender cannot do this. */
    record Unsupported(String reason) implements Outcome {}

    /** It should have been able to. */
    record Failed(String reason) implements Outcome {}
}
