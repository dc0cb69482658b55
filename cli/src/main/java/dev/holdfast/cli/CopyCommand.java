package dev.holdfast.cli;

import dev.holdfast.cli.copy.LogCopy;
import dev.holdfast.cli.copy.LogCopy.Copied;
import dev.holdfast.wal.inspect.Inspection;
import dev.holdfast.wal.inspect.Inspector;
import dev.holdfast.wal.storage.DiskStorage;
import dev.holdfast.wal.storage.Storage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code holdfast copy}: copies a log, even while another process appends to it. */
@Command(
        name = "copy",
        description = {
            "Copies a log as of one moment, even while another process appends to it.",
            "The copy holds every record that was provably durable on the disk at that moment. If "
                    + "another process has the log open, the last append can be missing. Every byte of the "
                    + "copy is verified before the copy gets its name, and the copy is a closed log. On the "
                    + "same file system, sealed segments are shared by hard links unless --no-links is "
                    + "given: they take no space, but a disk error damages both logs. The newest segment is "
                    + "always copied.",
            "Until it is complete, the copy is named COPY.partial and is not a log. Ctrl-C removes it.",
            "Into a store, and out of it, the records are copied with their ids. The copy is read and "
                    + "compared. The log in the store is complete once the command has succeeded."
        },
        footer = {
            "",
            "Examples:",
            "  holdfast copy numbers /backup/numbers-monday",
            "  holdfast copy numbers numbers-before-upgrade",
            "  holdfast copy numbers experiment --no-links",
            "  holdfast copy orders store#orders",
            "  holdfast copy store#orders orders"
        })
final class CopyCommand implements Callable<Integer> {
    private final Streams streams;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(index = "0", paramLabel = "DIR", description = Location.TO_READ)
    private Location source = new Location.Directory(Path.of(""));

    @Parameters(
            index = "1",
            paramLabel = "COPY",
            description = "The copy's directory. It must not exist. Also STORE#name: a new log of a store, or of an "
                    + "empty directory, which becomes a store.")
    private Location target = new Location.Directory(Path.of(""));

    @Option(names = "--no-links", description = "Copy all bytes and make no hard links.")
    private boolean noLinks;

    @Option(names = "--json", description = "Print what was copied as a JSON object.")
    private boolean json;

    CopyCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        CountDownLatch over = new CountDownLatch(1);
        CtrlC ctrlC = new CtrlC(() -> await(over));
        try {
            Fields fields = copy();
            streams.print(json ? Json.line(fields) : fields.lines());
        } finally {
            over.countDown();
            ctrlC.close();
        }
        return ExitCodes.FINE;
    }

    /**
     * Waits until the copying thread has removed the files of the unfinished copy. The thread does so at its next step.
     */
    private static void await(CountDownLatch over) {
        try {
            over.await();
        } catch (InterruptedException nobodyDoesThat) {
            Thread.currentThread().interrupt();
        }
    }

    private Fields copy() throws IOException {
        if (target instanceof Location.LogOfStore into) {
            if (!(source instanceof Location.Directory)) {
                throw new ParameterException(
                        spec.commandLine(),
                        "only a log with a directory of its own can be copied into a store. Copy " + source
                                + " to a directory first");
            }
            return new StoreCopy(streams).into(source.path(), into);
        }
        if (target instanceof Location.Store store) {
            throw OpenedLog.refused(store, "is a store of many logs. Name the new log in it: " + store + "#name");
        }
        Path copy = OpenedLog.directoryToChange(target);
        return source instanceof Location.LogOfStore from
                ? new StoreCopy(streams).outOf(from, copy)
                : copy(OpenedLog.directoryToRead(source), copy);
    }

    private Fields copy(Path directory, Path target) throws IOException {
        Copied copied;
        Inspection inspection;
        try (LogCopy copy = new LogCopy(directory, target)) {
            long total = copy.begin();
            try (Progress progress = Progress.ofBytes(streams, "copy", total)) {
                copied = copy.run(noLinks ? LogCopy.Sharing.NOTHING : LogCopy.Sharing.FINAL_FILES, bytes -> {
                    CtrlC.check();
                    progress.add(bytes);
                });
            }
            inspection = verified(copy.unnamed());
            copy.publish();
        }
        return new Fields()
                .text("path", target.toRealPath().toString())
                .orNone("first id", inspection.firstId())
                .orNone("last id", inspection.lastId())
                .number("copied bytes", copied.copiedBytes())
                .number("linked bytes", copied.linkedBytes());
    }

    private Inspection verified(Path copy) throws IOException {
        try (Storage storage = DiskStorage.openReadOnly(copy)) {
            Inspection inspection = Verified.of(new Inspector(storage), streams).inspection();
            if (!inspection.damages().isEmpty()) {
                throw inspection.damages().get(0);
            }
            return inspection;
        }
    }
}
