package dev.holdfast.cli.demo;

/**
 * The name of one batch of the demo. What it contains follows from the name and the seed: {@link BatchContent}.
 *
 * @param round the life of the writer, from 1
 * @param thread the thread of the writer that appends it, from 1
 * @param number the thread's first, second, ... batch in this round, from 1
 */
record Batch(int round, int thread, int number) {
    @Override
    public String toString() {
        return "batch " + number + " of thread " + thread + " in round " + round;
    }
}
