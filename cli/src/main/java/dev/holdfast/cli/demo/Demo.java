package dev.holdfast.cli.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Runs the three parts of the demo in order, and stops at the first loss. */
public final class Demo {
    private static final Duration LONGEST_POWER_CUTS = Duration.ofSeconds(15);
    private static final Duration LATENCY = Duration.ofSeconds(4);

    /**
     * Builds the command line of a process that runs {@link Writer#appendUntilKilled} on a directory in a given round.
     */
    public interface WriterCommand {
        List<String> of(Path directory, int round);
    }

    private final long seed;
    private final Sabotage sabotage;
    private final WriterCommand writer;
    private final Consumer<String> print;

    public Demo(long seed, Sabotage sabotage, WriterCommand writer, Consumer<String> print) {
        this.seed = seed;
        this.sabotage = sabotage;
        this.writer = writer;
        this.print = print;
    }

    /**
     * Runs the demo and prints its progress and results.
     *
     * @param directory an empty directory; it is kept as evidence if a loss is found
     * @param rounds number of processes to kill
     * @param crashes number of crashes of a simulated disk to check
     * @return the loss, or empty if none was found
     */
    public Optional<String> run(DemoDirectory directory, int rounds, int crashes)
            throws IOException, InterruptedException {
        print.accept("Part 1: " + rounds + " kills (SIGKILL) of a process that appends with " + Writer.THREADS
                + " threads; seed " + seed + ", in " + directory.path());
        Optional<String> loss = new KillRounds(seed, directory.path(), writer, sabotage, print).run(rounds);
        if (loss.isPresent()) {
            directory.keep();
            return loss;
        }
        print.accept("");
        print.accept("Part 2: crashes of a simulated disk that loses all unsynced data");
        loss = new PowerCuts(seed, sabotage, print).run(crashes, LONGEST_POWER_CUTS);
        if (loss.isPresent()) {
            return loss;
        }
        print.accept("");
        print.accept("Part 3: one caller appends records of " + DiskLatency.RECORD_BYTES + " bytes to this disk");
        DiskLatency latency = new DiskLatency();
        latency.measure(directory.path().resolve("latency"), LATENCY);
        latency.print(print);
        print.accept("");
        print.accept("Part 1 proved on this disk that a killed process loses no acknowledged record. Part 2 "
                + "proved on a simulated disk that a power failure loses none either. Neither part can "
                + "prove that this disk keeps what it reports as synced.");
        return Optional.empty();
    }
}
