package dev.holdfast.wal.format;

/** How the previous segment ended, as the header of its successor records it. */
public sealed interface Predecessor {
    /** No predecessor: the segment is an origin, the first of a chain, and every segment with a lower epoch is dead. */
    record None() implements Predecessor {}

    sealed interface Before extends Predecessor {
        long epoch();

        /** Returns the end offset of the previous segment's groups, or of its last live record. */
        long endOffset();
    }

    /** A previous segment that was sealed: its groups end at {@code endOffset}, and its footer is required. */
    record Sealed(long epoch, long endOffset) implements Before {}

    /**
     * A previous segment that was cut: its bytes from {@code endOffset}, the end of its last live record, are ignored.
     *
     * @param lastRecordCrc CRC-32C of that record's frame, without the mask
     */
    record Cut(long epoch, long endOffset, int lastRecordCrc) implements Before {}
}
