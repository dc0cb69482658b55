package dev.holdfast.bench.contender;

/** Drops its newest records. */
public interface Truncates {
    /** Drops the newest record for good. */
    void truncateNewest() throws Exception;
}
