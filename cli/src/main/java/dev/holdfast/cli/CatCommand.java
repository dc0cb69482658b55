package dev.holdfast.cli;

import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.file.FileLog;
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
            "Changes nothing in the log, and works while another process appends to it. Of a log that is written it reads what "
                    + "the disk proves to be durable: the last append may be missing until the next one or an idle second."
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

    @Parameters(paramLabel = "DIR", description = "The log's directory.")
    private Path directory = Path.of("");

    @Option(
            names = "--from",
            paramLabel = "ID",
            description = "Begin with this record, or with the first one after it.")
    private OptionalLong from = OptionalLong.empty();

    @Option(names = "--to", paramLabel = "ID", description = "End with this record.")
    private long to = Long.MAX_VALUE;

    @Option(names = "--last", paramLabel = "N", description = "Begin with the last N records.")
    private OptionalLong last = OptionalLong.empty();

    @Option(names = "--limit", paramLabel = "N", description = "End after N records.")
    private OptionalLong limit = OptionalLong.empty();

    @Option(
            names = {"-f", "--follow"},
            description = "Wait for records that are appended later, by any process. Ctrl-C ends it.")
    private boolean follow;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description =
                    "text: the bytes and a line feed. hex, base64: a line each. json: an object a line with the id, and "
                            + "text or, where it is no UTF-8, base64. length: the bytes behind their length in 4 bytes, the highest "
                            + "first. Default: ${DEFAULT-VALUE}.")
    private RecordFormat format = RecordFormat.text;

    @Option(names = "--ids", description = "With text, hex and base64: the id and a tab before each record.")
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
            throw new ParameterException(spec.commandLine(), "--from and --last both say where to begin");
        }
        if (ids && (format == RecordFormat.json || format == RecordFormat.length)) {
            throw new ParameterException(spec.commandLine(), "--ids goes with text, hex and base64 only");
        }
        try (FileLog log = FileLog.openReadOnly(directory);
                LogCursor cursor = log.cursor(first(log))) {
            write(cursor);
        } catch (StandardOutput.ReaderGoneException e) {
            return ExitCodes.FINE;
        }
        return ExitCodes.FINE;
    }

    private long first(FileLog log) {
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
            records.flush(); // also where the log is damaged: the records before the damage are good
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
        // Whoever has enough presses Ctrl-C, or goes away.
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
