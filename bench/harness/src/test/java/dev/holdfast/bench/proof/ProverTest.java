package dev.holdfast.bench.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.bench.child.Job;
import dev.holdfast.bench.child.Task;
import dev.holdfast.bench.contender.Opening;
import dev.holdfast.bench.contender.Survives;
import dev.holdfast.bench.run.ChildProcess;
import dev.holdfast.bench.run.ClassPaths;
import dev.holdfast.bench.run.Entrant;
import dev.holdfast.bench.run.Entrants;
import dev.holdfast.bench.run.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests with real processes under a real {@code strace}. */
class ProverTest {
    @TempDir
    private Path temporary;

    private ClassPaths classPaths = new ClassPaths(Path.of("none"), "none");

    @BeforeEach
    void useTheClassPathOfThisTest() throws IOException, InterruptedException {
        Assumptions.assumeTrue(Prover.isPossible(), "strace is not installed or may not trace here");
        classPaths = new ClassPaths(temporary, "output");
        for (String module : new String[] {"liar", Entrants.HOLDFAST.module()}) {
            Path output = Files.createDirectories(classPaths.output(module));
            Files.writeString(output.resolve("class-path"), System.getProperty("java.class.path"));
        }
    }

    private Proof prove(Entrant entrant) throws IOException, InterruptedException {
        return new Prover(classPaths, Files.createDirectories(temporary.resolve("disk"))).prove(entrant);
    }

    private static Entrant liar(Liar.Way way) {
        return new Entrant(
                "Liar", "liar", "liar", Liar.class.getName(), way.name(), Entrant.Role.PEER, "as its variant says");
    }

    private Proof prove(Liar.Way way) throws IOException, InterruptedException {
        return prove(liar(way));
    }

    @Test
    void silentContenderIsKilledTogetherWithItsTracer() throws Exception {
        List<String> strace = List.of("strace", "-f", "-q", "-o", "/dev/null");
        Path log = Files.createDirectories(temporary.resolve("silent"));
        Opening opening = new Opening(log, Liar.Way.SILENT.name(), Survives.POWER_LOSS, 100);
        List<ProcessHandle> started;
        try (ChildProcess child =
                ChildProcess.start(strace, liar(Liar.Way.SILENT), classPaths, temporary.resolve("out"))) {
            Task nothing = new Task(Job.PROVE, opening, 0, 0, 0, 0, 0);
            Task append = new Task(Job.PROVE, opening, 1, 0, 0, 0, 0);
            assertThat(child.run(nothing, 60_000)).isInstanceOf(Outcome.Measured.class);
            started = ProcessHandle.of(child.pid()).orElseThrow().descendants().toList();

            assertThat(child.run(append, 500)).isInstanceOf(Outcome.Failed.class);
        }

        assertThat(started).isNotEmpty();
        for (ProcessHandle process : started) {
            process.onExit().get(1, TimeUnit.MINUTES);
        }
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"HONEST", "SILENT"})
    void dishonestContenderIsDetected(Liar.Way way) throws Exception {
        assertThat(prove(way))
                .isInstanceOfSatisfying(
                        Proof.Unproven.class,
                        unproven -> assertThat(unproven.reason()).contains("acknowledged before a sync returned"));
    }

    @Test
    void honestContenderIsProvenEvenIfItDoesNotDetectDamage() throws Exception {
        assertThat(prove(Liar.Way.HONEST)).isEqualTo(new Proof.Proven(24, "fdatasync", Proof.Reading.BLIND));
    }

    @Test
    void holdfastIsProvenAndDetectsDamage() throws Exception {
        assertThat(prove(Entrants.HOLDFAST)).isEqualTo(new Proof.Proven(24, "O_DSYNC write", Proof.Reading.NOTICES));
    }
}
