package dev.holdfast.bench.contender;

import java.nio.ByteBuffer;
import java.util.function.LongConsumer;

/** A contender that applies records in the order of their ids. */
public interface AppliesInOrder {
    /**
     * Appends one record, applies it, and returns when it is acknowledged. Called by any number of threads at once.
     *
     * @param apply called with the id of the record, by one thread at a time, in id order
     */
    void append(ByteBuffer data, LongConsumer apply) throws Exception;
}
