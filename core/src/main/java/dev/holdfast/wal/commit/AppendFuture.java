package dev.holdfast.wal.commit;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The future of one asynchronous append, which knows what it will say: one object an append. */
final class AppendFuture<T> extends CompletableFuture<T> {
    private final @Nullable T outcome;

    AppendFuture(@Nullable T outcome) {
        this.outcome = outcome;
    }

    void complete(@Nullable IOException failure) {
        if (failure == null) {
            complete(outcome);
        } else {
            completeExceptionally(failure);
        }
    }
}
