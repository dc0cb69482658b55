package dev.holdfast.bench.contender;

/** A log that drops its oldest records and frees or reuses their space. */
public interface Trims {
    /** Drops all records except the newest. Called while another thread appends. */
    void trim(long recordsToKeep) throws Exception;
}
