package dev.holdfast.wal.file;

import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.format.Layout;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How a {@link FileLog} is opened. Immutable. Any of these may differ from one opening to the next. */
public final class FileLogOptions {
    private static final int MAX_SEGMENT_BYTES = 1 << 30;

    private final int segmentBytes;
    private final int maxRecordBytes;
    private final long maxBytesInFlight;
    private final Durability durability;
    private final boolean createIfMissing;

    private FileLogOptions(Builder builder) {
        segmentBytes = builder.segmentBytes;
        maxRecordBytes = builder.maxRecordBytes;
        maxBytesInFlight = builder.maxBytesInFlight;
        durability = builder.durability;
        createIfMissing = builder.createIfMissing;
    }

    /** The defaults, to be changed. */
    public static Builder builder() {
        return new Builder();
    }

    /** How large segments grow, in bytes. */
    public int segmentBytes() {
        return segmentBytes;
    }

    /** The largest record, in bytes of data. */
    public int maxRecordBytes() {
        return maxRecordBytes;
    }

    /** How many bytes of appends may wait to be durable. */
    public long maxBytesInFlight() {
        return maxBytesInFlight;
    }

    /** What an acknowledged record survives. */
    public Durability durability() {
        return durability;
    }

    /** Whether a log is made where there is none. */
    public boolean createIfMissing() {
        return createIfMissing;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FileLogOptions that
                && segmentBytes == that.segmentBytes
                && maxRecordBytes == that.maxRecordBytes
                && maxBytesInFlight == that.maxBytesInFlight
                && durability == that.durability
                && createIfMissing == that.createIfMissing;
    }

    @Override
    public int hashCode() {
        return Objects.hash(segmentBytes, maxRecordBytes, maxBytesInFlight, durability, createIfMissing);
    }

    @Override
    public String toString() {
        return "FileLogOptions[segmentBytes=" + segmentBytes + ", maxRecordBytes=" + maxRecordBytes
                + ", maxBytesInFlight=" + maxBytesInFlight + ", durability=" + durability + ", createIfMissing="
                + createIfMissing + "]";
    }

    /** Options being put together. One thread at a time. */
    public static final class Builder {
        private int segmentBytes = 64 << 20;
        private int maxRecordBytes = LogRecord.MAX_DATA_BYTES;
        private long maxBytesInFlight = 64L << 20;
        private Durability durability = Durability.POWER_LOSS;
        private boolean createIfMissing = true;

        private Builder() {}

        /**
         * How large segments grow: trims give space back by whole segments. A log begins with a smaller one, and a
         * batch that needs more gets a larger one.
         *
         * @param bytes 8 KiB to 1 GiB, used in whole blocks of 4 KiB; 64 MiB unless set
         */
        public Builder segmentBytes(int bytes) {
            segmentBytes = (int) between("segmentBytes", bytes, Layout.MIN_SEGMENT_BYTES, MAX_SEGMENT_BYTES);
            return this;
        }

        /**
         * The largest record that is accepted. Larger ones that are in the log already stay readable.
         *
         * @param bytes of data, 1 to {@link LogRecord#MAX_DATA_BYTES}, which it is unless set
         */
        public Builder maxRecordBytes(int bytes) {
            maxRecordBytes = (int) between("maxRecordBytes", bytes, 1, LogRecord.MAX_DATA_BYTES);
            return this;
        }

        /**
         * How many bytes of appends may be in flight, counting 96 an append and 8 a record beside its data. Appends
         * beyond that block. A batch larger than this is admitted alone. An append that waits is in flight until it is
         * durable. An append with a future is in flight until the future's continuations have run; of these, 64 KiB are
         * admitted whatever the limit. The thread that runs continuations never blocks: it may go as far beyond the
         * limit as the limit is, and then its futures fail with {@link dev.holdfast.wal.CallRefusedException}.
         *
         * @param bytes 1 or more; 64 MiB unless set
         */
        public Builder maxBytesInFlight(long bytes) {
            maxBytesInFlight = between("maxBytesInFlight", bytes, 1, Long.MAX_VALUE);
            return this;
        }

        /** What an acknowledged record survives; {@link Durability#POWER_LOSS} unless set. */
        public Builder durability(Durability survives) {
            durability = Objects.requireNonNull(survives, "durability");
            return this;
        }

        /**
         * Whether a log is made where there is none; true unless set. If false, opening a directory that is missing or
         * holds no log throws {@link java.nio.file.NoSuchFileException} and makes nothing. So a volume that is not
         * mounted does not get a new, empty log.
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

        /** The options. */
        public FileLogOptions build() {
            return new FileLogOptions(this);
        }
    }
}
