package dev.holdfast.cli;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.format.KeptName;
import dev.holdfast.wal.format.SpareName;
import dev.holdfast.wal.inspect.Inspection;
import dev.holdfast.wal.inspect.Inspector;
import dev.holdfast.wal.inspect.SegmentFile;
import dev.holdfast.wal.storage.DiskStorage;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.StoredFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code holdfast info}: prints the state and the figures of a log. */
@Command(
        name = "info",
        description = {
            "Prints a log's first and last id, its size, and whether it was closed.",
            "Changes nothing in the log and works while another process appends to it. Reads the "
                    + "headers and the newest segment, as opening a log does; `verify` reads every "
                    + "byte.",
            "For a log that is open in another process it shows the records that are provably "
                    + "durable on the disk. The last append can be missing until the next append, or until "
                    + "the log has been idle for a second.",
            "Of a store it lists the logs, with the number of records and bytes."
        },
        footer = {
            "",
            "Examples:",
            "  holdfast info numbers",
            "  holdfast info numbers --segments",
            "  holdfast info numbers --json",
            "  holdfast info store",
            "  holdfast info store#orders"
        })
final class InfoCommand implements Callable<Integer> {
    private final Streams streams;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "DIR", description = Location.OF_A_LOG_OR_STORE)
    private Location location = new Location.Directory(Path.of(""));

    @Option(names = "--segments", description = "Print a table of the segment files instead, one per line.")
    private boolean segments;

    @Option(names = "--json", description = "Print everything as one JSON object.")
    private boolean json;

    InfoCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        if (segments && !(location instanceof Location.Directory || location instanceof Location.SharedLog)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--segments is for a directory of segments: name the shared log of the store, "
                            + location.path().resolve("shared"));
        }
        if (location instanceof Location.Store store) {
            return new StoreInfo(streams, json).print(store);
        }
        if (location instanceof Location.LogOfStore of) {
            return new StoreInfo(streams, json).print(of);
        }
        Path directory = OpenedLog.directoryToRead(location);
        Inspection log;
        try (Storage storage = DiskStorage.openReadOnly(directory)) {
            log = new Inspector(storage).look();
        }
        Style style = Style.of(streams);
        if (json) {
            streams.print(Json.line(
                    fields(directory, log).rows("segment files", rows(log)).rows("damages", Findings.rows(log))));
        } else if (segments) {
            Table table = table(log);
            streams.print(streams.outIsTerminal() ? table.aligned() : table.separatedByTabs());
        } else {
            streams.print(fields(directory, log).lines());
            if (streams.outIsTerminal()) {
                streams.print(new SegmentBar(style).of(log));
            }
        }
        if (!log.damages().isEmpty()) {
            CorruptLogException first = log.damages().get(0);
            streams.err().println("holdfast: " + FailureText.of(first));
            return ExitCodes.DAMAGE;
        }
        return ExitCodes.FINE;
    }

    private static Fields fields(Path directory, Inspection log) throws IOException {
        Fields fields = new Fields()
                .text("path", directory.toRealPath().toString())
                .orNone("first id", log.firstId())
                .orNone("last id", log.lastId())
                .number("next id", log.nextId())
                .number("records", log.records())
                .number("segments", live(log).size())
                .number(
                        "bytes",
                        live(log).stream().mapToLong(SegmentFile::lengthBytes).sum())
                .number("other bytes", otherBytes(log));
        Optional<String> ending = log.ending().map(how -> how.name().toLowerCase(Locale.ROOT));
        fields.text("ended", ended(log), ending.orElse("refused"));
        lastWrite(directory, log, fields);
        fields.orNone("unproven from", log.unprovenFrom()).number("torn bytes", log.tornBytes());
        if (log.holder().isPresent()) {
            fields.text("locked by", log.holder().get());
        } else {
            fields.none("locked by", "nobody");
        }
        if (log.logId().isPresent()) {
            fields.text("log id", log.logId().get().toString());
        }
        int damages = log.damages().size();
        return damages == 0
                ? fields.none("damage", "none seen (holdfast verify reads every byte)")
                : fields.text("damage", damages + (damages == 1 ? " place" : " places") + ", see holdfast verify");
    }

    private static List<SegmentFile> live(Inspection log) {
        return log.segments().stream()
                .filter(segment -> segment.role() == SegmentFile.Role.SEALED || segment.role() == SegmentFile.Role.TAIL)
                .toList();
    }

    /** Returns the total size of spares, dead and damaged segments, and other files of the directory. */
    private static long otherBytes(Inspection log) {
        return log.others().stream().mapToLong(StoredFile::length).sum()
                + log.segments().stream()
                        .filter(segment ->
                                segment.role() == SegmentFile.Role.DEAD || segment.role() == SegmentFile.Role.DAMAGED)
                        .mapToLong(SegmentFile::lengthBytes)
                        .sum();
    }

    private static String ended(Inspection log) {
        if (log.ending().isEmpty()) {
            return "damaged: the log cannot be opened";
        }
        return switch (log.ending().get()) {
            case NEW -> throw new AssertionError("an inspection creates no log");
            case CLOSED -> "closed";
            case OPEN -> "not yet: the log is open";
            case UNCLOSED -> "not closed: a process was killed or power failed";
        };
    }

    /**
     * Adds a field with the time of the last write to the newest segment. For a closed log this is the time of the
     * close.
     */
    private static void lastWrite(Path directory, Inspection log, Fields fields) throws IOException {
        for (SegmentFile segment : live(log)) {
            if (segment.role() == SegmentFile.Role.TAIL) {
                try {
                    Instant time = Files.getLastModifiedTime(directory.resolve(segment.name()))
                            .toInstant();
                    fields.text(
                            "last write", time.truncatedTo(ChronoUnit.SECONDS).toString());
                    return;
                } catch (NoSuchFileException removedMeanwhile) {
                    break;
                }
            }
        }
        fields.none("last write", "unknown");
    }

    private static Table table(Inspection log) {
        Table table = new Table("file", "role", "first id", "last id", "used bytes", "bytes", "links");
        for (SegmentFile segment : log.segments()) {
            table.add(
                    FailureText.onOneLine(segment.name()),
                    role(segment),
                    Long.toString(segment.baseId()),
                    segment.nextId().isPresent() ? lastId(segment) : "-",
                    Long.toString(segment.usedBytes()),
                    Long.toString(segment.lengthBytes()),
                    Integer.toString(segment.links()));
        }
        for (StoredFile file : log.others()) {
            table.add(
                    FailureText.onOneLine(file.name()),
                    kind(file),
                    "-",
                    "-",
                    "-",
                    Long.toString(file.length()),
                    Integer.toString(file.links()));
        }
        return table;
    }

    private static String role(SegmentFile segment) {
        return segment.role().name().toLowerCase(Locale.ROOT);
    }

    private static String lastId(SegmentFile segment) {
        long last = segment.nextId().getAsLong() - 1;
        return last < segment.baseId() ? "-" : Long.toString(last);
    }

    private static String kind(StoredFile file) {
        if (SpareName.parse(file.name()).isPresent()) {
            return "spare";
        }
        return KeptName.matches(file.name()) ? "kept" : "other";
    }

    private static List<Fields> rows(Inspection log) {
        List<Fields> rows = new ArrayList<>();
        for (SegmentFile segment : log.segments()) {
            Fields row = new Fields()
                    .text("file", segment.name())
                    .text("role", role(segment))
                    .number("epoch", segment.epoch())
                    .number("first id", segment.baseId());
            if (segment.nextId().isPresent() && segment.nextId().getAsLong() > segment.baseId()) {
                row.number("last id", segment.nextId().getAsLong() - 1);
            } else {
                row.none("last id", "none");
            }
            rows.add(row.number("used bytes", segment.usedBytes())
                    .number("bytes", segment.lengthBytes())
                    .number("links", segment.links()));
        }
        return rows;
    }
}
