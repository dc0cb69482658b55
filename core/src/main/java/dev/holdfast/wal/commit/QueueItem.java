package dev.holdfast.wal.commit;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What the leader does in one step: a group of appends, or an operation. The queue is a sequence of stages. */
sealed interface QueueItem permits Group, Operation {
    /** Does it; on the leader's thread, under no lock. */
    void run(Tail tail) throws IOException;

    /** Tells those who wait how it went; they sleep on until {@link #wake}. Futures complete later. */
    void done(@Nullable IOException failure);

    /** Wakes those who wait. */
    void wake();

    /** Whether futures wait for this, whose callers can not lead. */
    default boolean hasFutures() {
        return false;
    }

    /** Why it is not to be run, null if it is: something before it, on which it counts, was refused. */
    default @Nullable IOException refusal() {
        return null;
    }

    /** A caller who waits for this and could lead; null if there is none. */
    @Nullable
    Waiter waiter();
}
