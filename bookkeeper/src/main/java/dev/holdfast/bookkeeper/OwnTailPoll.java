package dev.holdfast.bookkeeper;

import java.io.IOException;

/**
 * Polls a log whose writer is in this process. The writer publishes its own appends, so there is nothing to poll. But
 * if another owner has replaced the writer, that owner may have removed records, which only the node of the log
 * reveals.
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
