package dev.holdfast.cli;

import dev.holdfast.wal.LogStats;
import dev.holdfast.wal.file.FileLog;
import dev.holdfast.wal.file.RecoveryReport;
import dev.holdfast.wal.storage.DiskStorage;
import dev.holdfast.wal.storage.Storage;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code holdfast info}: the figures of a log. */
@Command(
        name = "info",
        description = {
            "Prints what a log holds and how it ended.",
            "Changes nothing in the log, and works while another process appends to it."
        },
        footer = {"", "Examples:", "  holdfast info numbers"})
final class InfoCommand implements Callable<Integer> {
    private final Streams streams;

    @Parameters(paramLabel = "DIR", description = "The log's directory.")
    private Path directory = Path.of("");

    InfoCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        String text;
        try (FileLog log = FileLog.openReadOnly(directory);
                Storage storage = DiskStorage.openReadOnly(directory)) {
            text = describe(log.stats(), log.recovery(), storage.holder());
        }
        try {
            streams.out().write(text.getBytes(Charset.defaultCharset()));
        } catch (StandardOutput.ReaderGoneException e) {
            return ExitCodes.FINE;
        }
        return ExitCodes.FINE;
    }

    private String describe(LogStats stats, RecoveryReport report, Optional<String> holder) throws IOException {
        return "path: " + FailureText.onOneLine(directory.toRealPath().toString()) + '\n'
                + "first id: " + orNone(stats.firstId()) + '\n'
                + "last id: " + orNone(stats.lastId()) + '\n'
                + "next id: " + stats.nextId() + '\n'
                + "records: " + records(stats) + '\n'
                + "segments: " + stats.segments() + '\n'
                + "bytes: " + stats.bytes() + '\n'
                + "ended: " + ended(report.ending(), holder.isPresent()) + '\n'
                + "unproven from: " + orNone(report.unprovenFrom()) + '\n'
                + "locked by: " + FailureText.onOneLine(holder.orElse("nobody")) + '\n';
    }

    private static String ended(RecoveryReport.Ending ending, boolean open) {
        return switch (ending) {
            case NEW -> "there is no log here yet";
            case CLEAN -> "closed";
            case UNCLEAN -> open ? "not yet: it is open" : "not closed: a process was killed or power failed";
        };
    }

    private static long records(LogStats stats) {
        return stats.lastId().isEmpty()
                ? 0
                : stats.lastId().getAsLong() - stats.firstId().orElseThrow() + 1;
    }

    private static String orNone(OptionalLong id) {
        return id.isPresent() ? Long.toString(id.getAsLong()) : "none";
    }
}
