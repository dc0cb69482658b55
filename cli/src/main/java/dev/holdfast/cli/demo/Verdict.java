package dev.holdfast.cli.demo;

import java.util.List;

/** What a recovered log proves. */
sealed interface Verdict {
    /** A batch and the id of its first record. */
    record Placed(Batch batch, long firstId) {}

    /**
     * The log is what it promised to be.
     *
     * @param batches all that it holds; from now on acknowledged or not, as it was shown
     */
    record Kept(List<Placed> batches) implements Verdict {}

    /** The log broke its promise; {@code how} says so in one sentence, with the records concerned. */
    record Broken(String how) implements Verdict {}
}
