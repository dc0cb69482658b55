package dev.holdfast.cli;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.store.LogStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Reads every record of the logs of a store, for {@code holdfast verify}, and prints one line per log. */
final class StoreVerification {
    private final Streams streams;
    private final boolean json;
    private final List<String> damage = new ArrayList<>();
    private final List<Fields> damages = new ArrayList<>();
    private final List<Fields> logs = new ArrayList<>();
    private final Table table =
            new Table("name", "first id", "last id", "read records", "read bytes", "damaged places");

    StoreVerification(Streams streams, boolean json) {
        this.streams = streams;
        this.json = json;
    }

    /** Verifies all logs of a store. */
    int run(Location.Store location) throws IOException {
        try (LogStore store = Stores.openToRead(location.path())) {
            opened(store);
            verify(store, store.names());
        }
        Fields fields =
                StoreInfo.path(location).number("log count", logs.size()).number("damaged places", damage.size());
        if (json) {
            streams.print(Json.line(fields.rows("logs", logs).rows("damages", damages)));
        } else {
            String rows = streams.outIsTerminal() ? table.aligned() : table.separatedByTabs();
            streams.print(damageText() + rows);
        }
        return Damages.report(streams, location, damage);
    }

    /** Verifies one log of a store. */
    int run(Location.LogOfStore location) throws IOException {
        try (LogStore store = Stores.openToRead(location.path())) {
            Stores.find(store, location);
            opened(store);
            verify(store, List.of(location.name()));
        }
        Fields fields = StoreInfo.path(location).addAll(logs.get(0));
        streams.print(json ? Json.line(fields.rows("damages", damages)) : damageText() + fields.lines());
        return Damages.report(streams, location, damage);
    }

    private void opened(LogStore store) {
        damage.addAll(store.damage());
        damages.addAll(Damages.rows(store.damage()));
    }

    private void verify(LogStore store, Collection<String> names) throws IOException {
        try (Progress progress = Progress.ofRecords(streams, "verify")) {
            for (String name : names) {
                Log log = store.find(name).orElseThrow();
                add(name, log, RecordsRead.of(log, progress));
            }
        }
    }

    private void add(String name, Log log, RecordsRead read) {
        logs.add(new Fields()
                .name("name", name)
                .orNone("first id", log.firstId())
                .orNone("last id", log.lastId())
                .number("read records", read.records())
                .number("read bytes", read.bytes())
                .number("damaged places", read.unreadable().size()));
        table.add(
                Names.escaped(name),
                StoreInfo.idOrDash(log.firstId()),
                StoreInfo.idOrDash(log.lastId()),
                Long.toString(read.records()),
                Long.toString(read.bytes()),
                Integer.toString(read.unreadable().size()));
        for (RecordsRead.Unreadable records : read.unreadable()) {
            String message = "log " + Names.quoted(name) + ": " + records.text();
            damage.add(message);
            damages.add(new Fields()
                    .name("name", name)
                    .number("first id at risk", records.firstId())
                    .number("last id at risk", records.lastId())
                    .text("message", message));
        }
    }

    private String damageText() {
        StringBuilder text = new StringBuilder();
        Style style = Style.of(streams);
        for (int i = 0; i < damage.size(); i++) {
            text.append(style.paint(Style.Colour.RED, "damage " + (i + 1) + ": "))
                    .append(FailureText.onOneLine(damage.get(i)))
                    .append('\n');
        }
        return text.toString();
    }
}
