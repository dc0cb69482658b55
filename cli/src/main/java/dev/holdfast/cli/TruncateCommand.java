package dev.holdfast.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast truncate}: removes the newest records. */
@Command(
        name = "truncate",
        description = {
            "Removes the newest records durably: all records after the given id.",
            "The next append gets the id after it. The log must not be open in another process."
        },
        footer = {"", "Examples:", "  holdfast truncate numbers --last-to-keep 990"})
final class TruncateCommand implements Callable<Integer> {
    private final Streams streams;

    @Parameters(paramLabel = "DIR", description = Location.TO_CHANGE)
    private Location location = new Location.Directory(Path.of(""));

    @Option(
            names = "--last-to-keep",
            paramLabel = "ID",
            required = true,
            description = "The last record to keep; -1 removes all records.")
    private long lastToKeep;

    @Option(names = "--json", description = "Print what is left as a JSON object.")
    private boolean json;

    TruncateCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        return new Removal(streams, location, json).run(log -> log.truncate(lastToKeep));
    }
}
