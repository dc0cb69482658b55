package dev.holdfast.cli;

import dev.holdfast.cli.demo.Demo;
import dev.holdfast.cli.demo.DemoDirectory;
import dev.holdfast.cli.demo.Sabotage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code holdfast demo}: shows on this machine that nothing acknowledged is lost. */
@Command(
        name = "demo",
        description = {
            "Shows on this machine, in less than a minute, that what a log acknowledged is not lost.",
            "Kills processes in mid-write on this disk, cuts the power of a simulated disk, and measures this disk. "
                    + "Ends with exit code 1 if a record was lost, doubled, reordered or altered."
        },
        footer = {
            "",
            "Examples:",
            "  holdfast demo",
            "  holdfast demo --rounds 50 --dir /mnt/disk",
            "  holdfast demo --seed 42 --keep"
        })
final class DemoCommand implements Callable<Integer> {
    private static final int DEFAULT_ROUNDS = 12;
    private static final int DEFAULT_CUTS = 4_000;

    /** A writer lives for less than a second: it starts fast rather than running fast in the end. */
    private static final List<String> JVM_OPTIONS = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m");

    private final Streams streams;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description =
                    "An existing directory on the disk to use: a fresh one is made in it. Default: the working directory.")
    private Path parent = Path.of(".");

    @Option(names = "--keep", description = "Leave the files of the demo where they are.")
    private boolean keep;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "How many processes to kill. Default: ${DEFAULT-VALUE}.")
    private int rounds = DEFAULT_ROUNDS;

    @Option(
            names = "--cuts",
            paramLabel = "N",
            description = "How many crashes of a simulated disk to check. Default: ${DEFAULT-VALUE}.")
    private int cuts = DEFAULT_CUTS;

    @Option(
            names = "--seed",
            paramLabel = "SEED",
            description = "Decides what is appended. Default: a new one each time.")
    private Optional<Long> seed = Optional.empty();

    @Option(
            names = "--sabotage",
            hidden = true,
            description = "Break the log on purpose, to see that the demo notices.")
    private Sabotage sabotage = Sabotage.NONE;

    DemoCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        requirePositive("--rounds", rounds);
        requirePositive("--cuts", cuts);
        long seed = this.seed.orElseGet(() -> new SecureRandom().nextLong());
        try (DemoDirectory directory = new DemoDirectory(parent, keep)) {
            Demo demo = new Demo(seed, sabotage, (log, round) -> writer(log, seed, round), this::print);
            Optional<String> loss = demo.run(directory, rounds, cuts);
            if (loss.isPresent()) {
                streams.err()
                        .println("holdfast: LOSS, "
                                + FailureText.followedBy(FailureText.onOneLine(loss.get()), "the seed was " + seed));
            }
            if (directory.kept()) {
                print("The files are in " + directory.path() + ".");
            }
            return loss.isPresent() ? ExitCodes.DAMAGE : ExitCodes.FINE;
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private void requirePositive(String option, int count) {
        if (count < 1) {
            throw new ParameterException(spec.commandLine(), option + " must be >= 1, was " + count);
        }
    }

    /** This program once more, with the same Java, under the hidden command. */
    private static List<String> writer(Path log, long seed, int round) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JVM_OPTIONS);
        command.addAll(
                List.of("-cp", System.getProperty("java.class.path"), Main.class.getName(), DemoWriterCommand.NAME));
        command.addAll(
                List.of("--seed", Long.toString(seed), "--round", Integer.toString(round), "--", log.toString()));
        return command;
    }

    private void print(String line) {
        try {
            streams.out().write((line + '\n').getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
