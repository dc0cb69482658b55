package dev.holdfast.cli;

import dev.holdfast.wal.inspect.Inspection;
import dev.holdfast.wal.inspect.Inspector;
import dev.holdfast.wal.storage.DiskStorage;
import dev.holdfast.wal.storage.Storage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast verify}: reads and checks every byte of a log. */
@Command(
        name = "verify",
        description = {
            "Reads every byte of a log and checks all checksums.",
            "Changes nothing in the log and works while another process appends to it. For each "
                    + "damage it prints the file and offset, the records at risk, what the damage means and "
                    + "what to do. The exit code is 1 if there is any damage.",
            "Of a store, and of a log of a store, it reads every record, and prints one line per log."
        },
        footer = {
            "",
            "Examples:",
            "  holdfast verify numbers",
            "  holdfast verify numbers --json",
            "  holdfast verify store#orders"
        })
final class VerifyCommand implements Callable<Integer> {
    private final Streams streams;

    @Parameters(paramLabel = "DIR", description = Location.OF_A_LOG_OR_STORE)
    private Location location = new Location.Directory(Path.of(""));

    @Option(names = "--json", description = "Print the findings as a JSON object.")
    private boolean json;

    VerifyCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        if (location instanceof Location.Store store) {
            return new StoreVerification(streams, json).run(store);
        }
        if (location instanceof Location.LogOfStore of) {
            return new StoreVerification(streams, json).run(of);
        }
        Path directory = OpenedLog.directoryToRead(location);
        Verified verified;
        try (Storage storage = DiskStorage.openReadOnly(directory)) {
            verified = Verified.of(new Inspector(storage), streams);
        }
        Inspection log = verified.inspection();
        int damages = log.damages().size();
        Fields fields = new Fields()
                .text("path", directory.toRealPath().toString())
                .orNone("first id", log.firstId())
                .orNone("last id", log.lastId())
                .number("read bytes", verified.bytes())
                .number("damaged places", damages);
        if (json) {
            streams.print(Json.line(fields.rows("damages", Findings.rows(log))));
        } else {
            streams.print(Findings.text(log, Style.of(streams)) + fields.lines());
        }
        if (damages > 0) {
            streams.err()
                    .println("holdfast: " + FailureText.onOneLine(directory.toString()) + ": damage was found in "
                            + damages + (damages == 1 ? " place" : " places"));
            return ExitCodes.DAMAGE;
        }
        return ExitCodes.FINE;
    }
}
