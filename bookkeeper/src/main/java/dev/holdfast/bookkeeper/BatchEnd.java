package dev.holdfast.bookkeeper;

import java.io.IOException;
import java.util.List;

/**
 * Finds where the last whole batch of a ledger ends: entries behind that belong to one whose writer did not finish it.
 */
final class BatchEnd {
    private static final int FIRST_WINDOW = 4;
    private static final int LARGEST_WINDOW = 64;

    private BatchEnd() {}

    /**
     * How many of the first entries are whole batches.
     *
     * @param known so many are
     * @param entries so many there are
     */
    static long wholeEntries(LedgerReads reads, Segment segment, long known, long entries, Deadline deadline)
            throws IOException {
        int window = FIRST_WINDOW;
        long end = entries;
        while (end > known) {
            long from = Math.max(known, end - window);
            List<byte[]> read = reads.read(segment, segment.firstId() + from, segment.firstId() + end - 1, deadline);
            for (int i = read.size() - 1; i >= 0; i--) {
                if (Entry.endsBatch(read.get(i))) {
                    return from + i + 1;
                }
            }
            end = from;
            window = LARGEST_WINDOW;
        }
        return known;
    }
}
