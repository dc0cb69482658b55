package dev.holdfast.bench.contender;

/** A log that drops its newest records. */
public interface Truncates {
    /** Drops the newest record permanently. */
    void truncateNewest() throws Exception;
}
