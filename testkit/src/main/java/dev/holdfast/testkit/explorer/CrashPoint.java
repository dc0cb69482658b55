package dev.holdfast.testkit.explorer;

import dev.holdfast.testkit.disk.DiskState;
import dev.holdfast.testkit.disk.DiskStep;
import org.jspecify.annotations.Nullable;

/**
 * A moment of a run at which a crash may happen.
 *
 * @param number position in the run
 * @param doing the action that the workload performs
 * @param step the disk operation in progress; null between calls of the log
 * @param moment the moment within the operation
 * @param state the disk at this moment
 * @param expectation the contents that a crash at this moment may leave
 * @param era the period of the run from which payloads and salts are derived
 * @param struck whether a simulated fault has already occurred
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
    /**
     * Returns whether only a kill is explored at this crash point. This is true in the middle of a write, because a
     * power failure leaves nothing there that it cannot leave at the next crash point.
     */
    boolean killOnly() {
        return moment == DiskStep.Moment.WITHIN;
    }

    /**
     * Merges this crash point with a later moment that has the same disk.
     *
     * @param stricter the stricter of the two expectations
     * @param then the era at the later moment
     * @param struckThen whether a simulated fault had occurred before the later moment
     */
    CrashPoint with(Expectation stricter, Era then, boolean struckThen) {
        return new CrashPoint(number, doing, step, moment, state, stricter, then, struck || struckThen);
    }

    /** Returns the name of this kind of crash point for the statistics. */
    String kind() {
        return step == null ? "BETWEEN CALLS" : moment + " " + step.kind();
    }

    @Override
    public String toString() {
        return step == null ? "after " + doing : doing + ": " + moment + " " + step;
    }
}
