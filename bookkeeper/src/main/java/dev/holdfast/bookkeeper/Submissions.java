package dev.holdfast.bookkeeper;

import dev.holdfast.bookkeeper.QueueItem.Append;
import dev.holdfast.bookkeeper.QueueItem.Operation;
import dev.holdfast.wal.LogFailedException;
import dev.holdfast.wal.LogFencedException;
import dev.holdfast.wal.ids.IdSpan;
import java.io.IOException;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The queue of calls for the owner's thread, and the ids that the log will have after the last queued call. Also
 * decides whether the log accepts further calls.
 *
 * <p>Every step that may fail precedes the insertion into the queue. If an {@link Error} is thrown during the
 * insertion, for example because the caller's stack is exhausted, the queue may be half changed, so the log fails. The
 * state is guarded by a monitor and not by a lock, because leaving a monitor allocates nothing and happens even if an
 * error is thrown.
 */
final class Submissions {
    private final String logName;
    private final Thread owner;

    // This exception is created in advance, because there may be no memory when it is needed.
    private final LogFailedException lastResort;

    // Guarded by this.
    private final QueueItem.Queue<QueueItem> queue = new QueueItem.Queue<>();
    private IdSpan end;
    private boolean closing;
    private @Nullable Operation closeOperation;

    private volatile @Nullable IOException failure;
    private volatile boolean signalled;

    /**
     * Creates an empty queue.
     *
     * @param held the ids that the log has now
     * @param owner the owner's thread, which {@link #signal} wakes
     */
    Submissions(String logName, IdSpan held, Thread owner) {
        this.logName = logName;
        this.end = held.copy();
        this.owner = owner;
        this.lastResort = new LogFailedException(
                logName
                        + ": an unexpected error occurred, possibly because memory ran out. It is unknown whether the"
                        + " appends in flight are in the log. Close the log and open it again: it accepts no appends"
                        + " until it is reopened, and reopening decides.",
                null);
    }

    // callers

    /** Queues a batch and returns the id of its first record. */
    synchronized long add(Append append, OptionalLong firstId) throws IOException {
        checkWritable();
        long id = end.checkAppend(firstId, append.count());
        append.number(id);
        try {
            end.append(id, append.count());
            queue.add(append);
            signal();
        } catch (RuntimeException | Error e) {
            failure = lastResort;
            throw e;
        }
        return id;
    }

    /** Queues an operation. */
    synchronized void add(Operation operation) throws IOException {
        checkWritable();
        operation.applyTo(end.copy()); // throws if an argument is invalid, before anything is changed
        try {
            operation.applyTo(end);
            queue.add(operation);
            signal();
        } catch (RuntimeException | Error e) {
            failure = lastResort;
            throw e;
        }
    }

    /**
     * Begins to close the log: no further calls are accepted, and the owner runs the given operation after all queued
     * calls.
     *
     * @return true if this call begins to close the log; false if the log is already closing or closed, and the
     *     operation is ignored
     */
    synchronized boolean close(Operation operation) {
        if (closing) {
            return false;
        }
        closeOperation = operation;
        closing = true;
        signal();
        return true;
    }

    synchronized boolean isClosing() {
        return closing;
    }

    /** Throws if the log is closed or has failed. */
    synchronized void checkWritable() throws IOException {
        if (closing) {
            throw new IllegalStateException("the log is closed: " + logName);
        }
        IOException failed = failure;
        if (failed instanceof LogFencedException) {
            throw new LogFencedException(String.valueOf(failed.getMessage()), failed);
        }
        if (failed != null) {
            throw new LogFailedException(String.valueOf(failed.getMessage()), failed);
        }
    }

    @Nullable
    IOException failure() {
        return failure;
    }

    /**
     * Fails the log, unless it has already failed. Allocates nothing.
     *
     * @param reason the exception for all calls from now on; null if there was no memory to create one
     * @return the reason of the first failure
     */
    synchronized IOException fail(@Nullable IOException reason) {
        IOException failed = failure;
        if (failed == null) {
            failed = reason == null ? lastResort : reason;
            failure = failed;
        }
        return failed;
    }

    /** Wakes the owner's thread. Allocates nothing. */
    void signal() {
        signalled = true;
        LockSupport.unpark(owner);
    }

    // the owner's thread

    /**
     * Waits until {@link #signal} is called, but at most for the given time. Interrupts of the owner's thread are
     * discarded.
     */
    void awaitSignal(long nanos) {
        long until = System.nanoTime() + nanos;
        for (long left = nanos; !signalled && left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(this, left);
            var unused = Thread.interrupted();
        }
        signalled = false;
    }

    /** Returns the call at the head of the queue. */
    synchronized @Nullable QueueItem peek() {
        return queue.peek();
    }

    synchronized @Nullable QueueItem poll() {
        return queue.poll();
    }

    /**
     * Returns the operation that closes the log if the log is closing and all other calls were taken from the queue;
     * null otherwise.
     */
    synchronized @Nullable Operation closeOperation() {
        return queue.isEmpty() ? closeOperation : null;
    }

    /**
     * Moves all queued appends to another queue. Their ids are assigned again to later appends.
     *
     * @param held the ids of the acknowledged records
     */
    synchronized void takeAppends(QueueItem.Queue<Append> into, IdSpan held) {
        QueueItem.Queue<QueueItem> others = new QueueItem.Queue<>();
        for (QueueItem item = queue.poll(); item != null; item = queue.poll()) {
            if (item instanceof Append append) {
                into.add(append);
            } else {
                others.add(item);
            }
        }
        for (QueueItem item = others.poll(); item != null; item = others.poll()) {
            queue.add(item);
        }
        end = held.copy();
        for (QueueItem item = queue.peek(); item != null; item = queue.after(item)) {
            item.applyTo(end);
        }
        signalled = true;
    }
}
