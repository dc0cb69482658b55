package dev.holdfast.cli;

import dev.holdfast.cli.demo.Writer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast demo-writer}: the process that the demo kills. Users have no need for this command. */
@Command(name = DemoWriterCommand.NAME, description = "Appends until it is killed.", hidden = true)
final class DemoWriterCommand implements Callable<Integer> {
    static final String NAME = "demo-writer";

    private final Streams streams;

    @Parameters(paramLabel = "DIR", description = "The log's directory.")
    private Path directory = Path.of("");

    @Option(names = "--seed", required = true, description = "Seed that determines the appended records.")
    private long seed;

    @Option(names = "--round", required = true, description = "Number of this writer process, from 1.")
    private int round;

    DemoWriterCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        new Writer(seed, round, streams.out()).appendUntilKilled(directory);
        return ExitCodes.FAILURE;
    }
}
