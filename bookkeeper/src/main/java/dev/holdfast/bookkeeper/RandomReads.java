package dev.holdfast.bookkeeper;

import dev.holdfast.wal.LogRecord;
import java.io.IOException;
import java.util.Optional;

/** Reads single records. Thread-safe. */
final class RandomReads {
    private final ViewHolder published;
    private final LedgerReads reads;
    private final TailPoll growth;

    RandomReads(ViewHolder published, LedgerReads reads, TailPoll growth) {
        this.published = published;
        this.reads = reads;
        this.growth = growth;
    }

    /**
     * Returns a copy of a record, or empty if the log does not hold it. Polls the cluster first if the id is beyond the
     * end of the view, and again if a ledger lacks the record, because the record may have been removed meanwhile.
     */
    Optional<LogRecord> read(long id) throws IOException {
        Deadline deadline = reads.deadline();
        View view = published.view();
        if (id >= view.nextId()) {
            growth.poll(deadline);
            view = published.view();
        }
        while (view.holds(id)) {
            Segment segment = view.segmentOf(id);
            try {
                byte[] entry = reads.read(segment, id, id, deadline).get(0);
                View now = published.view();
                if (now == view || isIn(now, segment, id)) {
                    return Optional.of(LogRecord.wrap(id, Entry.data(entry)));
                }
                view = now;
            } catch (LedgerException lacking) {
                if (published.view() == view) {
                    growth.poll(deadline);
                }
                view = published.view();
                if (isIn(view, segment, id)) {
                    if (growth.isRemoved(segment, id, deadline)) {
                        return Optional.empty();
                    }
                    throw LedgerReads.lost(segment, id, id, lacking);
                }
            }
        }
        return Optional.empty();
    }

    private static boolean isIn(View view, Segment segment, long id) {
        return view.holds(id) && view.segmentOf(id).ledgerId() == segment.ledgerId();
    }
}
