package dev.holdfast.bench;

import dev.holdfast.bench.run.ClassPaths;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Runs the benchmark, or JMH if the first argument is {@code jmh}. */
public final class Main {
    private static final String JMH = "jmh";
    private static final int FAILURE = 2;

    private Main() {}

    public static void main(String[] args) {
        // The launcher sets both properties, because it has built the modules.
        Path bench = Path.of(System.getProperty("holdfast.bench", "bench"));
        ClassPaths classPaths = new ClassPaths(bench, System.getProperty("holdfast.bench.output", ".holdfast"));
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        System.exit(run(classPaths, err, args));
    }

    /** Runs the command. Every failure ends with one line and exit code 2, as in the other commands of the tool. */
    static int run(ClassPaths classPaths, PrintStream err, String... args) {
        List<String> arguments = List.of(args);
        try {
            return !arguments.isEmpty() && arguments.get(0).equals(JMH)
                    ? jmh(classPaths, arguments.subList(1, arguments.size()))
                    : bench(classPaths, err, args);
        } catch (Exception | Error e) { // picocli passes an Error on
            return report(e, false, err);
        }
    }

    private static int bench(ClassPaths classPaths, PrintStream err, String... args) {
        BenchCommand command = new BenchCommand(classPaths);
        CommandLine commandLine = new CommandLine(command);
        commandLine.setParameterExceptionHandler((mistake, arguments) -> report(mistake, command.debug(), err));
        commandLine.setExecutionExceptionHandler((failure, line, parsed) -> report(failure, command.debug(), err));
        return commandLine.execute(args);
    }

    private static int report(Throwable failure, boolean debug, PrintStream err) {
        String line = text(failure).replaceAll("\\p{Cntrl}+", " ");
        err.println(
                "holdfast: " + line + (failure instanceof ParameterException ? " (see holdfast bench --help)" : ""));
        if (debug) {
            failure.printStackTrace(err);
        }
        return FAILURE;
    }

    /**
     * Returns the message of a failure. The message of a file system exception may be only a path, so the reason is
     * added. The message of an unexpected exception is unclear without the name of its class.
     */
    private static String text(Throwable failure) {
        if (failure instanceof NoSuchFileException e) {
            return e.getFile() + ": no such file or directory";
        }
        boolean speaks = failure instanceof ParameterException
                || (failure instanceof IOException && !(failure instanceof FileSystemException));
        return speaks && failure.getMessage() != null ? failure.getMessage() : failure.toString();
    }

    /** Runs JMH in a process of its own, like everything that is measured. */
    private static int jmh(ClassPaths classPaths, List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-cp", classPaths.of(JMH), "org.openjdk.jmh.Main", "-prof", "gc"));
        command.addAll(arguments);
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }
}
