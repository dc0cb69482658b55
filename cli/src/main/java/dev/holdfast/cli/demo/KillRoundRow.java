package dev.holdfast.cli.demo;

import dev.holdfast.cli.demo.Verdict.Placed;
import dev.holdfast.wal.file.RecoveryReport;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * One row of the table of kills.
 *
 * @param acknowledged number of records in batches that were acknowledged before the kill
 * @param unacknowledged number of records in batches that were in flight at the kill; if it is 0, the round does not
 *     count
 * @param recovered number of records found after the kill: all acknowledged records, and whole batches of those in
 *     flight
 * @param total number of records in the log, earlier rounds included
 */
record KillRoundRow(
        int round,
        long acknowledged,
        long unacknowledged,
        long recovered,
        long total,
        int segments,
        long tornBytes,
        Duration reopening) {
    static final String HEADER =
            "round  acknowledged  in flight  recovered  in the log  segments  torn bytes  reopened in";

    static KillRoundRow of(
            BatchContent content, int round, List<Event> history, List<Placed> shown, RecoveryReport report) {
        long acknowledged = Event.acknowledgements(history).stream()
                .mapToLong(ack -> content.size(ack.batch()))
                .sum();
        long unacknowledged =
                Event.unacknowledged(history).stream().mapToLong(content::size).sum();
        long recovered = shown.stream()
                .map(Placed::batch)
                .filter(batch -> batch.round() == round)
                .mapToLong(content::size)
                .sum();
        return new KillRoundRow(
                round,
                acknowledged,
                unacknowledged,
                recovered,
                report.lastId().orElse(0),
                report.segments(),
                report.tornBytes(),
                report.duration());
    }

    String line() {
        return String.format(
                Locale.ROOT,
                "%5d  %12d  %9d  %9d  %10d  %8d  %10d  %8.1f ms%s",
                round,
                acknowledged,
                unacknowledged,
                recovered,
                total,
                segments,
                tornBytes,
                reopening.toNanos() / 1e6,
                unacknowledged == 0 ? "  (does not count: nothing was in flight)" : "");
    }
}
