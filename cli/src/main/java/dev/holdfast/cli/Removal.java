package dev.holdfast.cli;

import dev.holdfast.wal.Log;
import java.io.IOException;
import java.util.OptionalLong;

/** Opens an existing log, removes records from it, and prints what is left. */
final class Removal {
    /** An operation that removes records from a log. */
    interface Change {
        void apply(Log log) throws IOException;
    }

    private final Streams streams;
    private final Location location;
    private final boolean json;

    Removal(Streams streams, Location location, boolean json) {
        this.streams = streams;
        this.location = location;
        this.json = json;
    }

    int run(Change change) throws IOException {
        Fields fields;
        try (OpenedLog opened = OpenedLog.toChange(location)) {
            Log log = opened.log();
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

    private static long records(Log log) {
        OptionalLong last = log.lastId();
        return last.isEmpty() ? 0 : last.getAsLong() - log.firstId().orElseThrow() + 1;
    }
}
