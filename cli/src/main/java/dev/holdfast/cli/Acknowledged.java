package dev.holdfast.cli;

import java.util.OptionalLong;

/**
 * What a log has acknowledged of one input.
 *
 * @param firstId the id of the first record, also where there is none yet
 * @param bytes the records' bytes, line ends not counted
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

    /** For people: {@code , ids 4..9}, or nothing. */
    String ids() {
        return records == 0 ? "" : ", ids " + firstId + ".." + (firstId + records - 1);
    }
}
