package dev.holdfast.wal.commit;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The future of one asynchronous append, which knows what it will say: one object an append. */
final class AppendFuture<T> extends CompletableFuture<T> {
    private @Nullable T outcome;
    private @Nullable AppendFuture<?> next;

    /** Before anyone can complete it. */
    void willSay(@Nullable T what) {
        outcome = what;
    }

    /** Puts another one behind this one, so that a group of futures takes no memory beside them. */
    void completesBefore(AppendFuture<?> other) {
        next = other;
    }

    /** The one behind this one, once: who keeps a future keeps no others. */
    @Nullable
    AppendFuture<?> takeNext() {
        AppendFuture<?> behind = next;
        next = null;
        return behind;
    }

    void complete(@Nullable IOException failure) {
        if (failure == null) {
            complete(outcome);
        } else {
            completeExceptionally(failure);
        }
    }
}
