package dev.holdfast.bench.contender;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * An open log under measurement. Each buffer that it receives is backed by an array and covers the whole array. Neither
 * the buffer nor the array is modified. A contender implements an interface for each further operation that it
 * supports: {@link ReadsBack}, {@link ReadsAnywhere}, {@link Trims}, {@link Truncates}, {@link Tails}.
 */
public interface Contender extends AutoCloseable {
    /** Appends one record and returns when it is acknowledged. Any number of threads call this concurrently. */
    void append(ByteBuffer data) throws Exception;

    /** Appends records as one batch and returns when all are acknowledged. */
    void appendBatch(List<ByteBuffer> batch) throws Exception;

    /**
     * Appends one record without waiting. Only one thread calls this.
     *
     * @param acknowledgement completed once, on any thread
     */
    void appendAsync(ByteBuffer data, Acknowledgement acknowledgement) throws Exception;

    /**
     * Announces that no asynchronous append follows for now. The contender then writes its pending records without
     * waiting for more.
     */
    default void drain() throws Exception {}

    @Override
    void close() throws Exception;
}
