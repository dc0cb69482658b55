package dev.holdfast.bookkeeper;

import java.io.IOException;

/**
 * The {@code TailPoll} of a log whose writer is in this process. The writer publishes its appends itself, so the polls
 * do nothing. Only {@link #isRemoved} reads the log's node in the metadata store: another owner may have taken the log
 * over and removed records.
 */
final class OwnTailPoll implements TailPoll {
    private final Node node;

    OwnTailPoll(Node node) {
        this.node = node;
    }

    @Override
    public void poll(Deadline deadline) {}

    @Override
    public void pollIfStale(Deadline deadline) {}

    @Override
    public boolean isLocal() {
        return true;
    }

    @Override
    public long pollIntervalNanos() {
        return Long.MAX_VALUE;
    }

    @Override
    public boolean isRemoved(Segment segment, long id, Deadline deadline) throws IOException {
        return !node.read(deadline).state().hasIn(segment.ledgerId(), id);
    }
}
