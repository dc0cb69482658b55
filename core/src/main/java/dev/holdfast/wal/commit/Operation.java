package dev.holdfast.wal.commit;

import dev.holdfast.wal.ids.IdSpan;
import java.io.IOException;
import java.util.function.Consumer;

/** A queue item that is not an append: truncate, trim, reset, sync, idle marker or close. */
final class Operation extends QueueItem {
    /** Runs on the leader's thread, under no lock. */
    interface Action {
        void run(Tail tail) throws IOException;
    }

    final Action action;
    final Consumer<IdSpan> effect;

    /** Creates an operation and its waiter. Its effect on the ids is known before it runs. */
    Operation(Action action, Consumer<IdSpan> effect) {
        this.action = action;
        this.effect = effect;
        waiters.add(new Waiter());
    }
}
