package dev.holdfast.bench.contender;

/** A peer whose log consists of segments, and whose segments can be small. */
public interface HasSegments {
    /** Opens the log with the smallest possible segments, or creates one. */
    Segmented openSmall(Opening opening) throws Exception;

    /** Opens the log for reading only. No other process has it open. */
    AutoCloseable openReadOnly(Opening opening) throws Exception;

    /** A log that consists of segments. */
    interface Segmented extends Contender, ReadsAnywhere, Trims {
        /** Returns the number of segments that hold records. */
        long segments();
    }
}
