package dev.holdfast.bench.contender;

/** A log that reads single records by consecutive ids. */
public interface ReadsAnywhere {
    long firstId() throws Exception;

    long lastId() throws Exception;

    /** Reads one record and returns the number of its bytes. */
    int read(long id) throws Exception;
}
