package dev.holdfast.wal.commit;

import java.io.IOException;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/** An item of the queue, which the leader runs in one step: a group of appends, or an operation. */
abstract sealed class QueueItem permits Group, Operation {
    /** The callers that wait for the item. Any of them can lead. */
    final ArrayList<Waiter> waiters;

    /** The next item of the queue. Each item has this field, so queueing an item allocates nothing. */
    @Nullable
    QueueItem next;

    QueueItem(int firstWaiters) {
        waiters = new ArrayList<>(firstWaiters);
    }

    /** Returns a caller that waits for the item, or null. */
    @Nullable
    Waiter waiter() {
        return waiters.isEmpty() ? null : waiters.get(0);
    }

    /** Sets the outcome for the callers, who sleep until {@link #wake}. Futures complete later. */
    void done(@Nullable IOException failure) {
        for (int i = 0; i < waiters.size(); i++) {
            waiters.get(i).done(failure);
        }
    }

    /** Wakes the callers that wait. */
    void wake() {
        for (int i = 0; i < waiters.size(); i++) {
            waiters.get(i).wake();
        }
    }

    /** Returns whether the item has futures. Their callers cannot lead. */
    boolean hasFutures() {
        return false;
    }

    /** Returns the refusal of an earlier item, if this item must therefore not run; null if this item may run. */
    @Nullable
    IOException refusal() {
        return null;
    }
}
