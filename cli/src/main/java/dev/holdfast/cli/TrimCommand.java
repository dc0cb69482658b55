package dev.holdfast.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast trim}: removes the oldest records. */
@Command(
        name = "trim",
        description = {
            "Removes the oldest records durably, up to and including the given id.",
            "Disk space is freed in whole segments. The log must not be open in another process; a "
                    + "process that has it open can trim it through the API."
        },
        footer = {"", "Examples:", "  holdfast trim numbers --up-to 100"})
final class TrimCommand implements Callable<Integer> {
    private final Streams streams;

    @Parameters(paramLabel = "DIR", description = Location.TO_CHANGE)
    private Location location = new Location.Directory(Path.of(""));

    @Option(names = "--up-to", paramLabel = "ID", required = true, description = "The last record to remove.")
    private long upTo;

    @Option(names = "--json", description = "Print what is left as a JSON object.")
    private boolean json;

    TrimCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        return new Removal(streams, location, json).run(log -> log.trim(upTo));
    }
}
