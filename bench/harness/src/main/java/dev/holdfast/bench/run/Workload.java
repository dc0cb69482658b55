package dev.holdfast.bench.run;

import dev.holdfast.bench.child.Figure;
import dev.holdfast.bench.child.Job;
import dev.holdfast.bench.child.Measurement;

/** What is measured, and which of the numbers that it gives is the one to compare. */
public enum Workload {
    W1("one caller, one durable append at a time", Job.CALLERS, Metric.P50_MICROS),
    W2("many callers, each waiting for its own append", Job.CALLERS, Metric.RECORDS_PER_SECOND),
    W2_VIRTUAL("as W2, on virtual threads", Job.VIRTUAL_CALLERS, Metric.RECORDS_PER_SECOND),
    W3("one caller, batches", Job.BATCHES, Metric.MEGABYTES_PER_SECOND),
    W4("asynchronous, many in flight", Job.ASYNCHRONOUS, Metric.RECORDS_PER_SECOND),
    W5("one caller, surviving the end of the process only", Job.CALLERS, Metric.RECORDS_PER_SECOND),
    W6_BACK("reading all back, verified", Job.READ_BACK, Metric.MEGABYTES_PER_SECOND),
    W6_ANYWHERE("reading single records in random order", Job.READ_ANYWHERE, Metric.RECORDS_PER_SECOND),
    W7("opening, up to the first acknowledged append", Job.OPEN, Metric.P50_MILLIS),
    W8_GROWING("bytes to the device for each byte of data, growing", Job.WRITTEN_BYTES, Metric.WRITTEN_PER_BYTE),
    W8_STEADY("bytes to the device for each byte of data, trimmed", Job.WRITTEN_BYTES, Metric.WRITTEN_PER_BYTE),
    W9("from the call of an append to a reader waiting at the end", Job.TAIL, Metric.P50_MICROS),
    W10("the slowest appends beside trims", Job.TIMELINE, Metric.P999_MICROS),
    W11("truncate one record, append one", Job.TRUNCATE, Metric.P50_MICROS);

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

    /** Whether reading is measured, and nothing else. */
    public boolean reads() {
        return this == W6_BACK || this == W6_ANYWHERE;
    }

    /**
     * Whether there is something for the bare disk to do: it has no ends to move, nothing to recover, and keeps no more
     * than it is given.
     */
    boolean hasBareDisk() {
        return switch (this) {
            case W7, W8_GROWING, W8_STEADY, W9, W11 -> false;
            default -> true;
        };
    }

    /** Whether it consists of calls whose latency tells something. */
    public boolean hasCalls() {
        return this != W6_BACK && this != W7 && this != W8_GROWING && this != W8_STEADY;
    }

    /** W2 for {@link #W2_VIRTUAL}: what the report and its reader call it. */
    public String number() {
        int end = name().indexOf('_');
        return end < 0 ? name() : name().substring(0, end);
    }

    /** One number of a measurement. */
    public enum Metric {
        P50_MICROS("p50 µs", false),
        P999_MICROS("p99.9 µs", false),
        P50_MILLIS("p50 ms", false),
        RECORDS_PER_SECOND("records/s", true),
        MEGABYTES_PER_SECOND("MB/s", true),
        WRITTEN_PER_BYTE("bytes/byte", false);

        private final String unit;
        private final boolean moreIsBetter;

        Metric(String unit, boolean moreIsBetter) {
            this.unit = unit;
            this.moreIsBetter = moreIsBetter;
        }

        public String unit() {
            return unit;
        }

        public boolean moreIsBetter() {
            return moreIsBetter;
        }

        public double of(Measurement measurement) {
            return switch (this) {
                case P50_MICROS -> measurement.latency().getValueAtPercentile(50) / 1e3;
                case P999_MICROS -> measurement.latency().getValueAtPercentile(99.9) / 1e3;
                case P50_MILLIS -> measurement.latency().getValueAtPercentile(50) / 1e6;
                case RECORDS_PER_SECOND -> measurement.records() * 1e9 / measurement.nanos();
                case MEGABYTES_PER_SECOND -> measurement.bytes() * 1e3 / measurement.nanos();
                case WRITTEN_PER_BYTE -> measurement.figures().getOrDefault(Figure.WRITTEN_BYTES_PER_BYTE, Double.NaN);
            };
        }
    }
}
