package dev.holdfast.wal.commit;

import dev.holdfast.wal.CommitHookException;

/** The caller of an append: a thread that waits, or a future. */
sealed interface Caller permits Waiter, AppendFuture {
    /** Makes the exception of a commit hook the outcome of the append, whose records are durable. */
    void hookFailed(CommitHookException failure);
}
