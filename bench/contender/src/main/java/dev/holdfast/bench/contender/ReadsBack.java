package dev.holdfast.bench.contender;

/** A log that reads all records in order, as fast as its own verification allows. */
public interface ReadsBack {
    /** Reads every record in the log. */
    ReadBack readAll() throws Exception;

    /**
     * The records that were read.
     *
     * @param bytes bytes of their data
     */
    record ReadBack(long records, long bytes) {}
}
