package dev.holdfast.testkit;

/**
 * Something that a log must not do to its clients.
 *
 * @param id the record concerned
 * @param what all of it in one sentence
 */
public record HistoryFault(Kind kind, long id, String what) {
    /** How a log can be wrong. */
    public enum Kind {
        /** A record that a client was told is durable is not there. */
        LOST,
        /** A record is there more than once. */
        DOUBLED,
        /** A record stands at another id than was told, or before one that was durable when it was appended. */
        REORDERED,
        /** A record that a client was told of has other bytes. */
        ALTERED,
        /** A record is there that nobody has appended, or whose append was refused. */
        INVENTED,
        /** A record is back that was removed for good. */
        RESURRECTED,
        /** Some records of a batch are there and others are not. */
        HALVED
    }

    @Override
    public String toString() {
        return kind + ": " + what;
    }
}
