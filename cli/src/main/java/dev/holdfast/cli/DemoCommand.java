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

/** {@code holdfast demo}: demonstrates on this machine that no acknowledged record is lost. */
@Command(
        name = "demo",
        description = {
            "Demonstrates on this machine, in less than a minute, that the log loses no acknowledged record.",
            "Kills processes while they write to this disk, cuts the power of a simulated disk, "
                    + "and measures the latency of this disk. The exit code is 1 if a record was lost, "
                    + "duplicated, reordered or altered."
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

    /** JVM options of a writer, which lives for less than a second: a fast start matters more than peak speed. */
    private static final List<String> JVM_OPTIONS = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m");

    private final Streams streams;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "An existing directory on the disk to test. The demo creates a new directory in it. "
                    + "Default: the working directory.")
    private Path parent = Path.of(".");

    @Option(names = "--keep", description = "Keep the files of the demo.")
    private boolean keep;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "Number of processes to kill. Default: ${DEFAULT-VALUE}.")
    private int rounds = DEFAULT_ROUNDS;

    @Option(
            names = "--cuts",
            paramLabel = "N",
            description = "Number of crashes of the simulated disk to check. Default: ${DEFAULT-VALUE}.")
    private int cuts = DEFAULT_CUTS;

    @Option(
            names = "--seed",
            paramLabel = "SEED",
            description = "Seed that determines the appended records. Default: a random one.")
    private Optional<Long> seed = Optional.empty();

    @Option(
            names = "--sabotage",
            hidden = true,
            description = "Break the log on purpose, to check that the demo notices.")
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

    /** Returns the command line of a writer process: this program, on the same Java, with the hidden command. */
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
