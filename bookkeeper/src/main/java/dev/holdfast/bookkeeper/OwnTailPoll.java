package dev.holdfast.bookkeeper;

import java.io.IOException;

/**
 * A log whose writer is in this process and shows what it has appended. Another owner may have replaced it, and that
 * one removes what it likes.
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
