package dev.holdfast.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast reset}: removes all records and sets the next id. */
@Command(
        name = "reset",
        description = {
            "Removes all records durably and sets the id of the next record.",
            "The log must not be open in another process."
        },
        footer = {"", "Examples:", "  holdfast reset numbers --next-id 5001"})
final class ResetCommand implements Callable<Integer> {
    private final Streams streams;

    @Parameters(paramLabel = "DIR", description = Location.TO_CHANGE)
    private Location location = new Location.Directory(Path.of(""));

    @Option(
            names = "--next-id",
            paramLabel = "ID",
            required = true,
            description = "The id that the next record must have.")
    private long nextId;

    @Option(names = "--json", description = "Print what is left as a JSON object.")
    private boolean json;

    ResetCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        return new Removal(streams, location, json).run(log -> log.reset(nextId));
    }
}
