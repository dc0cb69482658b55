package dev.holdfast.cli;

import dev.holdfast.wal.LogLockedException;
import dev.holdfast.wal.inspect.Inspection;
import dev.holdfast.wal.inspect.Inspector;
import dev.holdfast.wal.repair.Plan;
import dev.holdfast.wal.repair.Repair;
import dev.holdfast.wal.storage.DiskStorage;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.StoredFile;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code holdfast repair}: makes a damaged log openable again, and states which records that costs. */
@Command(
        name = "repair",
        description = {
            "Makes a damaged log openable again by dropping a record and all records after it.",
            "Prints the exact changes, and makes them only with --apply. Every record below the "
                    + "given id is kept. An id above the first unreadable record is refused. Files that are "
                    + "no longer part of the log stay in the directory under names that end in .damaged, "
                    + "until you delete them. If the repair is interrupted, run it again."
        },
        footer = {
            "",
            "Examples:",
            "  holdfast verify numbers",
            "  holdfast repair numbers --drop-from 1041",
            "  holdfast repair numbers --drop-from 1041 --apply"
        })
final class RepairCommand implements Callable<Integer> {
    private final Streams streams;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "DIR", description = "The log's directory.")
    private Location location = new Location.Directory(Path.of(""));

    @Option(names = "--drop-from", paramLabel = "ID", description = "The first record to drop.")
    private OptionalLong dropFrom = OptionalLong.empty();

    @Option(names = "--apply", description = "Make the changes. Without this option nothing is changed.")
    private boolean apply;

    @Option(names = "--json", description = "Print the changes as a JSON object.")
    private boolean json;

    RepairCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        Path directory = directory();
        try (Storage storage = DiskStorage.openReadOnly(directory)) {
            Optional<String> holder = storage.holder();
            Path lock = directory.toRealPath().resolve(Storage.LOCK_NAME);
            if (holder.isPresent() && !Files.isReadable(lock)) {
                throw new AccessDeniedException(
                        lock.toString(),
                        null,
                        "reading it is not permitted, so the process that writes the log is unknown: run this "
                                + "command as the owner of the log");
            }
            if (holder.isPresent()) {
                throw new LogLockedException(directory + ": is open for writing by " + holder.get());
            }
            if (dropFrom.isEmpty()) {
                long greatest = repair(storage).greatestDropFrom();
                throw new ParameterException(
                        spec.commandLine(),
                        "--drop-from is required. To keep as many records as possible, use --drop-from " + greatest);
            }
            requireId(dropFrom.getAsLong());
            if (!apply) {
                print(repair(storage).plan(dropFrom.getAsLong()));
                return ExitCodes.FINE;
            }
        }
        Plan done;
        try (Storage storage = DiskStorage.open(directory)) {
            storage.lock();
            done = repair(storage).run(dropFrom.getAsLong());
        }
        print(done);
        return verified(directory);
    }

    /** Returns the directory of the log. No part of a store can be repaired alone. */
    private Path directory() throws IOException {
        if (location instanceof Location.Directory directory) {
            return directory.path();
        }
        Path store = location instanceof Location.SharedLog shared ? shared.store() : location.path();
        Stores.requireStore(store);
        throw OpenedLog.refused(
                location,
                "belongs to a store of many logs, and no part of a store can be repaired alone. Restore a copy of the "
                        + "whole directory " + store + ". `holdfast verify " + store + "` lists the damage");
    }

    private void requireId(long id) {
        if (id < 0) {
            throw new ParameterException(spec.commandLine(), "--drop-from must be >= 0, was " + id);
        }
    }

    private static Repair repair(Storage storage) {
        return new Repair(storage, new SecureRandom()::nextLong);
    }

    private void print(Plan plan) throws IOException {
        String did = apply ? "" : "would be ";
        Fields fields = new Fields().truth("applied", apply).truth("nothing to do", plan.done());
        if (plan.firstId().isPresent()) {
            fields.number("first id", plan.firstId().getAsLong()).number("last id", plan.dropFrom() - 1);
        } else {
            fields.none("first id", "none").none("last id", "none");
        }
        fields.number("next id", plan.dropFrom());
        if (plan.lastKnownId().isPresent()) {
            fields.number("dropped from", plan.dropFrom())
                    .number("dropped to", plan.lastKnownId().getAsLong())
                    .number("dropped records", plan.droppedRecords());
        } else {
            fields.none("dropped from", "none").none("dropped to", "none").number("dropped records", 0);
        }
        List<Fields> files = new ArrayList<>();
        StringBuilder lines = new StringBuilder();
        for (StoredFile file : plan.aside()) {
            file(files, lines, file.name(), did + "kept aside", "aside", file.length());
        }
        for (String file : plan.footersToWrite()) {
            file(files, lines, file, "gets a new footer, no record is lost", "resealed", -1);
        }
        for (String file : plan.cut()) {
            file(files, lines, file, "stays, and ends with record " + (plan.dropFrom() - 1), "cut", -1);
        }
        for (String file : plan.copied()) {
            String what = did + "copied up to record " + (plan.dropFrom() - 1) + ", and kept aside";
            file(files, lines, file, what, "copied", -1);
        }
        if (json) {
            streams.print(Json.line(fields.rows("files", files)));
            return;
        }
        streams.print(fields.lines() + lines);
        if (!apply && !plan.done()) {
            streams.print("This was a dry run, and nothing was changed. Add --apply to do it.\n");
        }
    }

    private static void file(
            List<Fields> rows, StringBuilder lines, String name, String forPeople, String forPrograms, long bytes) {
        rows.add(new Fields().text("file", name).text("action", forPrograms));
        lines.append("file ")
                .append(FailureText.onOneLine(name))
                .append(": ")
                .append(forPeople)
                .append(bytes < 0 ? "" : " (" + bytes + " bytes)")
                .append('\n');
    }

    /** Verifies every byte of the repaired log. */
    private int verified(Path directory) throws IOException {
        Inspection log;
        try (Storage storage = DiskStorage.openReadOnly(directory)) {
            log = Verified.of(new Inspector(storage), streams).inspection();
        }
        if (log.damages().isEmpty()) {
            return ExitCodes.FINE;
        }
        throw log.damages().get(0);
    }
}
