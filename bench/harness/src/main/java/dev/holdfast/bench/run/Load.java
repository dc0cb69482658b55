package dev.holdfast.bench.run;

/**
 * What else the machine did during a run, in cores: 0.1 is a tenth of one core's time.
 *
 * @param foreignCores used by processes that are not ours
 * @param stolenCores taken by other virtual machines on the same host
 */
public record Load(double foreignCores, double stolenCores) {
    /** With more than this, a run is disturbed. */
    public static final double MOST_FOREIGN_CORES = 0.1;

    public boolean isQuiet() {
        return foreignCores + stolenCores <= MOST_FOREIGN_CORES;
    }
}
