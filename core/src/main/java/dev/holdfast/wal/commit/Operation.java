package dev.holdfast.wal.commit;

import dev.holdfast.wal.ids.IdSpan;
import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Anything but an append that takes its place in the queue. */
final class Operation implements QueueItem {
    /** What an operation does at the end of the log. */
    interface Action {
        void run(Tail tail) throws IOException;
    }

    private final Action action;
    private final Consumer<IdSpan> effect;
    private final @Nullable Waiter waiter;

    /**
     * An operation.
     *
     * @param effect what it does to the ids, known before it is done
     * @param waiter of the caller who waits for it, if one does
     */
    Operation(Action action, Consumer<IdSpan> effect, @Nullable Waiter waiter) {
        this.action = action;
        this.effect = effect;
        this.waiter = waiter;
    }

    void applyTo(IdSpan ids) {
        effect.accept(ids);
    }

    @Override
    public void run(Tail tail) throws IOException {
        action.run(tail);
    }

    @Override
    public void done(@Nullable IOException failure) {
        if (waiter != null) {
            waiter.done(failure);
        }
    }

    @Override
    public void wake() {
        if (waiter != null) {
            waiter.wake();
        }
    }

    @Override
    public @Nullable Waiter waiter() {
        return waiter;
    }
}
