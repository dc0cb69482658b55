package dev.holdfast.cli;

import dev.holdfast.wal.file.FileLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalLong;

/** Opens an existing log, removes records from it, and prints what is left. */
final class Removal {
    /** An operation that removes records from a log. */
    interface Change {
        void apply(FileLog log) throws IOException;
    }

    private final Streams streams;
    private final Path directory;
    private final boolean json;

    Removal(Streams streams, Path directory, boolean json) {
        this.streams = streams;
        this.directory = directory;
        this.json = json;
    }

    int run(Change change) throws IOException {
        // Fails if there is no log: opening for writing would create one.
        FileLog.openReadOnly(directory).close();
        Fields fields;
        try (FileLog log = FileLog.open(directory)) {
            long before = records(log);
            change.apply(log);
            fields = new Fields()
                    .orNone("first id", log.firstId())
                    .orNone("last id", log.lastId())
                    .number("next id", log.nextId())
                    .number("removed records", before - records(log));
        }
        streams.print(json ? Json.line(fields) : fields.lines());
        return ExitCodes.FINE;
    }

    private static long records(FileLog log) {
        OptionalLong last = log.lastId();
        return last.isEmpty() ? 0 : last.getAsLong() - log.firstId().orElseThrow() + 1;
    }
}
