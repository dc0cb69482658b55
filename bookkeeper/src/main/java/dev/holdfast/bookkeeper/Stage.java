package dev.holdfast.bookkeeper;

import dev.holdfast.wal.ids.IdSpan;
import java.io.IOException;
import java.util.function.Consumer;

/** One call in the queue of a log. */
sealed interface Stage {
    Deadline deadline();

    Told told();

    /** What it does to the ids, known before it is done. */
    void applyTo(IdSpan ids);

    /** A batch to append. */
    final class Append implements Stage {
        private final byte[][] entries;
        private final long bytes;
        private final long inFlight;
        private final Deadline deadline;
        private final Told told;
        private long firstId;
        private long firstEntry;
        private boolean placed;

        Append(byte[][] entries, long bytes, long inFlight, Deadline deadline, Told told) {
            this.entries = entries;
            this.bytes = bytes;
            this.inFlight = inFlight;
            this.deadline = deadline;
            this.told = told;
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

        /** With what it counts among the bytes in flight. */
        long bytes() {
            return bytes;
        }

        /** How many records were in flight when it came in, itself among them. */
        long inFlight() {
            return inFlight;
        }

        long dataBytes() {
            return bytes - (long) Entry.HEADER_BYTES * entries.length;
        }

        @Override
        public Deadline deadline() {
            return deadline;
        }

        @Override
        public Told told() {
            return told;
        }

        @Override
        public void applyTo(IdSpan ids) {
            ids.append(firstId, entries.length);
        }
    }

    /** Anything but an append. */
    record Operation(Action action, Consumer<IdSpan> effect, Deadline deadline, Told told) implements Stage {
        @Override
        public void applyTo(IdSpan ids) {
            effect.accept(ids);
        }
    }

    /** What an operation does, nothing being in flight. */
    interface Action {
        void run(Deadline deadline) throws IOException;
    }
}
