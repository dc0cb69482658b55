package dev.holdfast.wal.commit;

import dev.holdfast.wal.CommitHookException;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** The future of one asynchronous append. It also stores the append's outcome, so each append allocates one object. */
final class AppendFuture<T> extends CompletableFuture<T> implements Caller {
    int bytesInFlight;
    private @Nullable Object outcome; // first the function that returns it, then a T, or the exception
    private @Nullable AppendFuture<?> next; // seam: future-next

    /** Creates the future of an append. {@code outcome} maps the id of the first record to the result. */
    AppendFuture(LongFunction<@Nullable T> outcome) {
        this.outcome = outcome;
    }

    /** Sets the outcome of the append if it succeeds. May allocate, so it is called before the append is queued. */
    void assigned(long firstId, long bytes) {
        bytesInFlight = Math.toIntExact(bytes);
        outcome = outcome instanceof LongFunction<?> function ? function.apply(firstId) : outcome;
    }

    @Override
    public T get() throws InterruptedException, ExecutionException {
        letOthersRun();
        return super.get();
    }

    @Override
    public T join() {
        letOthersRun();
        return super.join();
    }

    /**
     * Yields before the caller sleeps, for the reason of {@link Waiter}. Stages derived from this future do not yield.
     */
    @SuppressWarnings("ThreadPriorityCheck") // the yields only improve performance
    private void letOthersRun() {
        if (Waiter.isVirtual(Thread.currentThread())) return;
        for (int i = 0; i < Waiter.YIELDS && !isDone(); i++) {
            Thread.yield();
        }
    }

    @Override
    public void hookFailed(CommitHookException failure) {
        outcome = failure;
    }

    /** Completes the future with its outcome, and runs its continuations. */
    @SuppressWarnings("unchecked") // the outcome is a T
    void complete() {
        if (outcome instanceof Throwable failure) {
            completeExceptionally(failure);
        } else {
            complete((T) outcome);
        }
    }

    /** Unlinks and returns the next future of the chain. A caller that keeps one future thus keeps no others alive. */
    @Nullable
    AppendFuture<?> takeNext() {
        AppendFuture<?> behind = next;
        next = null;
        return behind;
    }

    /** A list of futures in id order. Each future has a field for the next one, so a chain allocates nothing. */
    static final class Chain {
        private @Nullable AppendFuture<?> first;
        private @Nullable AppendFuture<?> last;

        boolean isEmpty() {
            return first == null;
        }

        void add(AppendFuture<?> future) {
            if (last == null) {
                first = future;
            } else {
                last.next = future;
            }
            last = future;
        }

        void moveTo(Chain other) {
            AppendFuture<?> end = last;
            AppendFuture<?> head = takeAll();
            if (head != null) {
                other.add(head);
                other.last = end;
            }
        }

        /** Empties the chain, and returns the first future, which links to the others. */
        @Nullable
        AppendFuture<?> takeAll() {
            AppendFuture<?> head = first;
            first = null;
            last = null;
            return head;
        }

        void willFail(IOException failure) {
            for (AppendFuture<?> future = first; future != null; future = future.next) {
                future.outcome = failure;
            }
        }
    }
}
