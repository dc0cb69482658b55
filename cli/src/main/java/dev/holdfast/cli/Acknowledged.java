package dev.holdfast.cli;

import java.util.OptionalLong;

/**
 * The records of one input that a log has acknowledged.
 *
 * @param firstId the id of the first record; while nothing is acknowledged, the id that the first record will have
 * @param records number of acknowledged records
 * @param bytes total size of the acknowledged records, without line ends
 */
record Acknowledged(long firstId, long records, long bytes) {
    Acknowledged plus(long moreRecords, long moreBytes) {
        return new Acknowledged(firstId, records + moreRecords, bytes + moreBytes);
    }

    OptionalLong first() {
        return records == 0 ? OptionalLong.empty() : OptionalLong.of(firstId);
    }

    OptionalLong last() {
        return records == 0 ? OptionalLong.empty() : OptionalLong.of(firstId + records - 1);
    }

    /** Returns the ids as text for people, such as {@code , ids 4..9}, or an empty text if nothing is acknowledged. */
    String ids() {
        return records == 0 ? "" : ", ids " + firstId + ".." + (firstId + records - 1);
    }
}
