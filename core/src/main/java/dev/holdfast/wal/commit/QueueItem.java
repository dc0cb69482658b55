package dev.holdfast.wal.commit;

import java.io.IOException;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/** An item of the queue, which the leader runs in one step: a group of appends, or an operation. */
abstract sealed class QueueItem permits Group, Operation {
    /** The callers that wait for the item. Any of them can lead. */
    final ArrayList<Waiter> waiters = new ArrayList<>(4); // without a capacity it ignores the first ensureCapacity

    /** The futures of the item's appends, in id order. Their callers cannot lead. */
    final AppendFuture.Chain futures = new AppendFuture.Chain();

    /** The refusal of an earlier item, if this item must therefore not run. */
    @Nullable
    IOException refusal;

    /** The next item of the queue. Each item has this field, so queueing an item allocates nothing. */
    @Nullable
    QueueItem next;

    /** Sets the outcome for the callers, who sleep until {@link #wake}. Futures complete later. */
    void done(@Nullable IOException failure) {
        for (int i = 0; i < waiters.size(); i++) {
            waiters.get(i).done(failure);
        }
        if (failure != null) {
            futures.willFail(failure);
        }
    }

    void wake() {
        for (int i = 0; i < waiters.size(); i++) {
            waiters.get(i).wake();
        }
    }
}
