package dev.holdfast.cli;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogStats;
import dev.holdfast.wal.store.LogStore;
import dev.holdfast.wal.store.LogStoreStats;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** Prints the figures of a store and of its logs, for {@code holdfast info}. */
final class StoreInfo {
    private final Streams streams;
    private final boolean json;

    StoreInfo(Streams streams, boolean json) {
        this.streams = streams;
        this.json = json;
    }

    /** Prints the figures of a store, and those of each of its logs. */
    int print(Location.Store location) throws IOException {
        List<String> damage;
        try (LogStore store = Stores.openToRead(location.path())) {
            damage = store.damage();
            List<Fields> logs = new ArrayList<>();
            Table table = new Table("name", "first id", "last id", "next id", "records", "bytes");
            long records = 0;
            for (String name : store.names()) {
                Log log = store.find(name).orElseThrow();
                LogStats stats = log.stats();
                logs.add(fields(new Fields(), store, log, name));
                table.add(
                        Names.escaped(name),
                        idOrDash(stats.firstId()),
                        idOrDash(stats.lastId()),
                        Long.toString(stats.nextId()),
                        Long.toString(records(stats)),
                        Long.toString(stats.bytes()));
                records += records(stats);
            }
            Fields fields = fields(location, store.stats(), records, damage);
            if (json) {
                streams.print(Json.line(fields.rows("logs", logs).rows("damages", Damages.rows(damage))));
            } else {
                String rows = streams.outIsTerminal() ? table.aligned() : table.separatedByTabs();
                streams.print(fields.lines() + (logs.isEmpty() ? "" : "\n" + rows));
            }
        }
        return Damages.report(streams, location, damage);
    }

    /** Prints the figures of one log of a store. */
    int print(Location.LogOfStore location) throws IOException {
        List<String> damage;
        try (LogStore store = Stores.openToRead(location.path())) {
            damage = store.damage();
            Fields fields = fields(path(location), store, Stores.find(store, location), location.name());
            streams.print(json ? Json.line(fields.rows("damages", Damages.rows(damage))) : fields.lines());
        }
        return Damages.report(streams, location, damage);
    }

    /** Returns the field that every output about a store begins with. */
    static Fields path(Location location) throws IOException {
        return new Fields().text("path", location.path().toRealPath().toString());
    }

    private static Fields fields(Location location, LogStoreStats stats, long records, List<String> damage)
            throws IOException {
        Fields fields = path(location)
                .number("log count", stats.logs())
                .number("records", records)
                .number("live bytes", stats.liveBytes())
                .number("dead bytes", stats.deadBytes())
                .number("segments", stats.shared().segments())
                .number("bytes", stats.shared().bytes());
        return damage.isEmpty()
                ? fields.none("damage", "none seen (holdfast verify reads every record)")
                : fields.text("damage", Damages.places(damage.size()) + ", see holdfast verify");
    }

    private static Fields fields(Fields fields, LogStore store, Log log, String name) {
        LogStats stats = log.stats();
        fields.name("name", name)
                .orNone("first id", stats.firstId())
                .orNone("last id", stats.lastId())
                .number("next id", stats.nextId())
                .number("records", records(stats))
                .number("bytes", stats.bytes());
        return fields.truth("unfinished copy", UnfinishedCopy.is(store, log));
    }

    static long records(LogStats stats) {
        return stats.lastId().isEmpty()
                ? 0
                : stats.lastId().getAsLong() - stats.firstId().orElseThrow() + 1;
    }

    static String idOrDash(OptionalLong id) {
        return id.isEmpty() ? "-" : Long.toString(id.getAsLong());
    }
}
