package dev.holdfast.bookkeeper;

import java.io.IOException;
import java.util.List;

/**
 * Finds the end of the last whole batch in a ledger. Entries after it belong to a batch that the writer did not finish.
 */
final class BatchEnd {
    private static final int FIRST_WINDOW = 4;
    private static final int LARGEST_WINDOW = 64;

    private BatchEnd() {}

    /**
     * Returns the number of entries up to the end of the last whole batch.
     *
     * @param known number of leading entries that are already known to be whole batches
     * @param entries number of entries in the ledger
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
