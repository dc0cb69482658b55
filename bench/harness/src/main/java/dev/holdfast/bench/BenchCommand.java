package dev.holdfast.bench;

import dev.holdfast.bench.proof.Proof;
import dev.holdfast.bench.proof.Proofs;
import dev.holdfast.bench.proof.Prover;
import dev.holdfast.bench.report.HtmlReport;
import dev.holdfast.bench.report.Machine;
import dev.holdfast.bench.report.MarkdownReport;
import dev.holdfast.bench.report.Report;
import dev.holdfast.bench.run.ClassPaths;
import dev.holdfast.bench.run.Deletion;
import dev.holdfast.bench.run.Entrant;
import dev.holdfast.bench.run.Entrants;
import dev.holdfast.bench.run.Plan;
import dev.holdfast.bench.run.Results;
import dev.holdfast.bench.run.Runner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code holdfast bench}. */
@Command(
        name = "holdfast bench",
        mixinStandardHelpOptions = true,
        description = {
            "Measures durable logs on this disk against each other and against the bare disk, one contender after the other in each "
                    + "workload, for several rounds. A round in which other processes used more than a tenth of a core is discarded.",
            "Writes a report with charts (report.html) and a table (report.md)."
        },
        footer = {
            "",
            "Examples:",
            "  holdfast bench --quick --dir /mnt/disk",
            "  holdfast bench --dir /mnt/disk --report results",
            "  holdfast bench --only Holdfast --only RocksDB",
            "  holdfast bench --prove",
            "  holdfast bench jmh codec     (micro benchmarks; the rest of the line goes to JMH)"
        })
final class BenchCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "An existing directory on the disk to measure: a fresh one is made in it, and removed. "
                    + "Default: the working directory.")
    private Path parent = Path.of(".");

    @Option(
            names = "--report",
            paramLabel = "DIR",
            description = "Where to write the report. Default: ${DEFAULT-VALUE}.")
    private Path reportDirectory = Path.of("bench-report");

    @Option(
            names = "--quick",
            description = "About two minutes instead of forty: one size, one round, also if disturbed.")
    private boolean quick;

    @Option(names = "--smoke", hidden = true, description = "Seconds: to see that all works.")
    private boolean smoke;

    @Option(
            names = "--only",
            paramLabel = "NAME",
            description =
                    "Measure only contenders whose name begins so, and the bare disk. Can be given several times.")
    private List<String> only = new ArrayList<>();

    @Option(names = "--rounds", paramLabel = "N", description = "How often each contender is measured.")
    private Optional<Integer> rounds = Optional.empty();

    @Option(
            names = "--prove",
            description =
                    "Measure nothing: prove anew with strace for each contender that a sync returns before each acknowledgement.")
    private boolean prove;

    private final ClassPaths classPaths;

    BenchCommand(ClassPaths classPaths) {
        this.classPaths = classPaths;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory(parent, "holdfast-bench-").toRealPath();
        try {
            Map<Entrant, Proof> proofs = proofs(directory);
            return prove ? result(proofs) : measure(directory, proofs);
        } finally {
            Deletion.of(directory);
        }
    }

    private List<Entrant> entrants() {
        List<Entrant> entrants = Entrants.all().stream()
                .filter(entrant -> only.isEmpty()
                        || entrant.role() == Entrant.Role.DISK
                        || only.stream().anyMatch(entrant.name()::startsWith))
                .toList();
        if (entrants.size() < 2) {
            throw new ParameterException(spec.commandLine(), "there is no contender whose name begins with " + only);
        }
        return entrants;
    }

    private Plan plan() {
        Plan plan = smoke ? Plan.smoke() : quick ? Plan.quick() : Plan.full();
        return new Plan(rounds.orElse(plan.rounds()), plan.prepareBytes(), plan.keepsDisturbed(), plan.cells());
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
                byEntrant.put(entrant, new Proof.Unproven("strace is missing, or may not trace here"));
            }
        }
        return byEntrant;
    }

    private static String text(Proof proof) {
        return proof instanceof Proof.Proven proven
                ? "proven: a sync returned before each of " + proven.appends() + " acknowledgements (" + proven.by()
                        + ")"
                : "not proven: " + ((Proof.Unproven) proof).reason();
    }

    /** A contender that is said not to be durable is not expected to be. */
    private static int result(Map<Entrant, Proof> proofs) {
        return proofs.entrySet().stream()
                        .allMatch(proof -> (proof.getKey().role() == Entrant.Role.NOT_DURABLE)
                                != (proof.getValue() instanceof Proof.Proven))
                ? 0
                : 1;
    }

    private int measure(Path directory, Map<Entrant, Proof> proofs) throws IOException, InterruptedException {
        Plan plan = plan();
        List<Entrant> measured = proofs.keySet().stream()
                .filter(entrant -> entrant.role() != Entrant.Role.PEER || proofs.get(entrant) instanceof Proof.Proven)
                .toList();
        Results results = run(plan, measured, directory);
        Map<Entrant, String> versions = new LinkedHashMap<>();
        for (Entrant entrant : proofs.keySet()) {
            versions.put(entrant, classPaths.version(entrant));
        }
        Report report = new Report(Machine.here(directory), versions, proofs, results);
        Files.createDirectories(reportDirectory);
        Files.writeString(reportDirectory.resolve("report.md"), new MarkdownReport(report).text());
        Files.writeString(reportDirectory.resolve("report.html"), new HtmlReport(report).text());
        print("The report is in " + reportDirectory.resolve("report.html") + ".");
        return 0;
    }

    private Results run(Plan plan, List<Entrant> entrants, Path directory) throws IOException, InterruptedException {
        ProgressBarBuilder builder = new ProgressBarBuilder()
                .setTaskName("measuring")
                .setStyle(ProgressBarStyle.ASCII)
                .setInitialMax(1);
        try (ProgressBar bar = builder.build()) {
            Runner.Watcher watcher = (place, done, expected) -> {
                bar.maxHint(Math.max(expected, done)).stepTo(done);
                bar.setExtraMessage(place.cell().name() + ": " + place.entrant().name());
            };
            return new Runner(plan, entrants, classPaths, directory, watcher).run();
        }
    }

    @SuppressWarnings("SystemOut") // a command's output
    private static void print(String line) {
        System.out.println(line);
    }
}
