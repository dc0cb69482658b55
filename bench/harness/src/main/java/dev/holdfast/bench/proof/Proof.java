package dev.holdfast.bench.proof;

/** What a trace says of a contender. */
public sealed interface Proof {
    /**
     * Between the begin of each append and its acknowledgement a sync returned.
     *
     * @param appends how many were looked at
     * @param by the calls, such as {@code fdatasync}
     */
    record Proven(int appends, String by) implements Proof {}

    /** It is not proven, and why. */
    record Unproven(String reason) implements Proof {}
}
