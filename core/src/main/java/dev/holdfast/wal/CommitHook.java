package dev.holdfast.wal;

/**
 * A callback of one append, which the log runs when the records of the append are committed. A state machine applies
 * its records in a hook: hooks run in id order, so no thread has to wait for its turn.
 *
 * <p><b>Once.</b> The log runs the hook exactly once if it acknowledges the append. It never runs the hook if it
 * refuses the append or if the append fails, and never for an empty list. Records that were found when the log was
 * opened have no hook: read them with a cursor first.
 *
 * <p><b>Order.</b> All hooks of a log, of blocking and of asynchronous appends, run one at a time in id order, and each
 * happens-before the next. A hook runs after its records are durable and visible to readers; later records may be
 * visible, too. It runs before its append returns or its future completes, and before a truncate, trim, reset or close
 * that was called after the append takes effect.
 *
 * <p><b>Thread.</b> Any thread may run the hook: the caller's, the thread of another caller that may hold reentrant
 * locks, or one of the log. A hook therefore must not take a lock that some thread holds while it calls the log, and
 * must not wait for an append to this log. The interrupt flag of the thread is cleared while the hook runs and restored
 * afterwards.
 *
 * <p><b>Reentrancy.</b> A hook may read from its log: ids, {@link Log#read}, {@link Log#stats}, cursors and
 * {@link LogCursor#next()}. Every append, truncate, trim, reset, sync, close and
 * {@link LogCursor#next(java.time.Duration)} on the thread that runs the hook throws {@link IllegalStateException}.
 * Such a call changes nothing and does not harm the log. A hook may call another log. But if the hooks of two logs
 * append to each other's log, the two logs may wait for each other forever.
 *
 * <p><b>Errors.</b> A hook may throw anything, including an {@link Error}. Its records stay in the log, and later hooks
 * run. Its append throws {@link CommitHookException}, or its future completes with that exception.
 *
 * <p><b>Failure.</b> A failed log runs no further hooks. The hooks of all acknowledged appends have run by then.
 * {@link Log#close} waits for the hooks of the appends called before it.
 *
 * <p><b>Cost.</b> No append is acknowledged while a hook runs, so a slow hook slows down every append. The time limits
 * of a log on BookKeeper do not include the time spent in hooks.
 */
@FunctionalInterface
public interface CommitHook {
    /** Does nothing. Appends without a hook pass this hook. */
    CommitHook NONE = firstId -> {};

    /**
     * Applies the records of one append.
     *
     * @param firstId the id of the first record of the append; the others follow without a gap
     */
    void committed(long firstId);
}
