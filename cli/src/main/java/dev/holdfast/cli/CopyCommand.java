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
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

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
            "Until it is complete, the copy is named COPY.partial and is not a log. Ctrl-C removes it."
        },
        footer = {
            "",
            "Examples:",
            "  holdfast copy numbers /backup/numbers-monday",
            "  holdfast copy numbers numbers-before-upgrade",
            "  holdfast copy numbers experiment --no-links"
        })
final class CopyCommand implements Callable<Integer> {
    private final Streams streams;

    @Parameters(index = "0", paramLabel = "DIR", description = "The log's directory.")
    private Path directory = Path.of("");

    @Parameters(index = "1", paramLabel = "COPY", description = "The copy's directory. It must not exist.")
    private Path target = Path.of("");

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
            copy();
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

    private void copy() throws IOException {
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
        Fields fields = new Fields()
                .text("path", target.toRealPath().toString())
                .orNone("first id", inspection.firstId())
                .orNone("last id", inspection.lastId())
                .number("copied bytes", copied.copiedBytes())
                .number("linked bytes", copied.linkedBytes());
        streams.print(json ? Json.line(fields) : fields.lines());
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
