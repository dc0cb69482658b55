package dev.holdfast.cli;

import dev.holdfast.wal.LogRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code holdfast append}: appends the records that arrive on standard input. */
@Command(
        name = "append",
        description = {
            "Appends records from standard input durably. Each line is one record, unless --format "
                    + "says otherwise.",
            "A record is the bytes before a line feed, whatever they contain; a carriage return is "
                    + "part of the record. The last line needs no line feed. A line longer than 1 MiB stops "
                    + "the command, and no part of that line is appended.",
            "Ctrl-C stops the command cleanly: it prints what was acknowledged and closes the log."
        },
        footer = {
            "",
            "Examples:",
            "  seq 1 1000 | holdfast append numbers",
            "  tail -f app.log | holdfast append copy --print-ids",
            "  holdfast cat numbers --format json | holdfast append other --format json",
            "  seq 1 1000 | holdfast append numbers --batch 10 --first-id 1001"
        })
final class AppendCommand implements Callable<Integer> {
    /** The encoding of records on standard input. */
    enum Format {
        lines,
        length,
        json
    }

    private final Streams streams;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            paramLabel = "DIR",
            description = "The log's directory, or STORE#name: a log of a store that no other process has open. A "
                    + "missing log is created. An empty directory becomes a store.")
    private Location location = new Location.Directory(Path.of(""));

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "lines: one record per line. length: 4 bytes of length, big-endian, before each "
                    + "record. json: one object per line, with text or base64, and optionally an id. "
                    + "Default: ${DEFAULT-VALUE}.")
    private Format format = Format.lines;

    @Option(
            names = "--first-id",
            paramLabel = "ID",
            description = "The id of the first record. It must follow the last id of the log; in an empty log it "
                    + "can be any id. Default: the log assigns it.")
    private OptionalLong firstId = OptionalLong.empty();

    @Option(
            names = "--batch",
            paramLabel = "N",
            description = "Append N records at a time. After a crash either all N are in the log or none. "
                    + "Default: records that arrive together are appended together.")
    private int batch;

    @Option(names = "--print-ids", description = "Print the id of each acknowledged record, one per line.")
    private boolean printIds;

    @Option(names = "--json", description = "At the end, print what was appended as a JSON object.")
    private boolean json;

    AppendCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        if (batch < 0 || (batch == 0 && spec.commandLine().getParseResult().hasMatchedOption("--batch"))) {
            throw new ParameterException(spec.commandLine(), "--batch must be >= 1, was " + batch);
        }
        if (json && printIds) {
            throw new ParameterException(spec.commandLine(), "--json and --print-ids both need standard output");
        }
        long startNanos = System.nanoTime();
        Acknowledged appended;
        try (OpenedLog opened = OpenedLog.toAppend(location)) {
            appended = append(opened, startNanos);
        }
        printSummary(appended, startNanos);
        return ExitCodes.FINE;
    }

    private void printSummary(Acknowledged appended, long startNanos) throws IOException {
        double seconds = (System.nanoTime() - startNanos) / 1e9;
        if (json) {
            streams.print(Json.line(new Fields()
                    .number("records", appended.records())
                    .number("bytes", appended.bytes())
                    .orNone("first id", appended.first())
                    .orNone("last id", appended.last())
                    .number("nanos", System.nanoTime() - startNanos)));
            return;
        }
        streams.err()
                .println(String.format(
                        Locale.ROOT,
                        "%d records, %d bytes, %.3f s%s (%.0f records/s, %.1f MB/s)",
                        appended.records(),
                        appended.bytes(),
                        seconds,
                        appended.ids(),
                        appended.records() / seconds,
                        appended.bytes() / seconds / 1e6));
    }

    private Acknowledged append(OpenedLog opened, long startNanos) throws IOException {
        IdPrinter ids = new IdPrinter(streams.out());
        try (Progress progress = Progress.ofRecords(streams, "append")) {
            Pipeline pipeline = new Pipeline(opened.log(), (firstId, records) -> {
                progress.add(records);
                if (printIds) {
                    ids.print(firstId, records);
                }
            });
            CtrlC ctrlC = new CtrlC(() -> end(opened, pipeline, startNanos));
            try {
                if (firstId.isPresent()) {
                    pipeline.expect(firstId.getAsLong());
                }
                appendAll(source(), pipeline);
            } catch (IOException | IllegalArgumentException e) {
                throw new IOException(FailureText.followedBy(FailureText.of(e), before(pipeline.acknowledged())), e);
            } finally {
                ctrlC.close();
            }
            return pipeline.acknowledged();
        }
    }

    private RecordSource source() {
        RecordSource source = switch (format) {
            case lines -> new Lines(streams.in(), LogRecord.MAX_DATA_BYTES);
            case length -> new LengthPrefixed(streams.in(), LogRecord.MAX_DATA_BYTES);
            case json -> new JsonLines(streams.in(), LogRecord.MAX_DATA_BYTES);
        };
        return batch == 0 ? source : new Batches(source, batch);
    }

    /** Stops the appends, waits until all records that were read are acknowledged, and closes the log. */
    private void end(OpenedLog opened, Pipeline pipeline, long startNanos) {
        pipeline.stop();
        try {
            opened.close();
            printSummary(pipeline.acknowledged(), startNanos);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Appends all records of the input. If the input fails, every record read before the failure is still appended and
     * acknowledged.
     */
    private static void appendAll(RecordSource input, Pipeline pipeline) throws IOException {
        try {
            for (List<ByteBuffer> records = input.next(); !records.isEmpty(); records = input.next()) {
                if (input.firstId().isPresent()) {
                    pipeline.expect(input.firstId().getAsLong());
                }
                pipeline.append(records);
            }
        } finally {
            pipeline.await();
        }
    }

    private String before(Acknowledged acknowledged) {
        String what = format == Format.lines ? "line" : "record";
        return acknowledged.records() == 0
                ? "no " + what + " was appended"
                : "the " + acknowledged.records() + " " + what + "s before it were appended" + acknowledged.ids();
    }
}
