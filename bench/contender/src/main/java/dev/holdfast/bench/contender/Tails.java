package dev.holdfast.bench.contender;

/** Shows records to a reader as they are appended. */
public interface Tails {
    /** A reader that starts behind the newest record. */
    Tail tail() throws Exception;

    /** A reader at the end of a log. One thread at a time. */
    interface Tail extends AutoCloseable {
        /**
         * Waits for the next record.
         *
         * @return the first 8 bytes of its data, big-endian
         * @throws java.util.concurrent.TimeoutException if none came
         */
        long next(long timeoutMillis) throws Exception;

        @Override
        void close() throws Exception;
    }
}
