package dev.holdfast.testkit.explorer;

import dev.holdfast.testkit.disk.DiskState;
import dev.holdfast.testkit.disk.DiskStep;
import org.jspecify.annotations.Nullable;

/**
 * A moment of a run at which a crash may happen.
 *
 * @param number its place in the run
 * @param doing what the workload did
 * @param step the operation of the disk; null between calls of the log
 * @param moment when within the operation
 * @param state the disk then
 * @param expectation what a crash then may leave
 * @param era what payloads and salts then depend on
 * @param struck true if an operation has been made to fail by then
 */
record CrashPoint(
        int number,
        String doing,
        @Nullable DiskStep step,
        DiskStep.Moment moment,
        DiskState state,
        Expectation expectation,
        Era era,
        boolean struck) {
    /** True if a power failure leaves no more here than at the next crash point. */
    boolean killOnly() {
        return moment == DiskStep.Moment.WITHIN;
    }

    /** The same disk, of which more is known. */
    CrashPoint with(Expectation stricter, Era then, boolean struckThen) {
        return new CrashPoint(number, doing, step, moment, state, stricter, then, struck || struckThen);
    }

    /** What statistics call it. */
    String kind() {
        return step == null ? "BETWEEN CALLS" : moment + " " + step.kind();
    }

    @Override
    public String toString() {
        return step == null ? "after " + doing : doing + ": " + moment + " " + step;
    }
}
