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
    /** The longest time for which an appender could not go on, in nanoseconds. */
    LONGEST_STALL_NANOS,
    /** Calls that were due per second. */
    DUE_PER_SECOND,
    /** Threads that all idle logs of a process have together. */
    IDLE_THREADS,
    /** Open files of one idle log. */
    IDLE_FILES,
    /** Bytes on disk of one log without records. */
    IDLE_BYTES,
    /** The longest time from the call of the last append before a silence until the reader has its record. */
    LAST_BEFORE_SILENCE_NANOS,
    /** CPU time of a process per second in which it only waits for records, in nanoseconds. */
    IDLE_CPU_NANOS_PER_SECOND,
    /** Number of times that a thread wakes up per second while it only waits for records. */
    IDLE_WAKE_UPS_PER_SECOND,
    /** Median time of a trim of a few segments, in nanoseconds. */
    TRIM_P50_NANOS,
    /** Time of a trim of half of the segments, per removed segment, in nanoseconds. */
    TRIM_SEGMENT_NANOS,
    /** The longest append during a trim of half of the segments, in nanoseconds. */
    LONGEST_DURING_TRIM_NANOS,
    /** Time of an opening for appends, per segment, in nanoseconds. */
    OPEN_SEGMENT_NANOS,
    /** Time of an opening for reads only, per segment, in nanoseconds. */
    OPEN_SEGMENT_READ_ONLY_NANOS,
    /** Ratio of the time of an opening per segment to that of the same log with half as many segments. */
    OPEN_TO_HALF,
    /** Mean time of a read of a single record, in nanoseconds. */
    READ_NANOS,
    /** Open files of a log whose records were read. */
    READ_FILES,
    /** 1 if reading detected a record that was damaged on disk, otherwise 0. */
    NOTICES_DAMAGE
}
