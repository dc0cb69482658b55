package dev.holdfast.wal.commit;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The future of one asynchronous append, which knows what it will say: one object an append. */
final class AppendFuture<T> extends CompletableFuture<T> {
    private @Nullable T outcome;

    /** Before anyone can complete it. */
    void willSay(@Nullable T what) {
        outcome = what;
    }

    void complete(@Nullable IOException failure) {
        if (failure == null) {
            complete(outcome);
        } else {
            completeExceptionally(failure);
        }
    }
}
