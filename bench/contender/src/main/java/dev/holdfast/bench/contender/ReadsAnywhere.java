package dev.holdfast.bench.contender;

/** Reads single records by consecutive ids. */
public interface ReadsAnywhere {
    long firstId() throws Exception;

    long lastId() throws Exception;

    /** Reads one record; returns how many bytes it has. */
    int read(long id) throws Exception;
}
