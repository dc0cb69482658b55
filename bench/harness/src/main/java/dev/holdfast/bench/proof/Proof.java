package dev.holdfast.bench.proof;

/** The verdict about a contender after its system calls were traced. */
public sealed interface Proof {
    /**
     * A sync returned between the start of each append and its acknowledgement.
     *
     * @param appends number of appends in the trace
     * @param by the system calls that synced, such as {@code fdatasync}
     * @param reading whether the contender detects damage when it reads
     */
    record Proven(int appends, String by, Reading reading) implements Proof {
        /** Creates a proof of a contender whose reading was not tested. */
        Proven(int appends, String by) {
            this(appends, by, Reading.UNKNOWN);
        }
    }

    /** The result of reading a record after one of its bits was flipped on disk. */
    enum Reading {
        /** The record was not returned. */
        NOTICES("detected"),
        /** The damaged record was returned without an error. */
        BLIND("not detected"),
        /** The test was not possible. */
        UNKNOWN("unknown");

        private final String words;

        Reading(String words) {
            this.words = words;
        }

        public String words() {
            return words;
        }
    }

    /** Returns whether reading detects damage. Only contenders that do are compared in the reading workloads. */
    default boolean noticesDamage() {
        return this instanceof Proven proven && proven.reading() == Reading.NOTICES;
    }

    /**
     * No proof was found.
     *
     * @param reason why
     */
    record Unproven(String reason) implements Proof {}
}
