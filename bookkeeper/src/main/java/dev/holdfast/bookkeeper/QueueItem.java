package dev.holdfast.bookkeeper;

import dev.holdfast.wal.ids.IdSpan;
import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One call in the queue of a log. */
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

    /** Tells the caller; a stage that has left its queue is completed at once. */
    final void complete(@Nullable IOException failure) {
        completion.complete(failure);
    }

    /** What it does to the ids, known before it is done. */
    abstract void applyTo(IdSpan ids);

    /** A batch to append. */
    static final class Append extends QueueItem {
        private final byte[][] entries;
        private final long bytes;
        private final long inFlight;
        private long firstId;
        private long firstEntry;
        private boolean placed;

        /**
         * A batch that is admitted.
         *
         * @param inFlight how many records were in flight when it was admitted, with its own
         */
        Append(byte[][] entries, long bytes, long inFlight, Deadline deadline, Completion completion) {
            super(deadline, completion);
            this.entries = entries;
            this.bytes = bytes;
            this.inFlight = inFlight;
        }

        void number(long newFirstId) {
            firstId = newFirstId;
            for (int i = 0; i < entries.length; i++) {
                Entry.number(entries[i], newFirstId + i);
            }
        }

        /**
         * Where it is written: that changes if it has to be written again.
         *
         * @param segment one whose entries say of which log they are
         */
        void placeAt(Segment segment, long entry) {
            long logKey = segment.logKey().orElseThrow();
            for (int i = 0; i < entries.length; i++) {
                // The client of the ledger before may still be sending the old bytes, whose checksum it knows.
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

        /** How many records were in flight when it was admitted, with its own. */
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

    /** Any call but an append. */
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

    /** What an operation does, nothing being in flight. */
    interface Action {
        void run(Deadline deadline) throws IOException;
    }

    /**
     * Stages in order. Adding and removing one allocates nothing and cannot fail half-way, so a stage is always in a
     * queue until it is complete. A stage is in one queue at a time. Not thread-safe.
     */
    static final class Queue<S extends QueueItem> {
        private @Nullable S first;
        private @Nullable S last;

        void add(S stage) {
            QueueItem before = last;
            if (before == null) {
                first = stage;
            } else {
                before.next = stage;
            }
            last = stage;
        }

        @Nullable
        S peek() {
            return first;
        }

        @Nullable
        S poll() {
            S stage = first;
            if (stage != null) {
                first = after(stage);
                ((QueueItem) stage).next = null;
                if (first == null) {
                    last = null;
                }
            }
            return stage;
        }

        boolean isEmpty() {
            return first == null;
        }

        /** The stage behind one of this queue. */
        @SuppressWarnings("unchecked") // only stages of this type are added
        @Nullable
        S after(S stage) {
            return (S) ((QueueItem) stage).next;
        }
    }
}
