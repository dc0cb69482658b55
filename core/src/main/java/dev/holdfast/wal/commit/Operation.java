package dev.holdfast.wal.commit;

import dev.holdfast.wal.ids.IdSpan;
import java.io.IOException;
import java.util.function.Consumer;

/** A queue item that is not an append: truncate, trim, reset, sync, idle marker or close. */
final class Operation extends QueueItem {
    interface Action {
        void run(Tail tail) throws IOException;
    }

    private final Action action;
    private final Consumer<IdSpan> effect;

    /** Creates an operation for a caller. Its effect on the ids is known before it runs. */
    Operation(Action action, Consumer<IdSpan> effect, Waiter waiter) {
        super(1);
        this.action = action;
        this.effect = effect;
        waiters.add(waiter);
    }

    void applyTo(IdSpan ids) {
        effect.accept(ids);
    }

    /** Runs the operation on the leader's thread, under no lock. */
    void run(Tail tail) throws IOException {
        action.run(tail);
    }
}
