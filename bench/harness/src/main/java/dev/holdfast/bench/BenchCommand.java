package dev.holdfast.bench;

import dev.holdfast.bench.proof.Proof;
import dev.holdfast.bench.proof.Proofs;
import dev.holdfast.bench.proof.Prover;
import dev.holdfast.bench.report.HtmlReport;
import dev.holdfast.bench.report.Machine;
import dev.holdfast.bench.report.MarkdownReport;
import dev.holdfast.bench.report.OverviewChart;
import dev.holdfast.bench.report.Report;
import dev.holdfast.bench.report.Summary;
import dev.holdfast.bench.report.TextReport;
import dev.holdfast.bench.run.Cell;
import dev.holdfast.bench.run.ClassPaths;
import dev.holdfast.bench.run.Deletion;
import dev.holdfast.bench.run.Entrant;
import dev.holdfast.bench.run.Entrants;
import dev.holdfast.bench.run.JournaledDisk;
import dev.holdfast.bench.run.Plan;
import dev.holdfast.bench.run.Results;
import dev.holdfast.bench.run.Runner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code holdfast bench}. */
@Command(
        name = "holdfast bench",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:success",
            "1:with --prove: a contender is not durable, or one listed as not durable is",
            "2:wrong usage or any other failure"
        },
        description = {
            "Compares durable logs on this disk with each other and with the bare disk. In each workload the contenders run one after "
                    + "the other, for several rounds. A round in which other processes used more than a tenth of a core is discarded.",
            "Writes a report with charts (report.html), its tables as Markdown (report.md) and its first chart (overview.svg)."
        },
        footer = {
            "",
            "Examples:",
            "  holdfast bench --quick --dir /mnt/disk",
            "  holdfast bench --dir /mnt/disk --report results",
            "  holdfast bench --only Holdfast --only RocksDB",
            "  holdfast bench --only Holdfast --workload W1,W4 --rounds 5 --keep-disturbed",
            "  holdfast bench --prove",
            "  holdfast bench jmh Codec     (micro benchmarks; further arguments are passed to JMH)"
        })
final class BenchCommand implements Callable<Integer> {
    private static final long MILLIS_PER_SECOND = 1_000;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description =
                    "An existing directory on the disk to measure. The benchmark creates a directory in it and removes it at the end. "
                            + "Default: the working directory.")
    private Path parent = Path.of(".");

    @Option(
            names = "--report",
            paramLabel = "DIR",
            description = "Directory for the report. Default: ${DEFAULT-VALUE}.")
    private Path reportDirectory = Path.of("bench-report");

    @Option(
            names = "--summary",
            paramLabel = "FILE",
            description = "A Markdown page. A few figures are written between the two marks in this page.")
    private Optional<Path> summary = Optional.empty();

    @Option(
            names = "--quick",
            description =
                    "Run for less than three minutes instead of hours: one size, one round, which counts even if it is "
                            + "disturbed.")
    private boolean quick;

    @Option(names = "--smoke", hidden = true, description = "Run for a few seconds, to test that everything works.")
    private boolean smoke;

    @Option(
            names = "--only",
            paramLabel = "NAME",
            description = "Measure only contenders whose name begins with NAME, and the bare disk. Can be repeated.")
    private List<String> only = new ArrayList<>();

    @Option(
            names = "--workload",
            split = ",",
            paramLabel = "W",
            description = "Measure only these workloads, such as W1,W2,W7.")
    private List<String> workloads = new ArrayList<>();

    @Option(
            names = "--size",
            split = ",",
            paramLabel = "BYTES",
            description = "Measure only records of these sizes, such as 128,1024.")
    private List<Integer> sizes = new ArrayList<>();

    @Option(
            names = "--journal",
            description =
                    "Measure growing logs also on ext4 with a journal. The benchmark creates this file system in a "
                            + "file in --dir and mounts it, which needs root and further free disk: 26 GiB, or 2 GiB "
                            + "with --quick.")
    private boolean journal;

    @Option(names = "--rounds", paramLabel = "N", description = "Number of rounds in which each contender is measured.")
    private Optional<Integer> rounds = Optional.empty();

    @Option(
            names = "--keep-disturbed",
            description = "If a contender has no quiet round, report the disturbed rounds, with a mark.")
    private boolean keepDisturbed;

    @Option(
            names = "--prove",
            description =
                    "Measure nothing. Prove again with strace, for each contender, that a sync returns before each acknowledgement.")
    private boolean prove;

    @Option(names = "--debug", description = "After the error message, print the stack trace.")
    private boolean debug;

    private final ClassPaths classPaths;

    BenchCommand(ClassPaths classPaths) {
        this.classPaths = classPaths;
    }

    boolean debug() {
        return debug;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Plan plan = plan();
        Path directory = Files.createTempDirectory(parent, "holdfast-bench-").toRealPath();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> leaveNothingBehind(directory)));
        try {
            Map<Entrant, Proof> proofs = proofs(directory);
            return prove ? result(proofs) : measure(withPossibleCells(plan, directory), directory, proofs);
        } finally {
            JournaledDisk.unmount(directory);
            Deletion.of(directory);
        }
    }

    /** Mounts a disk with a journal if the user wants it. If this is impossible, removes its cells from the plan. */
    private Plan withPossibleCells(Plan plan, Path directory) throws InterruptedException {
        long bytes = plan.journaledBytes();
        if (!journal || bytes == 0) {
            return plan.withoutJournal();
        }
        try {
            JournaledDisk.mount(directory, bytes);
            return plan;
        } catch (IOException e) {
            print("Growing logs are not measured with a journal, because its disk cannot be mounted here: "
                    + e.getMessage());
            return plan.withoutJournal();
        }
    }

    /** Stops all child processes and deletes the directory if the command is interrupted. */
    private static void leaveNothingBehind(Path directory) {
        ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
        try {
            JournaledDisk.unmount(directory);
            Deletion.of(directory);
        } catch (IOException | UncheckedIOException | InterruptedException e) {
            print(directory + " cannot be deleted: " + e);
        }
    }

    private List<Entrant> entrants() {
        List<Entrant> entrants = Entrants.all().stream()
                .filter(entrant -> only.isEmpty()
                        || entrant.role() == Entrant.Role.DISK
                        || only.stream().anyMatch(entrant.name()::startsWith))
                .toList();
        if (entrants.size() < 2) {
            throw new ParameterException(spec.commandLine(), "no contender has a name that begins with one of " + only);
        }
        return entrants;
    }

    private Plan plan() {
        Plan plan = smoke ? Plan.smoke() : quick ? Plan.quick() : Plan.full();
        List<Cell> cells = plan.cells().stream()
                .filter(cell -> workloads.isEmpty()
                        || workloads.contains(cell.workload().number()))
                .filter(cell -> sizes.isEmpty() || sizes.contains(cell.recordBytes()))
                .toList();
        if (cells.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(), "no measurement matches workloads " + workloads + " and sizes " + sizes);
        }
        return new Plan(
                rounds.orElse(plan.rounds()),
                plan.prepareBytes(),
                plan.warmUpMillis(),
                plan.keepsDisturbed() || keepDisturbed,
                cells);
    }

    private Map<Entrant, Proof> proofs(Path directory) throws IOException, InterruptedException {
        Map<Entrant, Proof> byEntrant = new LinkedHashMap<>();
        Proofs proofs = Proofs.load(classPaths.output("harness").resolve("proofs"), classPaths);
        Prover prover = new Prover(classPaths, directory);
        boolean possible = Prover.isPossible();
        for (Entrant entrant : entrants()) {
            Optional<Proof.Proven> known = prove ? Optional.empty() : proofs.of(entrant);
            if (known.isPresent()) {
                byEntrant.put(entrant, known.get());
            } else if (possible) {
                Proof proof = prover.prove(entrant);
                print(entrant.name() + ": " + text(proof));
                byEntrant.put(entrant, proof);
                if (proof instanceof Proof.Proven proven) {
                    proofs.add(entrant, proven);
                }
            } else {
                byEntrant.put(entrant, new Proof.Unproven("strace is not installed or may not trace here"));
            }
        }
        return byEntrant;
    }

    private static String text(Proof proof) {
        return proof instanceof Proof.Proven proven
                ? "proven: a sync returned before each of " + proven.appends() + " acknowledgements (" + proven.by()
                        + "); damage on disk: " + proven.reading().words()
                : "not proven: " + ((Proof.Unproven) proof).reason();
    }

    /** Returns the exit code. A contender with the role "not durable" is expected to have no proof. */
    private static int result(Map<Entrant, Proof> proofs) {
        return proofs.entrySet().stream()
                        .allMatch(proof -> (proof.getKey().role() == Entrant.Role.NOT_DURABLE)
                                != (proof.getValue() instanceof Proof.Proven))
                ? 0
                : 1;
    }

    private int measure(Plan plan, Path directory, Map<Entrant, Proof> proofs)
            throws IOException, InterruptedException {
        boolean provable = Prover.isPossible();
        List<Entrant> measured = proofs.keySet().stream()
                .filter(entrant -> entrant.role() == Entrant.Role.NOT_DURABLE
                        || proofs.get(entrant) instanceof Proof.Proven
                        || (entrant.role() != Entrant.Role.PEER && !provable))
                .toList();
        long start = System.nanoTime();
        Results results = run(plan, measured, proofs, directory);
        Map<Entrant, String> versions = new LinkedHashMap<>();
        for (Entrant entrant : proofs.keySet()) {
            versions.put(entrant, classPaths.version(entrant));
        }
        Report report = new Report(Machine.here(directory, runText(plan, start)), versions, proofs, results);
        Files.createDirectories(reportDirectory);
        Files.writeString(reportDirectory.resolve("report.md"), new MarkdownReport(report).text());
        Files.writeString(reportDirectory.resolve("report.html"), new HtmlReport(report).text());
        Files.writeString(reportDirectory.resolve("overview.svg"), new OverviewChart(report).text());
        if (summary.isPresent()) {
            String page = Files.readString(summary.get());
            Files.writeString(summary.get(), new Summary(report).writtenInto(page));
        }
        print(new TextReport(report).text());
        print("The report is in " + reportDirectory.resolve("report.html") + ".");
        return 0;
    }

    /** Describes the run, such as "quick, 1 round, 130 s, only W1 W2". */
    private String runText(Plan plan, long start) {
        String text = (quick ? "quick" : smoke ? "smoke test" : "full") + ", " + plan.rounds()
                + (plan.rounds() == 1 ? " round, " : " rounds, ")
                + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start) + " s";
        return workloads.isEmpty() ? text : text + ", only " + String.join(" ", workloads);
    }

    private Results run(Plan plan, List<Entrant> entrants, Map<Entrant, Proof> proofs, Path directory)
            throws IOException, InterruptedException {
        try (ProgressBar bar = isWatched() ? bar() : null) {
            Runner.Watcher watcher = (place, doneMillis, expectedMillis) -> {
                if (bar != null) {
                    bar.maxHint(expectedMillis / MILLIS_PER_SECOND).stepTo(doneMillis / MILLIS_PER_SECOND);
                    bar.setExtraMessage(
                            place.cell().name() + ": " + place.entrant().name());
                }
            };
            Predicate<Entrant> noticesDamage = entrant -> Optional.ofNullable(proofs.get(entrant))
                    .map(Proof::noticesDamage)
                    .orElse(false);
            return new Runner(plan, entrants, noticesDamage, classPaths, directory, watcher).run();
        }
    }

    private static ProgressBar bar() {
        return new ProgressBarBuilder()
                .setTaskName("measuring")
                .setStyle(ProgressBarStyle.ASCII)
                .setInitialMax(1)
                .build();
    }

    /**
     * Returns whether standard error is a terminal, as far as Linux reveals it. The JDK looks only at the other two
     * streams.
     */
    private static boolean isWatched() {
        try {
            String to = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
            return to.startsWith("/dev/pts/") || to.startsWith("/dev/tty") || to.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException notLinux) {
            return false;
        }
    }

    @SuppressWarnings("SystemOut") // a command's output
    private static void print(String line) {
        System.out.println(line);
    }
}
