package dev.holdfast.bench.child;

/** A figure that is measured in addition to throughput and latency. */
public enum Figure {
    /** CPU time of the whole process per record, in nanoseconds. */
    CPU_NANOS_PER_RECORD,
    /** Context switches of all threads per record. */
    SWITCHES_PER_RECORD,
    /** Bytes of heap that the calling thread allocated per record. */
    ALLOCATED_BYTES_PER_RECORD,
    /** Bytes that the device received per byte of data. */
    WRITTEN_BYTES_PER_BYTE,
    /** Median latency of single appends in the same run, in nanoseconds. */
    APPEND_P50_NANOS,
    /** Bytes by which the directory of the log grew. */
    GROWTH_BYTES,
    /** Number of appends in the whole run that waited until a file was created. */
    SPARE_WAITS,
    /** Time of the first opening after the process ended without closing the log, in nanoseconds. */
    OPEN_AFTER_KILL_NANOS,
    /** Median delay from the acknowledgement until a waiting reader has the record, in nanoseconds. */
    SEEN_AFTER_ACKNOWLEDGED_P50_NANOS,
    /** 1 if reading detected a record that was damaged on disk, otherwise 0. */
    NOTICES_DAMAGE
}
