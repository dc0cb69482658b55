package dev.holdfast.bench.contender;

/** Reads all records back in their order, as fast as it can while checking what it checks. */
public interface ReadsBack {
    /** Reads every record there is. */
    ReadBack readAll() throws Exception;

    /**
     * What was read.
     *
     * @param bytes of the records' data
     */
    record ReadBack(long records, long bytes) {}
}
