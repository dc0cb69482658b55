package dev.holdfast.bookkeeper;

import dev.holdfast.wal.ids.IdSpan;
import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A call in the queue of a log: an append or an operation. */
abstract sealed class QueueItem {
    private final Deadline deadline;
    private final Completion completion;
    private @Nullable QueueItem next;

    private QueueItem(Deadline deadline, Completion completion) {
        this.deadline = deadline;
        this.completion = completion;
    }

    final Deadline deadline() {
        return deadline;
    }

    /**
     * Reports the outcome to the caller. The owner calls this method right after it has removed this item from its
     * queue.
     */
    final void complete(@Nullable IOException failure) {
        completion.complete(failure);
    }

    /** Changes the ids of the log as this call will change them. This effect is known before the call is executed. */
    abstract void applyTo(IdSpan ids);

    /** A call that appends one batch. */
    static final class Append extends QueueItem {
        private final byte[][] entries;
        private final long bytes;
        private final long inFlight;
        private long firstId;
        private long firstEntry;
        private boolean placed;

        /**
         * Creates the item of an admitted batch.
         *
         * @param inFlight the number of unacknowledged records when the batch was admitted, including the batch
         */
        Append(byte[][] entries, long bytes, long inFlight, Deadline deadline, Completion completion) {
            super(deadline, completion);
            this.entries = entries;
            this.bytes = bytes;
            this.inFlight = inFlight;
        }

        void number(long newFirstId) {
            super.completion.numbered(newFirstId);
            firstId = newFirstId;
            for (int i = 0; i < entries.length; i++) {
                Entry.number(entries[i], newFirstId + i);
            }
        }

        /**
         * Assigns consecutive entries of a ledger to the batch. This method is called again if the batch must be
         * written again, to another ledger.
         *
         * @param segment the segment of the ledger; its entries must contain the key of the log
         * @param entry number of the first of these entries
         */
        void placeAt(Segment segment, long entry) {
            long logKey = segment.logKey().orElseThrow();
            for (int i = 0; i < entries.length; i++) {
                // The client may still send the old bytes to the previous ledger, with the checksum of those bytes.
                entries[i] = placed ? entries[i].clone() : entries[i];
                Entry.stamp(entries[i], logKey, segment.ledgerId());
            }
            placed = true;
            firstEntry = entry;
        }

        long firstEntry() {
            return firstEntry;
        }

        long endEntry() {
            return firstEntry + entries.length;
        }

        long firstId() {
            return firstId;
        }

        int count() {
            return entries.length;
        }

        byte[][] entries() {
            return entries;
        }

        /** Returns the number of unacknowledged records when the batch was admitted, including the batch. */
        long inFlight() {
            return inFlight;
        }

        long dataBytes() {
            return bytes - (long) Entry.HEADER_BYTES * entries.length;
        }

        @Override
        void applyTo(IdSpan ids) {
            ids.append(firstId, entries.length);
        }
    }

    /** A call other than an append. */
    static final class Operation extends QueueItem {
        private final Action action;
        private final Consumer<IdSpan> effect;

        Operation(Action action, Consumer<IdSpan> effect, Deadline deadline, Completion completion) {
            super(deadline, completion);
            this.action = action;
            this.effect = effect;
        }

        Action action() {
            return action;
        }

        @Override
        void applyTo(IdSpan ids) {
            effect.accept(ids);
        }
    }

    /** The work of an operation. The owner runs it when no append is in flight. */
    interface Action {
        void run(Deadline deadline) throws IOException;
    }

    /**
     * A linked queue of items. Adding and removing an item allocates nothing and cannot fail half-way. Therefore, no
     * item gets lost between two queues. An item is in one queue at a time. Not thread-safe.
     */
    static final class Queue<S extends QueueItem> {
        private @Nullable S first;
        private @Nullable S last;

        void add(S item) {
            QueueItem before = last;
            if (before == null) {
                first = item;
            } else {
                before.next = item;
            }
            last = item;
        }

        @Nullable
        S peek() {
            return first;
        }

        @Nullable
        S poll() {
            S item = first;
            if (item != null) {
                first = after(item);
                ((QueueItem) item).next = null;
                if (first == null) {
                    last = null;
                }
            }
            return item;
        }

        boolean isEmpty() {
            return first == null;
        }

        /** Returns the item behind an item of this queue. */
        @SuppressWarnings("unchecked") // a queue holds only items of type S
        @Nullable
        S after(S item) {
            return (S) ((QueueItem) item).next;
        }
    }
}
