package dev.holdfast.cli.demo;

import dev.holdfast.cli.demo.Verdict.Broken;
import dev.holdfast.cli.demo.Verdict.Kept;
import dev.holdfast.cli.demo.Verdict.Placed;
import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.file.FileLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** Part 1 of the demo: kills real processes that write to a real disk with SIGKILL. */
final class KillRounds {

    /**
     * Minimum number of acknowledged batches before a kill. These batches fill more than two segments, in less than a
     * second on most disks.
     */
    private static final int MIN_ACKNOWLEDGEMENTS = 60;

    private static final int MAX_ACKNOWLEDGEMENTS = 600;

    /** Time limit for one round, on any disk. */
    private static final long LONGEST_MILLIS = 1_500;

    private static final int MAX_TRIES = 3;

    private final BatchContent content;
    private final SplittableRandom random;
    private final Path directory;
    private final Path errors;
    private final Demo.WriterCommand writer;
    private final Sabotage sabotage;
    private final Consumer<String> print;
    private List<Placed> shown = List.of();

    KillRounds(long seed, Path parent, Demo.WriterCommand writer, Sabotage sabotage, Consumer<String> print) {
        this.content = new BatchContent(seed);
        this.random = new SplittableRandom(seed);
        this.directory = parent.resolve("killed");
        this.errors = parent.resolve("writer-errors.txt");
        this.writer = writer;
        this.sabotage = sabotage;
        this.print = print;
    }

    /**
     * Kills writers until the given number of kills have hit a writer during a write. Prints one row per kill.
     *
     * @return the loss, or empty if none was found
     */
    Optional<String> run(int rounds) throws IOException, InterruptedException {
        print.accept(KillRoundRow.HEADER);
        int counted = 0;
        for (int round = 1; counted < rounds; round++) {
            if (round > rounds * MAX_TRIES) {
                throw new IOException(
                        "only " + counted + " of " + (round - 1) + " kills hit the writer during a write");
            }
            List<Event> history = writeAndKill(round);
            Optional<String> loss = reopen(round, history);
            if (loss.isPresent()) {
                return loss.map(("round " + round + ": ")::concat);
            }
            if (!Event.unacknowledged(history).isEmpty()) {
                counted++;
            }
        }
        return Optional.empty();
    }

    private List<Event> writeAndKill(int round) throws IOException, InterruptedException {
        int acknowledgements = random.nextInt(MIN_ACKNOWLEDGEMENTS, MAX_ACKNOWLEDGEMENTS);
        List<Event> history =
                new WriterProcess(writer.of(directory, round), errors).runAndKill(acknowledgements, LONGEST_MILLIS);
        if (sabotage == Sabotage.WIPE_LAST_ACKNOWLEDGED) {
            List<Event.Acknowledged> acknowledged = Event.acknowledgements(history);
            Batch last = acknowledged.get(acknowledged.size() - 1).batch();
            Eraser.wipeFrom(directory, content.records(last).get(0));
        }
        return history;
    }

    /** Recovers the log and judges it. A log that cannot be opened after a kill counts as a loss. */
    private Optional<String> reopen(int round, List<Event> history) throws IOException {
        try (FileLog log = FileLog.open(directory, Writer.options());
                LogCursor cursor = log.cursor(0)) {
            Verdict verdict = Checker.check(content, shown, history, new Records(cursor));
            if (verdict instanceof Broken broken) {
                return Optional.of(broken.how());
            }
            shown = ((Kept) verdict).batches();
            print.accept(KillRoundRow.of(content, round, history, shown, log.recovery())
                    .line());
            return Optional.empty();
        } catch (CorruptLogException e) {
            return Optional.of("the log is damaged: " + e.getMessage());
        } catch (UncheckedIOException e) {
            if (e.getCause() instanceof CorruptLogException damage) {
                return Optional.of("the log is damaged: " + damage.getMessage());
            }
            throw e.getCause();
        }
    }
}
