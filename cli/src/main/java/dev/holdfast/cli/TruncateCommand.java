package dev.holdfast.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast truncate}: drops the newest records. */
@Command(
        name = "truncate",
        description = {
            "Removes the newest records, durably: all behind the one that is named.",
            "The id after it is the next. The log must not be open elsewhere."
        },
        footer = {"", "Examples:", "  holdfast truncate numbers --last-to-keep 990"})
final class TruncateCommand implements Callable<Integer> {
    private final Streams streams;

    @Parameters(paramLabel = "DIR", description = "The log's directory.")
    private Path directory = Path.of("");

    @Option(
            names = "--last-to-keep",
            paramLabel = "ID",
            required = true,
            description = "The last record that stays; -1 removes all.")
    private long lastToKeep;

    @Option(names = "--json", description = "Print what is left as a JSON object.")
    private boolean json;

    TruncateCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        return new Removal(streams, directory, json).run(log -> log.truncate(lastToKeep));
    }
}
