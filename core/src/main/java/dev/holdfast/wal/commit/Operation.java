package dev.holdfast.wal.commit;

import dev.holdfast.wal.ids.IdSpan;
import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A queue item that is not an append: truncate, trim, reset, sync, idle marker or close. */
final class Operation implements QueueItem {
    interface Action {
        void run(Tail tail) throws IOException;
    }

    private final Action action;
    private final Consumer<IdSpan> effect;
    private final Waiter waiter;

    /** Creates an operation whose effect on the ids is known before it runs. */
    Operation(Action action, Consumer<IdSpan> effect, Waiter waiter) {
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
        waiter.done(failure);
    }

    @Override
    public void wake() {
        waiter.wake();
    }

    @Override
    public Waiter waiter() {
        return waiter;
    }
}
