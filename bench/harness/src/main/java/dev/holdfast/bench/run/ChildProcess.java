package dev.holdfast.bench.run;

import dev.holdfast.bench.child.Child;
import dev.holdfast.bench.child.Measurement;
import dev.holdfast.bench.child.Task;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A process in which one contender is measured. */
public final class ChildProcess implements AutoCloseable {
    private static final long TIME_TO_END_SECONDS = 10;
    /**
     * JVM options of every contender. Everything else is left to the JVM, as most users do. The initial heap is small
     * because the processes of all contenders exist at the same time.
     */
    private static final List<String> JVM_OPTIONS = List.of("-Xms512m", "-Xmx2g", "-Xshare:auto");

    private final Process process;
    private final Writer tasks;
    private final BufferedReader answers;

    private ChildProcess(Process process) {
        this.process = process;
        this.tasks = process.outputWriter(StandardCharsets.UTF_8);
        this.answers = process.inputReader(StandardCharsets.UTF_8);
    }

    /**
     * Starts the process of a contender.
     *
     * @param prefix a command that runs the process, such as a tracer; usually empty
     * @param output the file to which its output is appended
     */
    public static ChildProcess start(List<String> prefix, Entrant entrant, ClassPaths classPaths, Path output)
            throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JVM_OPTIONS);
        command.addAll(classPaths.jvmOptions(entrant.module()));
        command.addAll(List.of("-cp", classPaths.of(entrant.module()), Child.class.getName(), entrant.peer()));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(output.toFile()))
                .start();
        return new ChildProcess(process);
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Runs a task in the process. After a failure the process may have ended: see {@link #isAlive}. */
    public Outcome run(Task task, long timeoutMillis) throws InterruptedException {
        CompletableFuture<@Nullable String> answer = CompletableFuture.supplyAsync(() -> ask(task));
        try {
            String line = answer.get(timeoutMillis, TimeUnit.MILLISECONDS);
            return line == null ? new Outcome.Failed("its process ended") : outcome(line);
        } catch (TimeoutException e) {
            kill();
            return new Outcome.Failed("no answer in " + timeoutMillis + " ms");
        } catch (ExecutionException e) {
            return new Outcome.Failed(String.valueOf(e.getCause()));
        }
    }

    private @Nullable String ask(Task task) {
        try {
            tasks.write(task.line() + "\n");
            tasks.flush();
            return answers.readLine();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Outcome outcome(String line) {
        if (line.startsWith(Child.MEASURED)) {
            return new Outcome.Measured(Measurement.parse(line.substring(Child.MEASURED.length())));
        }
        if (line.startsWith(Child.UNSUPPORTED)) {
            return new Outcome.Unsupported(line.substring(Child.UNSUPPORTED.length()));
        }
        if (line.startsWith(Child.OVERLOADED)) {
            return new Outcome.Overloaded(line.substring(Child.OVERLOADED.length()));
        }
        return new Outcome.Failed(line.startsWith(Child.FAILED) ? line.substring(Child.FAILED.length()) : line);
    }

    /** Ends the process. */
    @Override
    public void close() throws IOException, InterruptedException {
        try {
            tasks.close();
        } catch (IOException e) {
            // The process has already ended.
        }
        if (!process.waitFor(TIME_TO_END_SECONDS, TimeUnit.SECONDS)) {
            kill();
            process.waitFor();
        }
    }

    /**
     * Kills the process and its descendants. Under a tracer, the contender is a child of the tracer and would outlive
     * it.
     */
    private void kill() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
