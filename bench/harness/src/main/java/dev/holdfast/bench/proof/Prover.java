package dev.holdfast.bench.proof;

import dev.holdfast.bench.child.Figure;
import dev.holdfast.bench.child.Job;
import dev.holdfast.bench.child.Task;
import dev.holdfast.bench.contender.Opening;
import dev.holdfast.bench.contender.Survives;
import dev.holdfast.bench.run.ChildProcess;
import dev.holdfast.bench.run.ClassPaths;
import dev.holdfast.bench.run.Deletion;
import dev.holdfast.bench.run.Entrant;
import dev.holdfast.bench.run.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Traces a contender with {@code strace} while it appends a few records one after the other, and judges the trace. Then
 * flips a bit of the written records and tests whether reading detects it.
 */
public final class Prover {
    private static final int APPENDS_OF_EACH_KIND = 8;
    private static final int RECORD_BYTES = 1_000;
    private static final int DAMAGED_LOG_BYTES = 1_000_000;

    /** Number of bytes of each write that the trace shows. {@link Trace} looks at them for anything but zeros. */
    private static final String SHOWN_BYTES = "4096";

    private static final long TIMEOUT_MILLIS = 120_000;
    private static final String CALLS =
            "trace=open,openat,write,pwrite64,writev,pwritev,pwritev2,io_submit,fsync,fdatasync,msync,mmap";

    private final ClassPaths classPaths;
    private final Path directory;

    public Prover(ClassPaths classPaths, Path directory) {
        this.classPaths = classPaths;
        this.directory = directory;
    }

    /** Returns whether {@code strace} is installed and may trace here. */
    public static boolean isPossible() throws InterruptedException {
        try {
            return new ProcessBuilder("strace", "-o", "/dev/null", "true")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** Tries to prove that this contender acknowledges no append before a sync has returned. */
    public Proof prove(Entrant entrant) throws IOException, InterruptedException {
        Path work = Files.createTempDirectory(directory, "proof-").toRealPath();
        Path log = Files.createDirectory(work.resolve("log"));
        Path trace = work.resolve("trace");
        try {
            Outcome outcome = trace(entrant, log, trace);
            if (outcome instanceof Outcome.Failed failed) {
                return new Proof.Unproven(failed.reason());
            }
            if (outcome instanceof Outcome.Unsupported unsupported) {
                return new Proof.Unproven(unsupported.reason());
            }
            Proof proof = Trace.judge(Files.readAllLines(trace, StandardCharsets.ISO_8859_1), log.toString());
            return proof instanceof Proof.Proven proven
                    ? new Proof.Proven(proven.appends(), proven.by(), reading(entrant, work.resolve("damaged")))
                    : proof;
        } finally {
            Deletion.of(work);
        }
    }

    private Proof.Reading reading(Entrant entrant, Path log) throws IOException, InterruptedException {
        Files.createDirectory(log);
        Opening opening = new Opening(log, entrant.variant(), Survives.POWER_LOSS, RECORD_BYTES);
        Task task = new Task(Job.DAMAGE, opening, 1, 0, 0, DAMAGED_LOG_BYTES, 0);
        try (ChildProcess child = ChildProcess.start(List.of(), entrant, classPaths, log.resolveSibling("out"))) {
            if (child.run(task, TIMEOUT_MILLIS) instanceof Outcome.Measured measured) {
                Double notices = measured.measurement().figures().get(Figure.NOTICES_DAMAGE);
                return notices != null && notices > 0 ? Proof.Reading.NOTICES : Proof.Reading.BLIND;
            }
            return Proof.Reading.UNKNOWN;
        }
    }

    private Outcome trace(Entrant entrant, Path log, Path trace) throws IOException, InterruptedException {
        List<String> strace =
                List.of("strace", "-f", "-y", "-q", "-s", SHOWN_BYTES, "-e", CALLS, "-o", trace.toString());
        Opening opening = new Opening(log, entrant.variant(), Survives.POWER_LOSS, RECORD_BYTES);
        Task task = new Task(Job.PROVE, opening, APPENDS_OF_EACH_KIND, 0, 0, 0, 0);
        try (ChildProcess child = ChildProcess.start(strace, entrant, classPaths, log.resolveSibling("out"))) {
            return child.run(task, TIMEOUT_MILLIS);
        }
    }
}
