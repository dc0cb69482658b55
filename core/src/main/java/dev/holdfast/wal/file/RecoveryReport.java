package dev.holdfast.wal.file;

import dev.holdfast.wal.LogStats;
import dev.holdfast.wal.recovery.OpenReport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** The result of opening a {@link FileLog}. Immutable. Later versions may add values. */
public final class RecoveryReport {
    /** How a log ended before it was opened. */
    public enum Ending {
        /** No log existed; opening created it. */
        NEW,
        /** The log was closed. */
        CLEAN,
        /**
         * The log was not closed: its process was killed, or the power failed, or (if this log was opened for reading)
         * another process still has it open.
         */
        UNCLEAN
    }

    private final OpenReport report;
    private final LogStats stats;
    private final Path directory;
    private final Duration duration;

    RecoveryReport(OpenReport report, LogStats stats, Path directory, Duration duration) {
        this.report = report;
        this.stats = stats;
        this.directory = directory;
        this.duration = duration;
    }

    /** Returns how the log had ended before. */
    public Ending ending() {
        return switch (report.ending()) {
            case NEW -> Ending.NEW;
            case CLOSED -> Ending.CLEAN;
            case OPEN, UNCLOSED -> Ending.UNCLEAN;
        };
    }

    /** Returns the number of segments after opening. */
    public int segments() {
        return stats.segments();
    }

    /** Returns the id of the oldest record after opening, or empty if the log has no records. */
    public OptionalLong firstId() {
        return stats.firstId();
    }

    /** Returns the id of the newest record after opening, or empty if the log has no records. */
    public OptionalLong lastId() {
        return stats.lastId();
    }

    /** Returns the number of records that were written again because nothing proved that they were synced. */
    public long rewrittenRecords() {
        return report.changes().rewrittenRecords();
    }

    /**
     * Returns an upper bound of the bytes that an unfinished write left after the last whole batch. Opening the log for
     * writing cuts them off. The count ends at the last byte that is not zero, so in a recycled segment it includes
     * bytes of the file's earlier use.
     */
    public long tornBytes() {
        return report.tornBytes();
    }

    /** Returns the file to which recovery copied the torn bytes; empty if recovery copied none. */
    public Optional<Path> tornFile() {
        return report.changes().tornFile().map(directory::resolve);
    }

    /**
     * Returns the id of the first record that nothing on the disk proves to be synced. Empty if the log was opened for
     * writing, because such records have been written again.
     */
    public OptionalLong unprovenFrom() {
        return report.unprovenFrom();
    }

    /** Returns the files that were removed because they were no longer part of the log. */
    public List<Path> removedFiles() {
        return report.changes().removedFiles().stream().map(directory::resolve).toList();
    }

    /** Returns the duration of opening. */
    public Duration duration() {
        return duration;
    }

    @Override
    public String toString() {
        return "RecoveryReport[directory=" + directory + ", duration=" + duration + ", " + report + ", " + stats + "]";
    }
}
