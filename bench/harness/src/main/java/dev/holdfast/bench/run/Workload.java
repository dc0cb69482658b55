package dev.holdfast.bench.run;

import dev.holdfast.bench.child.Figure;
import dev.holdfast.bench.child.Job;
import dev.holdfast.bench.child.Measurement;
import java.util.Optional;

/** The workloads. Each has one metric that is compared. */
public enum Workload {
    W1("One caller, one durable append at a time", Job.CALLERS, Metric.P50_MICROS),
    W2("Many callers; each waits for its own append", Job.CALLERS, Metric.RECORDS_PER_SECOND),
    W2_VIRTUAL("Many virtual threads; each waits for its own append", Job.VIRTUAL_CALLERS, Metric.RECORDS_PER_SECOND),
    W2_HOOKS(
            "Many callers; a commit hook puts each record into a map", Job.APPLYING_CALLERS, Metric.RECORDS_PER_SECOND),
    W2_FUTURES(
            "Many callers; each waits for the future of its own append", Job.FUTURE_CALLERS, Metric.RECORDS_PER_SECOND),
    W3("One caller that appends batches", Job.BATCHES, Metric.MEGABYTES_PER_SECOND),
    W4(
            "One caller that appends asynchronously, with many records in flight",
            Job.ASYNCHRONOUS,
            Metric.RECORDS_PER_SECOND),
    W5("One caller; appends survive a process crash but not a power failure", Job.CALLERS, Metric.RECORDS_PER_SECOND),
    W6_BACK("Reading all records and verifying their checksums", Job.READ_BACK, Metric.MEGABYTES_PER_SECOND),
    W6_ANYWHERE("Reading single records in random order", Job.READ_ANYWHERE, Metric.RECORDS_PER_SECOND),
    W7("Opening a log, up to the first acknowledged append", Job.OPEN, Metric.P50_MILLIS),
    W8_GROWING(
            "Bytes written to the device per byte of data, in a log that grows",
            Job.WRITTEN_BYTES,
            Metric.WRITTEN_PER_BYTE),
    W8_STEADY(
            "Bytes written to the device per byte of data, in a log that is trimmed",
            Job.WRITTEN_BYTES,
            Metric.WRITTEN_PER_BYTE),
    W9("From the call of an append until a reader that waits at the end has the record", Job.TAIL, Metric.P50_MICROS),
    W10("The slowest appends while the log is trimmed", Job.TIMELINE, Metric.P999_MICROS),
    W11("Truncating one record and appending another", Job.TRUNCATE, Metric.P50_MICROS),
    W12_BATCHES(
            "A fresh log that grows: one caller that appends batches", Job.GROW_BATCHES, Metric.MEGABYTES_PER_SECOND),
    W12_CALLERS(
            "A fresh log that grows: many callers; each waits for its own append",
            Job.GROW_CALLERS,
            Metric.RECORDS_PER_SECOND),
    W12_IN_FLIGHT(
            "A fresh log that grows: one caller that appends asynchronously, with many records in flight",
            Job.GROW_IN_FLIGHT,
            Metric.RECORDS_PER_SECOND),
    W13_MAXIMUM(
            "A fresh log that grows: the highest rate of callers that each wait for their own append",
            Job.CALLERS,
            Metric.RECORDS_PER_SECOND),
    W13(
            "A fresh log that grows: calls that are due at a fixed rate, with the latency since a call was due",
            Job.OPEN_LOOP,
            Metric.P99_MICROS),
    W14("A fresh log that grows: one caller, one durable append at a time", Job.CALLERS, Metric.P999_MICROS),
    W15(
            "Many logs in one process, with 64 callers that append to all of them",
            Job.MANY_LOGS,
            Metric.RECORDS_PER_SECOND),
    W16("From the call of an append until a reader in another process has the record", Job.FOLLOW, Metric.P50_MICROS),
    W17("A log of many small segments: an append that begins another segment", Job.MANY_SEGMENTS, Metric.P50_MICROS);

    private final String title;
    private final Job job;
    private final Metric metric;

    Workload(String title, Job job, Metric metric) {
        this.title = title;
        this.job = job;
        this.metric = metric;
    }

    public String title() {
        return title;
    }

    public Job job() {
        return job;
    }

    public Metric metric() {
        return metric;
    }

    /** Returns whether the workload only reads. */
    public boolean reads() {
        return this == W6_BACK || this == W6_ANYWHERE;
    }

    /**
     * Returns whether the bare disk can run the workload. It has no ends to move and nothing to recover, and stores
     * only the data that it receives.
     */
    boolean hasBareDisk() {
        return switch (this) {
            case W2_HOOKS, W2_FUTURES, W7, W8_GROWING, W8_STEADY, W9, W11, W13_MAXIMUM, W13, W15, W16, W17 -> false;
            default -> true;
        };
    }

    /** Returns the workload that appends in the same way to a log in steady use, if this one appends to a fresh log. */
    Optional<Workload> whenSteady() {
        return switch (this) {
            case W12_BATCHES -> Optional.of(W3);
            case W12_CALLERS -> Optional.of(W2);
            case W12_IN_FLIGHT -> Optional.of(W4);
            default -> Optional.empty();
        };
    }

    /** Returns whether the workload consists of calls whose latency is meaningful. */
    public boolean hasCalls() {
        return this != W6_BACK && this != W7 && this != W8_GROWING && this != W8_STEADY;
    }

    /** Returns the number in the report and on the command line, such as W2 for {@link #W2_VIRTUAL}. */
    public String number() {
        int end = name().indexOf('_');
        return end < 0 ? name() : name().substring(0, end);
    }

    /** The metric that is compared. */
    public enum Metric {
        P50_MICROS("µs (p50)", "latency", false),
        P99_MICROS("µs (p99)", "p99 latency", false),
        P999_MICROS("µs (p99.9)", "p99.9 latency", false),
        P50_MILLIS("ms (p50)", "time", false),
        RECORDS_PER_SECOND("records/s", "throughput", true),
        MEGABYTES_PER_SECOND("MB/s", "throughput", true),
        WRITTEN_PER_BYTE("bytes/byte", "bytes written", false);

        private final String unit;
        private final String words;
        private final boolean moreIsBetter;

        Metric(String unit, String words, boolean moreIsBetter) {
            this.unit = unit;
            this.words = words;
            this.moreIsBetter = moreIsBetter;
        }

        public String unit() {
            return unit;
        }

        /** Returns what the unit measures, such as {@code throughput}. */
        String words() {
            return words;
        }

        /** Returns the unit and what is better, such as {@code records/s, higher is better}. */
        public String description() {
            return unit + (moreIsBetter ? ", higher is better" : ", lower is better");
        }

        public boolean moreIsBetter() {
            return moreIsBetter;
        }

        public double of(Measurement measurement) {
            return switch (this) {
                case P50_MICROS -> measurement.latency().getValueAtPercentile(50) / 1e3;
                case P99_MICROS -> measurement.latency().getValueAtPercentile(99) / 1e3;
                case P999_MICROS -> measurement.latency().getValueAtPercentile(99.9) / 1e3;
                case P50_MILLIS -> measurement.latency().getValueAtPercentile(50) / 1e6;
                case RECORDS_PER_SECOND -> measurement.records() * 1e9 / measurement.nanos();
                case MEGABYTES_PER_SECOND -> measurement.bytes() * 1e3 / measurement.nanos();
                case WRITTEN_PER_BYTE -> measurement.figures().getOrDefault(Figure.WRITTEN_BYTES_PER_BYTE, Double.NaN);
            };
        }
    }
}
