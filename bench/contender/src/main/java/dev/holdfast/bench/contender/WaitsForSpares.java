package dev.holdfast.bench.contender;

/** Makes the files of its log ahead of need, and tells when it did not. */
public interface WaitsForSpares {
    /** How many appends had to wait for a file since this was opened. */
    long spareWaits();
}
