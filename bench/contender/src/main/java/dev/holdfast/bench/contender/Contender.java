package dev.holdfast.bench.contender;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * An open log under measurement. Every buffer is backed by an array of which it shows all; neither is ever changed.
 * What a contender can do beside appending it says by the interfaces it implements: {@link ReadsBack},
 * {@link ReadsAnywhere}, {@link Trims}, {@link Truncates}, {@link Tails}.
 */
public interface Contender extends AutoCloseable {
    /** Appends one record and returns when it is acknowledged. Called by any number of threads at once. */
    void append(ByteBuffer data) throws Exception;

    /** Appends records as one batch and returns when all are acknowledged. */
    void appendBatch(List<ByteBuffer> batch) throws Exception;

    /**
     * Appends one record without waiting. Called by one thread.
     *
     * @param acknowledgement completed once, on any thread
     */
    void appendAsync(ByteBuffer data, Acknowledgement acknowledgement) throws Exception;

    /** Told when no asynchronous append follows for now, so that none waits to share a write with the next. */
    default void drain() throws Exception {}

    @Override
    void close() throws Exception;
}
