package dev.holdfast.testkit.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.wal.storage.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Makes real system calls of a process fail with {@code strace}: one call at a time, and all calls from one on. The log
 * must stop or continue unharmed, must throw declared exceptions, and must have lost nothing when it is reopened. The
 * test is skipped if {@code strace} is missing or not permitted.
 */
class SystemCallFaultTest {
    /** System calls that change something. Reads are excluded because the virtual machine uses them to load classes. */
    private static final List<String> CALLS = List.of(
            "write", "pwrite64", "fsync,fdatasync", "openat", "?rename,?renameat,?renameat2", "?unlink,?unlinkat");

    private static final List<String> ERRORS = List.of("EIO", "ENOSPC", "EINTR");
    private static final int TIMES = Integer.getInteger("holdfast.faults", 4);
    private static final long HANGING_SECONDS = 60;

    @TempDir
    Path parent;

    @Test
    void failingSystemCallsStopTheLogOrHaveNoEffect() throws Exception {
        assumeStrace();
        Map<String, Integer> outcomes = new TreeMap<>();
        List<String> wrong = new ArrayList<>();
        try (ChildJvm jvm =
                ChildJvm.start(FaultyProcess.class, parent.resolve("first").toString())) {
            assertThat(jvm.word()).isEqualTo("ready");
            assumeAttaches(jvm);
            for (String calls : CALLS) {
                int count = count(jvm, calls);
                for (String error : ERRORS) {
                    for (String when : moments(count, error)) {
                        String inject = calls + ":error=" + error + ":when=" + when;
                        String answer = live(jvm, calls, inject);
                        outcomes.merge(
                                answer.split(":")[0] + ": " + error + ": " + answer.substring(7), 1, Integer::sum);
                        if (!answer.startsWith("right: ")) {
                            wrong.add(inject + ": " + answer);
                        }
                    }
                }
            }
        }
        outcomes.forEach((outcome, times) -> System.out.println("SystemCallFaultTest: " + times + " x " + outcome));
        assertThat(wrong).isEmpty();
        assertThat(outcomes.keySet()).anyMatch(outcome -> outcome.contains("LogFailedException"));
    }

    /**
     * Returns the moments to test: calls spread over a run that each fail once, and the middle call with all calls
     * after it. With EINTR only every second of them fails, because interrupted calls are repeated.
     */
    private static List<String> moments(int count, String error) {
        List<String> moments = new ArrayList<>();
        for (int i = 0; i < Math.min(TIMES, count); i++) {
            moments.add(Integer.toString(1 + (int) ((long) i * count / TIMES)));
        }
        if (count > 0) {
            moments.add(count / 2 + 1 + (error.equals("EINTR") ? "+2" : "+"));
        }
        return moments;
    }

    @SuppressWarnings("try") // the tracer only has to be attached
    private String live(ChildJvm jvm, String calls, String inject) throws Exception {
        Path directory = Files.createTempDirectory(parent, "log");
        try (Tracer unused =
                Tracer.attach(jvm, parent.resolve("trace"), "-e", "trace=" + calls, "-e", "inject=" + inject)) {
            jvm.tell("live " + directory);
            awaitLived(directory, inject);
        }
        jvm.tell("check");
        return jvm.word();
    }

    private static void awaitLived(Path directory, String what) {
        await("the end of a run with " + what)
                .atMost(HANGING_SECONDS, TimeUnit.SECONDS)
                .pollInterval(2, TimeUnit.MILLISECONDS)
                .until(() -> Files.exists(FaultyProcess.lived(directory)));
    }

    /** Returns how often a run makes these calls. */
    @SuppressWarnings("try") // the tracer only has to be attached
    private int count(ChildJvm jvm, String calls) throws Exception {
        Path trace = parent.resolve("count");
        try (Tracer unused = Tracer.attach(jvm, trace, "-e", "trace=" + calls)) {
            Path directory = Files.createTempDirectory(parent, "log");
            jvm.tell("live " + directory);
            awaitLived(directory, "no failure");
        }
        jvm.tell("check");
        assertThat(jvm.word()).isEqualTo("right: nothing failed");
        return (int) Files.readAllLines(trace).stream()
                .filter(line -> line.contains("(") && !line.contains("resumed"))
                .count();
    }

    private static void assumeStrace() throws InterruptedException {
        skipUnless(Programs.succeeds("strace", "-V"), "strace is missing");
    }

    private void assumeAttaches(ChildJvm jvm) throws Exception {
        boolean attaches = true;
        try {
            Tracer.attach(jvm, parent.resolve("trace"), "-e", "trace=rename").close();
        } catch (IOException e) {
            attaches = false;
        }
        skipUnless(attaches, "strace may not attach to another process");
    }

    private static void skipUnless(boolean possible, String otherwise) {
        if (!possible) {
            System.out.println("SystemCallFaultTest: skipped, " + otherwise);
        }
        assumeThat(possible).as(otherwise).isTrue();
    }

    /** An {@code strace} that is attached to all threads of a process until it is closed. */
    private static final class Tracer implements AutoCloseable {
        private final Process process;

        private Tracer(Process process) {
            this.process = process;
        }

        static Tracer attach(ChildJvm jvm, Path output, String... options) throws IOException {
            List<String> command =
                    new ArrayList<>(List.of("strace", "-f", "-p", Long.toString(jvm.pid()), "-o", output.toString()));
            command.addAll(List.of(options));
            Process process = new ProcessBuilder(command).start();
            // strace reports on its standard error that it is attached to all threads, or why it cannot.
            StringBuilder errors = new StringBuilder();
            for (int c = process.getErrorStream().read();
                    c >= 0;
                    c = process.getErrorStream().read()) {
                errors.append((char) c);
                if (c == '\n' && errors.indexOf(" attached") >= 0) {
                    return new Tracer(process);
                }
            }
            throw new IOException("strace: " + errors);
        }

        /** Ends strace, which detaches from the process. */
        @Override
        public void close() throws IOException {
            process.destroy();
            try {
                if (!process.waitFor(HANGING_SECONDS, TimeUnit.SECONDS)) {
                    throw new IOException("strace did not end");
                }
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
    }
}
