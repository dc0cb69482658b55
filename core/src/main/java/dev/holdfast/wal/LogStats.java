package dev.holdfast.wal;

import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Figures of a log at one moment. Immutable. Later versions may add figures. */
public final class LogStats {
    /** What a log can do. */
    public enum State {
        /** The log reads and appends. */
        OPEN,
        /** The log was opened for reading only. */
        READ_ONLY,
        /** A write or a sync failed. The log only reads until it is reopened. */
        FAILED,
        /** The log is closed. */
        CLOSED
    }

    private final Builder figures;

    /** Copies the figures, because the builder may change later. */
    private LogStats(Builder now) {
        this.figures = new Builder(now.firstId, now.lastId, now.nextId, now.state)
                .bytes(now.bytes)
                .segments(now.segments)
                .appendedRecords(now.appendedRecords)
                .appendedBytes(now.appendedBytes)
                .groups(now.groups)
                .syncs(now.syncs)
                .spareWaits(now.spareWaits)
                .cause(now.cause);
    }

    /** Returns a builder for the figures of another implementation of {@link Log}. Counts begin at 0. */
    public static Builder builder(OptionalLong firstId, OptionalLong lastId, long nextId, State state) {
        return new Builder(firstId, lastId, nextId, state);
    }

    /** Returns the id of the oldest record; empty if there are no records. */
    public OptionalLong firstId() {
        return figures.firstId;
    }

    /** Returns the id of the last acknowledged record; empty if there are no records. */
    public OptionalLong lastId() {
        return figures.lastId;
    }

    /** Returns the id that the next append gets if the log assigns it. */
    public long nextId() {
        return figures.nextId;
    }

    /** Returns the length of all segments in bytes, spares not counted; 0 for a log without files. */
    public long bytes() {
        return figures.bytes;
    }

    /** Returns the number of segments; 0 for a log without files. */
    public int segments() {
        return figures.segments;
    }

    /** Returns the number of records acknowledged since the log was opened. */
    public long appendedRecords() {
        return figures.appendedRecords;
    }

    /** Returns the bytes of data in the records acknowledged since the log was opened. */
    public long appendedBytes() {
        return figures.appendedBytes;
    }

    /**
     * Returns the number of writes that carried appends since the log was opened. The average number of records in a
     * write is {@code appendedRecords / groups}.
     */
    public long groups() {
        return figures.groups;
    }

    /** Returns the number of syncs since the log was opened. */
    public long syncs() {
        return figures.syncs;
    }

    /**
     * Returns the number of appends since the log was opened that had to wait for the next segment's file. A log
     * usually prepares this file in time. 0 for a log without files.
     */
    public long spareWaits() {
        return figures.spareWaits;
    }

    /** Returns whether the log takes appends. */
    public State state() {
        return figures.state;
    }

    /** Returns the reason why the state is {@link State#FAILED}; empty in every other state. */
    public Optional<Throwable> cause() {
        return Optional.ofNullable(figures.cause);
    }

    @Override
    public String toString() {
        String why = cause().map(thrown -> ", cause=" + thrown).orElse("");
        return "LogStats[state=" + state() + why + ", firstId=" + firstId() + ", lastId=" + lastId() + ", nextId="
                + nextId() + ", bytes=" + bytes() + ", segments=" + segments() + ", appendedRecords="
                + appendedRecords() + ", appendedBytes=" + appendedBytes() + ", groups=" + groups() + ", syncs="
                + syncs() + ", spareWaits=" + spareWaits() + "]";
    }

    /** Collects figures for {@link LogStats}; the methods of that class define each figure. One thread at a time. */
    public static final class Builder {
        private final OptionalLong firstId;
        private final OptionalLong lastId;
        private final long nextId;
        private final State state;
        private long bytes;
        private int segments;
        private long appendedRecords;
        private long appendedBytes;
        private long groups;
        private long syncs;
        private long spareWaits;
        private @Nullable Throwable cause;

        private Builder(OptionalLong firstId, OptionalLong lastId, long nextId, State state) {
            this.firstId = firstId;
            this.lastId = lastId;
            this.nextId = nextId;
            this.state = state;
        }

        public Builder bytes(long value) {
            bytes = value;
            return this;
        }

        public Builder segments(int value) {
            segments = value;
            return this;
        }

        public Builder appendedRecords(long value) {
            appendedRecords = value;
            return this;
        }

        public Builder appendedBytes(long value) {
            appendedBytes = value;
            return this;
        }

        public Builder groups(long value) {
            groups = value;
            return this;
        }

        public Builder syncs(long value) {
            syncs = value;
            return this;
        }

        public Builder spareWaits(long value) {
            spareWaits = value;
            return this;
        }

        /** Sets the reason of the failure, null if there is none. */
        public Builder cause(@Nullable Throwable why) {
            cause = why;
            return this;
        }

        /** Returns the figures as they are now. */
        public LogStats build() {
            return new LogStats(this);
        }
    }
}
