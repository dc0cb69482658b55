package dev.holdfast.bench.run;

/**
 * The other load of the machine during a run, in cores: 0.1 is a tenth of the time of one core.
 *
 * @param foreignCores used by processes that do not belong to the measurement
 * @param stolenCores taken by other virtual machines on the same host
 */
public record Load(double foreignCores, double stolenCores) {
    /** The largest load of a quiet run. A run with more is disturbed. */
    public static final double MOST_FOREIGN_CORES = 0.1;

    public boolean isQuiet() {
        return foreignCores + stolenCores <= MOST_FOREIGN_CORES;
    }
}
