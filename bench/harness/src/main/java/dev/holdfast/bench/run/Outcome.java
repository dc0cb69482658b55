package dev.holdfast.bench.run;

import dev.holdfast.bench.child.Measurement;

/** The result of one run. */
public sealed interface Outcome {
    /** The run was measured. */
    record Measured(Measurement measurement) implements Outcome {}

    /** The contender does not support the workload. */
    record Unsupported(String reason) implements Outcome {}

    /** The contender could not make the calls at the rate at which they were due. */
    record Overloaded(String reason) implements Outcome {}

    /** The contender supports the workload, but the run failed. */
    record Failed(String reason) implements Outcome {}
}
