package dev.holdfast.cli.demo;

/**
 * Identifies one batch of the demo. {@link BatchContent} derives the batch's records from this identity and the seed.
 *
 * @param round the round, from 1; each round starts a new writer process
 * @param thread the thread of the writer that appends the batch, from 1
 * @param number the position among the thread's batches of this round, from 1
 */
record Batch(int round, int thread, int number) {
    @Override
    public String toString() {
        return "batch " + number + " of thread " + thread + " in round " + round;
    }
}
