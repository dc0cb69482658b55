package dev.holdfast.bench.contender;

/** Drops its oldest records and gives their space back or uses it again. */
public interface Trims {
    /** Drops all but the newest records. Called while another thread appends. */
    void trim(long recordsToKeep) throws Exception;
}
