package dev.holdfast.wal.commit;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** An item of the queue, which the leader runs in one step: a group of appends, or an operation. */
sealed interface QueueItem permits Group, Operation {
    /** Runs the item on the leader's thread, under no lock. */
    void run(Tail tail) throws IOException;

    /** Sets the outcome for the callers, who sleep until {@link #wake}. Futures complete later. */
    void done(@Nullable IOException failure);

    /** Wakes the callers that wait. */
    void wake();

    /** Returns whether the item has futures. Their callers cannot lead. */
    default boolean hasFutures() {
        return false;
    }

    /** Returns the refusal of an earlier item, if this item must therefore not run; null if this item may run. */
    default @Nullable IOException refusal() {
        return null;
    }

    /** Returns a caller that waits for the item and can lead, or null. */
    @Nullable
    Waiter waiter();
}
