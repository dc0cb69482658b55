package dev.holdfast.cli;

import dev.holdfast.cli.copy.CopyTarget;
import dev.holdfast.cli.copy.RecordCopy;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.file.FileLog;
import dev.holdfast.wal.store.LogStore;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.Optional;

/** Copies a log from a directory of its own into a store, and back, for {@code holdfast copy}. */
final class StoreCopy {
    private final Streams streams;

    StoreCopy(Streams streams) {
        this.streams = streams;
    }

    /** Copies a log into a store. The log in the store is marked until it is complete. */
    Fields into(Path directory, Location.LogOfStore target) throws IOException {
        try (FileLog from = FileLog.openReadOnly(directory);
                LogStore store = Stores.openToAppend(target.path())) {
            Optional<Log> existing = store.find(target.name());
            if (existing.isPresent()) {
                requireFree(store, existing.get(), target);
            }
            Log to = store.log(target.name());
            try {
                UnfinishedCopy.begin(store, to);
                RecordCopy.Copied copied = copy(from, to);
                UnfinishedCopy.end(store, to);
                return fields(StoreInfo.path(target).name("name", target.name()), to, copied);
            } catch (Throwable e) {
                try {
                    undo(store, to, target.name(), existing.isPresent());
                } catch (Throwable suppressed) {
                    e.addSuppressed(suppressed);
                }
                throw e;
            }
        }
    }

    private static void requireFree(LogStore store, Log existing, Location.LogOfStore target) throws IOException {
        if (existing.lastId().isPresent() && !UnfinishedCopy.is(store, existing)) {
            throw new FileAlreadyExistsException(
                    target.toString(), null, "the store has this log already, and a copy needs a log without records");
        }
    }

    private static void undo(LogStore store, Log to, String name, boolean existed) throws IOException {
        if (existed) {
            UnfinishedCopy.undo(store, to);
        } else {
            store.delete(name);
        }
    }

    /** Copies a log of a store into a directory of its own. */
    Fields outOf(Location.LogOfStore source, Path directory) throws IOException {
        RecordCopy.Copied copied;
        Fields fields;
        try (OpenedLog from = OpenedLog.toRead(source);
                CopyTarget target = new CopyTarget(source.path(), directory)) {
            target.begin();
            try (FileLog to = FileLog.open(target.unnamed())) {
                copied = copy(from.log(), to);
                fields = fields(new Fields(), to, copied);
            }
            target.publish();
        }
        return new Fields().text("path", directory.toRealPath().toString()).addAll(fields);
    }

    private RecordCopy.Copied copy(Log from, Log to) throws IOException {
        try (Progress progress = Progress.ofRecords(streams, "copy")) {
            return RecordCopy.run(from, to, records -> {
                CtrlC.check();
                progress.add(records);
            });
        }
    }

    private static Fields fields(Fields fields, Log to, RecordCopy.Copied copied) {
        return fields.orNone("first id", to.firstId())
                .orNone("last id", to.lastId())
                .number("copied records", copied.records())
                .number("copied bytes", copied.bytes());
    }
}
