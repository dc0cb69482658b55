package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Runs the tool inside this process or, if necessary, as a process of its own. */
final class Tool {
    /** The result of a run. */
    record Result(int exitCode, byte[] out, String err) {
        String outText() {
            return new String(out, StandardCharsets.ISO_8859_1);
        }
    }

    private Tool() {}

    static Result run(Object... arguments) {
        return run(InputStream.nullInputStream(), arguments);
    }

    static Result run(byte[] input, Object... arguments) {
        return run(new ByteArrayInputStream(input), arguments);
    }

    static Result run(InputStream input, Object... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Result result = runWith(input, out, false, arguments);
        return new Result(result.exitCode(), out.toByteArray(), result.err());
    }

    /** Runs the tool with output to the caller's stream; the output of the result is empty. */
    static Result runWith(InputStream input, OutputStream out, boolean errIsTerminal, Object... arguments) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Streams streams = new Streams(
                input,
                new StandardOutput(out),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                false,
                errIsTerminal);
        int exitCode = Main.run(streams, strings(arguments).toArray(String[]::new));
        return new Result(exitCode, new byte[0], err.toString(StandardCharsets.UTF_8));
    }

    /** Starts the tool as a process. The caller uses and closes its streams. */
    static Process start(Object... arguments) throws IOException {
        return builder(arguments).start();
    }

    static ProcessBuilder builder(Object... arguments) {
        return new ProcessBuilder(command(List.of(), arguments));
    }

    /** Returns the command line that starts the tool as a process, with additional JVM options. */
    static List<String> command(List<String> jvmOptions, Object... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1"));
        command.addAll(jvmOptions);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(strings(arguments));
        return command;
    }

    /**
     * Sends a signal to a process of the tool. If the tests run in the background of a script, {@code INT} may be
     * ignored, and child processes inherit that. The test is then skipped.
     */
    static void signal(Process process, String signal) throws IOException, InterruptedException {
        boolean ignored = isIgnored(signal);
        if (ignored) {
            process.destroyForcibly().waitFor();
        }
        assumeThat(ignored).as("SIG" + signal + " is ignored in these tests").isFalse();
        Process kill = new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start();
        assertThat(kill.waitFor() == 0 || !process.isAlive()).isTrue();
    }

    private static boolean isIgnored(String signal) throws IOException {
        Path status = Path.of("/proc/self/status");
        if (Files.notExists(status)) {
            return false;
        }
        long bit = 1L << (signal.equals("INT") ? 1 : 14);
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("SigIgn:"))
                .map(line -> line.substring("SigIgn:".length()).strip())
                .anyMatch(mask -> (Long.parseUnsignedLong(mask, 16) & bit) != 0);
    }

    /** Runs the tool as a process and waits for its end. */
    static Result runProcess(byte[] input, Object... arguments) throws IOException, InterruptedException {
        return finish(start(arguments), input);
    }

    static Result finish(Process process, byte[] input) throws IOException, InterruptedException {
        CompletableFuture<byte[]> err = readAll(process.getErrorStream());
        CompletableFuture<byte[]> out = readAll(process.getInputStream());
        try (OutputStream in = process.getOutputStream()) {
            in.write(input);
        }
        int exitCode = process.waitFor();
        return new Result(exitCode, out.join(), new String(err.join(), StandardCharsets.UTF_8));
    }

    /**
     * Reads a stream in a thread of its own. With few processors the common pool would read one stream and let the
     * other fill up.
     */
    private static CompletableFuture<byte[]> readAll(InputStream stream) {
        CompletableFuture<byte[]> all = new CompletableFuture<>();
        Thread reader = new Thread(() -> {
            try {
                all.complete(stream.readAllBytes());
            } catch (IOException e) {
                all.completeExceptionally(e);
            }
        });
        reader.setDaemon(true);
        reader.start();
        return all;
    }

    private static List<String> strings(Object... arguments) {
        List<String> strings = new ArrayList<>();
        for (Object argument : arguments) {
            strings.add(argument.toString());
        }
        return strings;
    }
}
