package dev.holdfast.bench.proof;

/** What a trace says of a contender. */
public sealed interface Proof {
    /**
     * Between the begin of each append and its acknowledgement a sync returned.
     *
     * @param appends how many were looked at
     * @param by the calls, such as {@code fdatasync}
     * @param reading whether damage on disk is noticed
     */
    record Proven(int appends, String by, Reading reading) implements Proof {
        /** One whose reading was not looked at. */
        Proven(int appends, String by) {
            this(appends, by, Reading.UNKNOWN);
        }
    }

    /** What became of a record of which a bit was flipped on disk. */
    enum Reading {
        /** It was not shown. */
        NOTICES("detected"),
        /** It was shown as if nothing had happened. */
        BLIND("not detected"),
        /** There was no way to find out. */
        UNKNOWN("unknown");

        private final String words;

        Reading(String words) {
            this.words = words;
        }

        public String words() {
            return words;
        }
    }

    /** Whether reading notices damage: only such a contender is compared by how fast it reads. */
    default boolean noticesDamage() {
        return this instanceof Proven proven && proven.reading() == Reading.NOTICES;
    }

    /** It is not proven, and why. */
    record Unproven(String reason) implements Proof {}
}
