package dev.holdfast.bench.contender;

/** A log whose readers receive records as they are appended. */
public interface Tails {
    /** Returns a reader that is positioned after the newest record. */
    Tail tail() throws Exception;

    /** A reader at the end of a log. One thread at a time. */
    interface Tail extends AutoCloseable {
        /**
         * Waits for the next record.
         *
         * @return the first 8 bytes of its data, big-endian
         * @throws java.util.concurrent.TimeoutException if no record arrived in time
         */
        long next(long timeoutMillis) throws Exception;

        @Override
        void close() throws Exception;
    }
}
