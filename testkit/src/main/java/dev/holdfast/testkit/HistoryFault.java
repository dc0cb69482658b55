package dev.holdfast.testkit;

/**
 * A violation of the log's contract that a client can observe.
 *
 * @param id id of the record
 * @param what description in one sentence
 */
public record HistoryFault(Kind kind, long id, String what) {
    /** Kinds of faults. */
    public enum Kind {
        /** A record is missing although the log reported it as durable. */
        LOST,
        /** A record is present more than once. */
        DOUBLED,
        /**
         * A record is at another id than the acknowledged id, or precedes a record that was already durable when its
         * own append began.
         */
        REORDERED,
        /** An acknowledged record has other bytes. */
        ALTERED,
        /** A record is present that was never appended, or whose append was refused. */
        INVENTED,
        /** A removed record is present again. */
        RESURRECTED,
        /** Only some records of a batch are present. */
        HALVED
    }

    @Override
    public String toString() {
        return kind + ": " + what;
    }
}
