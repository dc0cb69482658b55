package dev.holdfast.bench.run;

/**
 * The rate of calls in an open loop.
 *
 * @param percent part of the highest rate in a closed loop, measured in the same round
 */
public record Rate(Of of, int percent) {
    /** The contender whose highest rate it is. */
    public enum Of {
        BEST_PEER("best peer"),
        HOLDFAST("Holdfast");

        private final String words;

        Of(String words) {
            this.words = words;
        }
    }

    /** Returns the rate in words, such as {@code 90% of best peer}. */
    String words() {
        return percent + "% of " + of.words;
    }
}
