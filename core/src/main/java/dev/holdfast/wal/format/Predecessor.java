package dev.holdfast.wal.format;

/** How the segment before this one ended, as the header of this one says it. */
public sealed interface Predecessor {
    /** There is none: this segment is an origin, and every segment with a lower epoch is void. */
    record None() implements Predecessor {}

    /** There is one. */
    sealed interface Before extends Predecessor {
        /** Its epoch. */
        long epoch();

        /** Where its groups end, or its last live record. */
        long endOffset();
    }

    /**
     * It was sealed: its footer is required.
     *
     * @param epoch its epoch
     * @param endOffset where its groups end
     */
    record Sealed(long epoch, long endOffset) implements Before {}

    /**
     * It was cut: what follows this end is void, whatever stands there.
     *
     * @param epoch its epoch
     * @param endOffset where its last live record ends
     * @param lastRecordCrc the CRC-32C of that record's frame, without the mask
     */
    record Cut(long epoch, long endOffset, int lastRecordCrc) implements Before {}
}
