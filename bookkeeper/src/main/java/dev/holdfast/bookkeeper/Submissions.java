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
 * The calls that wait for the owner's thread, in order, with the ids that the log will have once all of them are done;
 * and whether there may be more of them.
 *
 * <p>Whatever may fail is done before a call is in the queue. If an {@link Error} strikes after that, as at the end of
 * a caller's stack, the handle fails: what was queued may be half there. A monitor guards the state instead of a lock,
 * since leaving one allocates nothing and happens whatever is thrown.
 */
final class Submissions {
    private final String logName;
    private final Thread owner;

    // Made before it is needed: there may be no memory to make it.
    private final LogFailedException lastResort;

    // Guarded by this.
    private final QueueItem.Queue<QueueItem> queue = new QueueItem.Queue<>();
    private final IdSpan end;
    private boolean closing;
    private @Nullable Operation closeOperation;

    private volatile @Nullable IOException failure;
    private volatile boolean signalled;

    /**
     * No calls yet.
     *
     * @param held ids of the log
     * @param owner is woken
     */
    Submissions(String logName, IdSpan held, Thread owner) {
        this.logName = logName;
        this.end = held.copy();
        this.owner = owner;
        this.lastResort = new LogFailedException(
                logName
                        + ": an error struck where none may, as when memory has run out. What was in flight may be in the"
                        + " log or not, so it takes no appends until it is reopened, which decides.",
                null);
    }

    // callers

    /** Queues a batch and returns the id of its first record. */
    synchronized long add(Append append, OptionalLong firstId) throws IOException {
        checkWritable();
        long id = firstId.isPresent() ? firstId.getAsLong() : end.checkAssign(append.count());
        end.checkAppend(id, append.count());
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
        operation.applyTo(end.copy()); // throws before anything is queued if the caller made a mistake
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
     * Takes no more calls; the operation is done after all others. Returns false if the log is being closed already.
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

    /** Throws if the log is closed, or has failed. */
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

    /** The handle has failed, for this reason or for an earlier one, which is returned. Allocates nothing. */
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

    /** Waits until there is something to do, at most so long. An interrupt is nobody's, and forgotten. */
    void awaitSignal(long nanos) {
        long until = System.nanoTime() + nanos;
        for (long left = nanos; !signalled && left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(this, left);
            var unused = Thread.interrupted();
        }
        signalled = false;
    }

    /** The next call. */
    synchronized @Nullable QueueItem peek() {
        return queue.peek();
    }

    synchronized @Nullable QueueItem poll() {
        return queue.poll();
    }

    /** How to close the log, once that was asked for and nothing else is to be done. */
    synchronized @Nullable Operation closeOperation() {
        return queue.isEmpty() ? closeOperation : null;
    }

    /**
     * Moves all appends to another queue; the ids that they had go back.
     *
     * @param held the ids of the log
     */
    synchronized void takeAppends(QueueItem.Queue<Append> into, IdSpan held) {
        QueueItem.Queue<QueueItem> others = new QueueItem.Queue<>();
        for (QueueItem stage = queue.poll(); stage != null; stage = queue.poll()) {
            if (stage instanceof Append append) {
                into.add(append);
            } else {
                others.add(stage);
            }
        }
        for (QueueItem stage = others.poll(); stage != null; stage = others.poll()) {
            queue.add(stage);
        }
        end.set(held.first(), held.next(), held.pinned());
        for (QueueItem stage = queue.peek(); stage != null; stage = queue.after(stage)) {
            stage.applyTo(end);
        }
        signalled = true;
    }
}
