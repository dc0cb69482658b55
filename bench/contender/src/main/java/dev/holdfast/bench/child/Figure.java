package dev.holdfast.bench.child;

/** A number beside throughput and latency. */
public enum Figure {
    /** CPU time of the whole process for each record, in nanoseconds. */
    CPU_NANOS_PER_RECORD,
    /** Context switches of all threads for each record. */
    SWITCHES_PER_RECORD,
    /** Bytes of heap that the calling thread allocated for each record. */
    ALLOCATED_BYTES_PER_RECORD,
    /** Bytes this process sent to the device for each byte of data. */
    WRITTEN_BYTES_PER_BYTE,
    /** The median of single appends in the same run, in nanoseconds. */
    APPEND_P50_NANOS,
    /** By how much the log's directory grew, in bytes. */
    GROWTH_BYTES,
    /** Appends that had to wait until a file was made, in the whole run. */
    SPARE_WAITS,
    /** The first opening after the process had ended without closing the log, in nanoseconds. */
    OPEN_AFTER_KILL_NANOS,
    /** The median delay between the acknowledgement and a waiting reader, in nanoseconds. */
    SEEN_AFTER_ACKNOWLEDGED_P50_NANOS,
    /** 1 if reading back noticed that a record was damaged on disk, 0 if not. */
    NOTICES_DAMAGE
}
