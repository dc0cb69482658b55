package dev.holdfast.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * {@code holdfast warm-up}: runs each command once on a small log, so that all of their classes are loaded. A JVM that
 * was started with {@code -XX:ArchiveClassesAtExit} then archives these classes, see docs/operations.md.
 */
@Command(name = WarmUpCommand.NAME, description = "Loads the classes of all commands.", hidden = true)
final class WarmUpCommand implements Callable<Integer> {
    static final String NAME = "warm-up";

    @Parameters(
            paramLabel = "DIR",
            description = "An existing directory. The command creates a log in it and removes the log again.")
    private Path directory = Path.of("");

    @Override
    public Integer call() throws IOException {
        Path parent = Files.createTempDirectory(directory, "holdfast-warm-up");
        try {
            String log = parent.resolve("log").toString();
            String copy = parent.resolve("copy").toString();
            for (List<String> command : List.of(
                    List.of("append", log, "--json"),
                    List.of("info", log, "--json"),
                    List.of("info", log, "--segments"),
                    List.of("cat", log, "--format", "json"),
                    List.of("cat", log, "--ids"),
                    List.of("verify", log),
                    List.of("copy", log, copy),
                    List.of("truncate", log, "--last-to-keep", "1"),
                    List.of("repair", log, "--drop-from", "2"),
                    List.of("--help"))) {
                run(command);
            }
        } finally {
            remove(parent);
        }
        return ExitCodes.FINE;
    }

    private static void run(List<String> command) throws IOException {
        try (OutputStream out = new ByteArrayOutputStream();
                PrintStream err = new PrintStream(out, true, StandardCharsets.UTF_8)) {
            Streams streams = new Streams(
                    new ByteArrayInputStream("one\ntwo\n".getBytes(StandardCharsets.UTF_8)),
                    new StandardOutput(out),
                    err,
                    true,
                    false);
            if (Main.run(streams, command.toArray(String[]::new)) != ExitCodes.FINE) {
                throw new IOException("the warm-up failed: " + command + ": " + out);
            }
        }
    }

    private static void remove(Path parent) throws IOException {
        try (Stream<Path> all = Files.walk(parent)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
