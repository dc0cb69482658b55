package dev.holdfast.bench.contender;

/** A log that creates its files in advance and counts the appends that had to wait for a file. */
public interface WaitsForSpares {
    /** Returns the number of appends since the opening that waited for a file. */
    long spareWaits();
}
