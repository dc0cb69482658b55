package dev.holdfast.cli.demo;

import java.util.List;

/** The result of checking a recovered log. */
sealed interface Verdict {
    /** A batch and the id of its first record. */
    record Placed(Batch batch, long firstId) {}

    /**
     * The log kept its promise.
     *
     * @param batches all batches of the log; from now on the log must keep all of these batches, acknowledged or not,
     *     because readers have seen them
     */
    record Kept(List<Placed> batches) implements Verdict {}

    /** The log broke its promise. {@code how} describes the loss in one sentence that names the records. */
    record Broken(String how) implements Verdict {}
}
