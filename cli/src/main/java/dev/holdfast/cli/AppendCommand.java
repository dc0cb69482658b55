package dev.holdfast.cli;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.file.FileLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast append}: each line of standard input becomes a record. */
@Command(
        name = "append",
        description = {
            "Appends each line of standard input as a record, durably.",
            "A record is the bytes up to a line feed, whatever they are; a carriage return belongs to them. The last line "
                    + "needs no line feed. A line longer than 1 MiB ends the command before anything of it is appended."
        },
        footer = {
            "",
            "Examples:",
            "  seq 1 1000 | holdfast append numbers",
            "  tail -f app.log | holdfast append copy --print-ids"
        })
final class AppendCommand implements Callable<Integer> {
    private final Streams streams;

    @Parameters(paramLabel = "DIR", description = "The log's directory; made if it does not exist.")
    private Path directory = Path.of("");

    @Option(names = "--print-ids", description = "Print the id of each record once it is acknowledged, one a line.")
    private boolean printIds;

    AppendCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        long startNanos = System.nanoTime();
        Acknowledged appended;
        try (Log log = FileLog.open(directory)) {
            appended = append(log);
        }
        double seconds = (System.nanoTime() - startNanos) / 1e9;
        streams.err()
                .println(String.format(
                        Locale.ROOT,
                        "%d records, %d bytes, %.3f s%s",
                        appended.records(),
                        appended.bytes(),
                        seconds,
                        appended.ids()));
        return ExitCodes.FINE;
    }

    private Acknowledged append(Log log) throws IOException {
        IdPrinter ids = new IdPrinter(streams.out());
        try (Progress progress = new Progress(streams, "append")) {
            Pipeline pipeline = new Pipeline(log, (firstId, records) -> {
                progress.add(records);
                if (printIds) {
                    ids.print(firstId, records);
                }
            });
            try {
                appendAll(new Lines(streams.in(), LogRecord.MAX_DATA_BYTES), pipeline);
            } catch (IOException e) {
                throw new IOException(FailureText.of(e) + "; " + before(pipeline.acknowledged()), e);
            }
            return pipeline.acknowledged();
        }
    }

    /** Also where the input fails, what was read before is appended and acknowledged. */
    private static void appendAll(Lines input, Pipeline pipeline) throws IOException {
        try {
            for (List<ByteBuffer> lines = input.next(); !lines.isEmpty(); lines = input.next()) {
                pipeline.append(lines);
            }
        } finally {
            pipeline.await();
        }
    }

    private static String before(Acknowledged acknowledged) {
        return acknowledged.records() == 0
                ? "no line was appended"
                : "the " + acknowledged.records() + " lines before were appended" + acknowledged.ids();
    }
}
