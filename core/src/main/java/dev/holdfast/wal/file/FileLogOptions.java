package dev.holdfast.wal.file;

import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.format.Layout;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Options for opening a {@link FileLog}. Immutable. Each option may change from one opening to the next. */
public final class FileLogOptions {
    private final Values values;

    private record Values(
            int segmentBytes,
            int maxRecordBytes,
            long maxBytesInFlight,
            Durability durability,
            boolean createIfMissing) {}

    private FileLogOptions(Values values) {
        this.values = values;
    }

    /** Returns a builder with the default options. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns the size of segments, in bytes. */
    public int segmentBytes() {
        return values.segmentBytes();
    }

    /** Returns the size limit of a record's data, in bytes. */
    public int maxRecordBytes() {
        return values.maxRecordBytes();
    }

    /** Returns the limit of appends in flight, in bytes. */
    public long maxBytesInFlight() {
        return values.maxBytesInFlight();
    }

    /** Returns what an acknowledged record survives. */
    public Durability durability() {
        return values.durability();
    }

    /** Returns whether opening creates a missing log. */
    public boolean createIfMissing() {
        return values.createIfMissing();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FileLogOptions that && values.equals(that.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return "FileLogOptions" + values.toString().substring("Values".length());
    }

    /** Builds options. Not thread-safe. */
    public static final class Builder {
        private int segmentBytes = 64 << 20;
        private int maxRecordBytes = LogRecord.MAX_DATA_BYTES;
        private long maxBytesInFlight = 64L << 20;
        private Durability durability = Durability.POWER_LOSS;
        private boolean createIfMissing = true;

        private Builder() {}

        /**
         * Sets the size of segments. Trimming frees space by whole segments. The first segment of a log is smaller, and
         * a batch that does not fit gets a larger segment.
         *
         * @param bytes 8 KiB to 1 GiB, rounded down to a multiple of 4 KiB; default 64 MiB
         */
        public Builder segmentBytes(int bytes) {
            segmentBytes = (int) between("segmentBytes", bytes, Layout.MIN_SEGMENT_BYTES, 1 << 30);
            return this;
        }

        /**
         * Sets the size limit of a record. Larger records that are already in the log stay readable.
         *
         * @param bytes bytes of data, 1 to {@link LogRecord#MAX_DATA_BYTES}; default {@link LogRecord#MAX_DATA_BYTES}
         */
        public Builder maxRecordBytes(int bytes) {
            maxRecordBytes = (int) between("maxRecordBytes", bytes, 1, LogRecord.MAX_DATA_BYTES);
            return this;
        }

        /**
         * Limits the bytes of appends in flight. Each append counts 96 bytes, plus 8 bytes and the data of each record.
         * An append beyond the limit blocks. A batch larger than the limit is admitted when nothing else is in flight.
         *
         * <p>A blocking append is in flight until it is durable. An asynchronous append is in flight until the
         * continuations of its future have run; 64 KiB of asynchronous appends are admitted regardless of the limit.
         * The thread that runs continuations never blocks. It may use up to twice the limit; beyond that, its futures
         * fail with {@link dev.holdfast.wal.CallRefusedException}.
         *
         * @param bytes 1 or more; default 64 MiB
         */
        public Builder maxBytesInFlight(long bytes) {
            maxBytesInFlight = between("maxBytesInFlight", bytes, 1, Long.MAX_VALUE);
            return this;
        }

        /** Sets what an acknowledged record survives; default {@link Durability#POWER_LOSS}. */
        public Builder durability(Durability survives) {
            durability = Objects.requireNonNull(survives, "durability");
            return this;
        }

        /**
         * Sets whether opening creates a missing log; default true. If false, opening a directory that is missing or
         * contains no log throws {@link java.nio.file.NoSuchFileException} and creates nothing. An unmounted volume
         * then gets no new, empty log.
         */
        public Builder createIfMissing(boolean create) {
            createIfMissing = create;
            return this;
        }

        private static long between(String name, long value, long least, long most) {
            if (value < least || value > most) {
                throw new IllegalArgumentException(name + " must be " + least + " to " + most + ", was " + value);
            }
            return value;
        }

        /** Returns the options. */
        public FileLogOptions build() {
            return new FileLogOptions(
                    new Values(segmentBytes, maxRecordBytes, maxBytesInFlight, durability, createIfMissing));
        }
    }
}
