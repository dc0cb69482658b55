package dev.holdfast.cli;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code holdfast cat}: writes records to standard output. */
@Command(
        name = "cat",
        description = {
            "Writes each record, followed by a line feed, to standard output.",
            "Changes nothing in the log and works while another process appends to it. From a log "
                    + "that is open in another process it reads the records that are provably durable on the "
                    + "disk. The last append can be missing until the next append, or until the log has been "
                    + "idle for a second."
        },
        footer = {
            "",
            "Examples:",
            "  holdfast cat numbers",
            "  holdfast cat numbers --from 10 --to 19",
            "  holdfast cat numbers --from 10 --limit 10",
            "  holdfast cat numbers --last 5 --ids",
            "  holdfast cat numbers --follow --format json",
            "  holdfast cat numbers | head"
        })
final class CatCommand implements Callable<Integer> {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final Streams streams;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "DIR", description = Location.TO_READ)
    private Location location = new Location.Directory(Path.of(""));

    @Option(
            names = "--from",
            paramLabel = "ID",
            description = "Start at this record, or at the next one if it is gone.")
    private OptionalLong from = OptionalLong.empty();

    @Option(names = "--to", paramLabel = "ID", description = "Stop after this record.")
    private long to = Long.MAX_VALUE;

    @Option(names = "--last", paramLabel = "N", description = "Start with the last N records.")
    private OptionalLong last = OptionalLong.empty();

    @Option(names = "--limit", paramLabel = "N", description = "Stop after N records.")
    private OptionalLong limit = OptionalLong.empty();

    @Option(
            names = {"-f", "--follow"},
            description = "Keep waiting for records that any process appends. Ctrl-C stops the command.")
    private boolean follow;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "text: the bytes and a line feed. hex, base64: one line per record. json: one object "
                    + "per line, with the id and text, or base64 if the record is not valid UTF-8. length: 4 "
                    + "bytes of length, big-endian, then the record. Default: ${DEFAULT-VALUE}.")
    private RecordFormat format = RecordFormat.text;

    @Option(
            names = "--ids",
            description = "Print the id and a tab before each record. Allowed with text, hex and base64.")
    private boolean ids;

    CatCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        requireId("--from", from.orElse(0));
        requireId("--to", to);
        requireId("--last", last.orElse(0));
        requireId("--limit", limit.orElse(0));
        if (from.orElse(0) > to) {
            throw new ParameterException(
                    spec.commandLine(), "--from " + from.getAsLong() + " is greater than --to " + to);
        }
        if (from.isPresent() && last.isPresent()) {
            throw new ParameterException(
                    spec.commandLine(), "--from and --last both choose the first record: give only one of them");
        }
        if (ids && (format == RecordFormat.json || format == RecordFormat.length)) {
            throw new ParameterException(
                    spec.commandLine(), "--ids is allowed with --format text, hex and base64 only");
        }
        try (OpenedLog opened = OpenedLog.toRead(location);
                LogCursor cursor = opened.log().cursor(first(opened.log()))) {
            write(cursor);
        } catch (StandardOutput.ReaderGoneException e) {
            return ExitCodes.FINE;
        }
        return ExitCodes.FINE;
    }

    private long first(Log log) {
        if (last.isEmpty()) {
            return from.orElse(0);
        }
        return Math.max(log.firstId().orElse(0), log.nextId() - last.getAsLong());
    }

    private void write(LogCursor cursor) throws IOException, InterruptedException {
        OutputStream out = new BufferedOutputStream(streams.out(), BUFFER_BYTES);
        RecordWriter records = RecordWriter.of(format, ids, out);
        try (ReaderWatch reader = new ReaderWatch()) {
            long left = limit.orElse(Long.MAX_VALUE);
            while (left > 0 && next(cursor, records, reader) && cursor.id() <= to) {
                records.write(cursor.id(), cursor.data());
                left = cursor.id() == to ? 0 : left - 1;
            }
        } finally {
            // Flush even if the log is damaged, because the records before the damage are valid.
            records.flush();
        }
    }

    private boolean next(LogCursor cursor, RecordWriter records, ReaderWatch reader)
            throws IOException, InterruptedException {
        if (cursor.next()) {
            return true;
        }
        if (!follow) {
            return false;
        }
        records.flush();
        // The user stops the wait with Ctrl-C, or the reader of standard output disconnects.
        boolean found;
        do {
            found = cursor.next(LOOK);
        } while (!found && !reader.isGone());
        return found;
    }

    private void requireId(String option, long id) {
        if (id < 0) {
            throw new ParameterException(spec.commandLine(), option + " must be >= 0, was " + id);
        }
    }
}
