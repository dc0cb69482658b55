package dev.holdfast.bench.child;

import dev.holdfast.bench.contender.Contender;
import dev.holdfast.bench.contender.FollowsFromOutside;
import dev.holdfast.bench.contender.Peer;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Appends at a moderate rate while a {@link Follower} in a process of its own waits for each record. Between silences,
 * the log is appended to for a part of the time of the task. A silence lasts until the follower has the last record.
 */
final class Following {
    private static final long NANOS_BETWEEN_APPENDS = TimeUnit.MILLISECONDS.toNanos(1);
    /** Long enough that a writer has done all it does for a log that became idle. */
    private static final long IDLE_BEFORE_MILLIS = 1_500;

    private static final long IDLE_MILLIS = 1_000;

    /** The name that the kernel has for the thread that runs the main method. */
    private static final String MAIN_THREAD = "java";

    private final Task task;
    private final Contender contender;
    private final Process follower;
    private final BufferedReader answers;
    private final Clock clock = Clock.ofTheSystem();

    private Following(Task task, Contender contender, Process follower) {
        this.task = task;
        this.contender = contender;
        this.follower = follower;
        this.answers = follower.inputReader(StandardCharsets.UTF_8);
    }

    /** Measures as many silences as the depth of the task. */
    static Measurement measure(Task task, Peer peer) throws Exception {
        if (!(peer instanceof FollowsFromOutside)) {
            throw new UnsupportedOperationException("no other process can read it while it is written");
        }
        try (Contender contender = peer.open(task.opening())) {
            // A log without records may not have all its files.
            contender.append(
                    FollowedRecord.calledNow(FollowedRecord.Kind.WARM_UP).data(task.recordBytes()));
            Process follower = start(task, peer);
            try {
                return new Following(task, contender, follower).measure();
            } finally {
                follower.destroyForcibly();
                // Only the CPU time of a process that was waited for is counted as ours.
                follower.waitFor();
            }
        }
    }

    /** Starts a process with the options of this one. */
    private static Process start(Task task, Peer peer) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Follower.class.getName()));
        command.addAll(List.of(peer.getClass().getName(), task.line()));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private Measurement measure() throws Exception {
        expect(Follower.READY);
        append(FollowedRecord.Kind.WARM_UP, task.warmUpMillis());
        for (int silence = 0; silence < task.depth(); silence++) {
            append(FollowedRecord.Kind.COUNTED, task.millis() / task.depth());
            append(FollowedRecord.Kind.LAST);
            expect(Follower.CONFIRMED);
        }
        TimeUnit.MILLISECONDS.sleep(IDLE_BEFORE_MILLIS);
        long start = System.nanoTime();
        long cpuBefore = cpuNanos(follower.pid());
        long wakeUpsBefore = wakeUps(follower.pid());
        TimeUnit.MILLISECONDS.sleep(IDLE_MILLIS);
        double cpu = cpuNanos(follower.pid()) - cpuBefore;
        double wakeUps = wakeUps(follower.pid()) - wakeUpsBefore;
        double seconds = (System.nanoTime() - start) / 1e9;
        append(FollowedRecord.Kind.END);
        Measurement measured = Measurement.parse(answer());
        measured.figures().put(Figure.IDLE_CPU_NANOS_PER_SECOND, cpu / seconds);
        measured.figures().put(Figure.IDLE_WAKE_UPS_PER_SECOND, wakeUps / seconds);
        return measured;
    }

    private void append(FollowedRecord.Kind kind, long millis) throws Exception {
        long due = clock.nanoTime();
        long end = due + TimeUnit.MILLISECONDS.toNanos(millis);
        while (due - end < 0) {
            clock.sleepUntil(due);
            append(kind);
            due = Math.max(due + NANOS_BETWEEN_APPENDS, clock.nanoTime());
        }
    }

    private void append(FollowedRecord.Kind kind) throws Exception {
        contender.append(FollowedRecord.calledNow(kind).data(task.recordBytes()));
    }

    private void expect(String word) throws IOException {
        String line = answer();
        if (!line.equals(word)) {
            throw new IOException("the follower answered: " + line);
        }
    }

    private String answer() throws IOException {
        String line = answers.readLine();
        if (line == null) {
            throw new IOException("the process of the follower ended");
        }
        return line;
    }

    /** Returns the CPU time of all threads of a process. */
    private static long cpuNanos(long pid) throws IOException {
        long nanos = 0;
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "task"))) {
            for (Path thread : threads) {
                String times = Files.readString(thread.resolve("schedstat"));
                nanos += Long.parseLong(times.substring(0, times.indexOf(' ')));
            }
        }
        return nanos;
    }

    /**
     * Returns how often the main thread of a Java process has waited so far. The launcher's thread has the same name
     * and waits only once.
     */
    private static long wakeUps(long pid) throws IOException {
        long wakeUps = -1;
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "task"))) {
            for (Path thread : threads) {
                if (Files.readString(thread.resolve("comm")).strip().equals(MAIN_THREAD)) {
                    wakeUps = Math.max(0, wakeUps) + voluntarySwitches(thread);
                }
            }
        }
        if (wakeUps < 0) {
            throw new IOException("process " + pid + " has no thread \"" + MAIN_THREAD + "\"");
        }
        return wakeUps;
    }

    private static long voluntarySwitches(Path thread) throws IOException {
        List<String> lines = Files.readAllLines(thread.resolve("status")).stream()
                .filter(line -> line.startsWith("voluntary"))
                .toList();
        return ProcessCounters.sumOf(lines, "ctxt_switches:");
    }
}
