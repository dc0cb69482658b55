package dev.holdfast.bench.contender;

import java.nio.ByteBuffer;
import java.util.concurrent.Future;

/** A contender whose asynchronous appends return a future. */
public interface ReturnsFutures {
    /**
     * Appends one record without waiting. Any number of threads call this concurrently.
     *
     * @return completed when the record is acknowledged
     */
    Future<?> appendAsync(ByteBuffer data) throws Exception;
}
