package dev.holdfast.wal.commit;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The future of one asynchronous append, which knows what it will say: one object an append. */
final class AppendFuture<T> extends CompletableFuture<T> {
    private final int bytesInFlight;
    private @Nullable Object outcome; // a T, or the exception that the append failed with
    private @Nullable AppendFuture<?> next;

    /** A future that takes so much of the limit until its continuations have run. */
    AppendFuture(long bytesInFlight) {
        this.bytesInFlight = Math.toIntExact(bytesInFlight);
    }

    long bytesInFlight() {
        return bytesInFlight;
    }

    /** Before anyone can complete it. */
    void willSay(@Nullable Object what) {
        outcome = what;
    }

    /** Completes it with what it was to say, and runs its continuations. */
    @SuppressWarnings("unchecked") // whoever made it says a T
    void complete() {
        if (outcome instanceof Throwable failure) {
            completeExceptionally(failure);
        } else {
            complete((T) outcome);
        }
    }

    /** The one behind this one, once: who keeps a future keeps no others. */
    @Nullable
    AppendFuture<?> takeNext() {
        AppendFuture<?> behind = next;
        next = null;
        return behind;
    }

    /** Futures in the order of their ids, linked by themselves, so that they take no memory beside them. */
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

        /** Moves all of them behind those of another chain. */
        void moveTo(Chain other) {
            AppendFuture<?> end = last;
            AppendFuture<?> head = takeAll();
            if (head != null) {
                other.add(head);
                other.last = end;
            }
        }

        /** Takes all of them; the first one, which leads to the others. */
        @Nullable
        AppendFuture<?> takeAll() {
            AppendFuture<?> head = first;
            first = null;
            last = null;
            return head;
        }

        /** Lets all of them fail. */
        void willFail(IOException failure) {
            for (AppendFuture<?> future = first; future != null; future = future.next) {
                future.outcome = failure;
            }
        }
    }
}
