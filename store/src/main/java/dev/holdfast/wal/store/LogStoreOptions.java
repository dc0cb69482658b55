package dev.holdfast.wal.store;

import dev.holdfast.wal.file.FileLogOptions;

/** Options of a {@link LogStore}. Immutable. */
public final class LogStoreOptions {
    /** Segment length of the shared log unless {@link Builder#shared} sets another: 16 MiB. */
    public static final int SEGMENT_BYTES = 16 << 20;

    private final long windowBytes;
    private final long maxExtraBytes;
    private final double maxSpaceRatio;
    private final FileLogOptions shared;

    private LogStoreOptions(Builder builder) {
        windowBytes = builder.windowBytes;
        maxExtraBytes = builder.maxExtraBytes;
        maxSpaceRatio = builder.maxSpaceRatio;
        shared = builder.shared;
    }

    /** Returns a builder with the default options. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns the bytes of the shared log after which an index record is written. */
    public long windowBytes() {
        return windowBytes;
    }

    /** Returns the bytes that the shared log may have beyond {@link #maxSpaceRatio()}. */
    public long maxExtraBytes() {
        return maxExtraBytes;
    }

    /** Returns how many times the live bytes the shared log may have, besides {@link #maxExtraBytes()}. */
    public double maxSpaceRatio() {
        return maxSpaceRatio;
    }

    /** Returns the options of the shared log, for a store that opens its own. */
    public FileLogOptions shared() {
        return shared;
    }

    /** Returns the bytes from which on records are moved: half of the extra space is used. */
    double movingLimit(long liveBytes) {
        return (1 + (maxSpaceRatio - 1) / 2) * liveBytes + maxExtraBytes / 2.0;
    }

    /** Returns the bytes from which on appends wait. */
    double waitingLimit(long liveBytes) {
        return maxSpaceRatio * liveBytes + maxExtraBytes;
    }

    /** Collects options. One thread at a time. */
    public static final class Builder {
        private long windowBytes = 16 << 20;
        private long maxExtraBytes = 256L << 20;
        private double maxSpaceRatio = 2;
        private FileLogOptions shared =
                FileLogOptions.builder().segmentBytes(SEGMENT_BYTES).build();

        private Builder() {}

        /**
         * Sets the bytes of the shared log after which an index record is written; 16 MiB unless set. Smaller windows
         * cost memory: 8 bytes for each window and each log that has records in it.
         *
         * @param bytes 1 KiB to 1 GiB
         */
        public Builder windowBytes(long bytes) {
            if (bytes < 1 << 10 || bytes > 1 << 30) {
                throw new IllegalArgumentException("windowBytes must be between 1024 and 1073741824, was " + bytes);
            }
            windowBytes = bytes;
            return this;
        }

        /**
         * Sets the bytes that the shared log may have beyond {@link #maxSpaceRatio} times the live bytes; 256 MiB
         * unless set. Moving of records begins at half of it; appends wait beyond it.
         *
         * @param bytes at least 1 KiB
         */
        public Builder maxExtraBytes(long bytes) {
            if (bytes < 1 << 10) throw new IllegalArgumentException("maxExtraBytes must be >= 1024, was " + bytes);
            maxExtraBytes = bytes;
            return this;
        }

        /**
         * Sets how many times the live bytes the shared log may have; 2 unless set. A smaller ratio moves more records.
         *
         * @param ratio at least 1.1
         */
        public Builder maxSpaceRatio(double ratio) {
            if (!(ratio >= 1.1)) throw new IllegalArgumentException("maxSpaceRatio must be >= 1.1, was " + ratio);
            maxSpaceRatio = ratio;
            return this;
        }

        /** Sets the options of the shared log; segments of {@link #SEGMENT_BYTES} unless set. */
        public Builder shared(FileLogOptions options) {
            shared = java.util.Objects.requireNonNull(options);
            return this;
        }

        /** Returns the options as they are now. */
        public LogStoreOptions build() {
            return new LogStoreOptions(this);
        }
    }
}
