package dev.holdfast.bench;

import dev.holdfast.bench.run.ClassPaths;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;

/** Runs the bench, or JMH where the first argument says so. */
public final class Main {
    private static final String JMH = "jmh";

    private Main() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        // Both are said by the launcher, which has built them.
        Path bench = Path.of(System.getProperty("holdfast.bench", "bench"));
        ClassPaths classPaths = new ClassPaths(bench, System.getProperty("holdfast.bench.output", ".holdfast"));
        List<String> arguments = List.of(args);
        System.exit(
                arguments.isEmpty() || !arguments.get(0).equals(JMH)
                        ? new CommandLine(new BenchCommand(classPaths)).execute(args)
                        : jmh(classPaths, arguments.subList(1, arguments.size())));
    }

    /** In a process of its own, as everything that is measured. */
    private static int jmh(ClassPaths classPaths, List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-cp", classPaths.of(JMH), "org.openjdk.jmh.Main", "-prof", "gc"));
        command.addAll(arguments);
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }
}
