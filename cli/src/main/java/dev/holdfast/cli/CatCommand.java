package dev.holdfast.cli;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.file.FileLog;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
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
            "Changes nothing in the log, and works while another process appends to it."
        },
        footer = {
            "",
            "Examples:",
            "  holdfast cat numbers",
            "  holdfast cat numbers --from 10 --to 19",
            "  holdfast cat numbers | head"
        })
final class CatCommand implements Callable<Integer> {
    private static final int BUFFER_BYTES = 1 << 16;

    private final Streams streams;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "DIR", description = "The log's directory.")
    private Path directory = Path.of("");

    @Option(
            names = "--from",
            paramLabel = "ID",
            description = "Begin with this record, or with the first one after it.")
    private long from;

    @Option(names = "--to", paramLabel = "ID", description = "End with this record.")
    private long to = Long.MAX_VALUE;

    CatCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        requireId("--from", from);
        requireId("--to", to);
        if (from > to) {
            throw new ParameterException(spec.commandLine(), "--from " + from + " is greater than --to " + to);
        }
        try (Log log = FileLog.openReadOnly(directory);
                LogCursor cursor = log.cursor(from)) {
            write(cursor);
        } catch (StandardOutput.ReaderGoneException e) {
            return ExitCodes.FINE;
        }
        return ExitCodes.FINE;
    }

    private void write(LogCursor cursor) throws IOException {
        OutputStream out = new BufferedOutputStream(streams.out(), BUFFER_BYTES);
        byte[] bytes = new byte[BUFFER_BYTES];
        try {
            while (cursor.next() && cursor.id() <= to) {
                ByteBuffer data = cursor.data();
                while (data.hasRemaining()) {
                    int count = Math.min(bytes.length, data.remaining());
                    data.get(bytes, 0, count);
                    out.write(bytes, 0, count);
                }
                out.write('\n');
            }
        } finally {
            out.flush(); // also where the log is damaged: the records before the damage are good
        }
    }

    private void requireId(String option, long id) {
        if (id < 0) {
            throw new ParameterException(spec.commandLine(), option + " must be >= 0, was " + id);
        }
    }
}
