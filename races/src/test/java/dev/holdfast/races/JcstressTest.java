package dev.holdfast.races;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jcstress.infra.Status;
import org.openjdk.jcstress.infra.collectors.DiskReadCollector;
import org.openjdk.jcstress.infra.collectors.InProcessCollector;
import org.openjdk.jcstress.infra.collectors.TestResult;
import org.openjdk.jcstress.infra.runners.TestList;

/**
 * Runs all races under jcstress, in separate processes. Runs are short by default; {@code -Dholdfast.jcstress="..."}
 * passes other options to jcstress instead of {@link #SHORT}.
 */
class JcstressTest {
    /** One JVM per race, one iteration, any compilation mode, and a small stride because each state is a whole log. */
    static final String SHORT =
            "-f 1 -iters 1 -time 300 -sc false -af NONE -spinStyle THREAD_YIELD -strideSize 10 -strideCount 10 -hs 128 -pth false -jvmArgs -Xmx256m";

    /** With {@link #SHORT}, jcstress takes about a minute. It waits without a limit for a race that hangs. */
    private static final long HANGING_MINUTES = 10;

    @TempDir
    Path reports;

    @Test
    void noRaceHasAForbiddenOutcome() throws Exception {
        int exit = runJcstress();
        Map<String, Long> samples = new TreeMap<>();
        List<String> failures = new ArrayList<>();
        for (TestResult result : results()) {
            samples.merge(result.getName(), result.getTotalCount(), Long::sum);
            failures.addAll(failuresOf(result));
        }
        samples.forEach((race, count) -> System.out.println("jcstress: " + race + ": " + count + " samples"));
        System.out.println("jcstress: " + samples.size() + " races, "
                + samples.values().stream().mapToLong(Long::longValue).sum() + " samples");
        assertThat(failures).isEmpty();
        assertThat(exit).as("exit code of jcstress").isZero();
        assertThat(samples.keySet()).as("executed races").containsExactlyInAnyOrderElementsOf(TestList.tests());
        assertThat(samples.values()).as("samples of each race").allMatch(count -> count > 0);
    }

    private static List<String> failuresOf(TestResult result) {
        List<String> failures = new ArrayList<>();
        if (result.status() != Status.NORMAL) {
            failures.add(result.getName() + ": " + result.status() + " " + result.getMessages() + result.getVmErr());
        }
        result.grading().failureMessages.forEach(failure -> failures.add(result.getName() + ": " + failure));
        if (failures.isEmpty() && !result.grading().isPassed) {
            failures.add(result.getName() + ": not passed");
        }
        return failures;
    }

    private int runJcstress() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "org.openjdk.jcstress.Main",
                "-r",
                reports.toString()));
        String options = System.getProperty("holdfast.jcstress", SHORT);
        command.addAll(List.of(options.split(" +")));
        Path output = reports.resolve("output.txt");
        Process jcstress = new ProcessBuilder(command)
                .directory(reports.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            if (!options.equals(SHORT)) {
                jcstress.waitFor(); // may take hours
            }
            boolean ended = jcstress.waitFor(HANGING_MINUTES, TimeUnit.MINUTES);
            if (!ended || jcstress.exitValue() != 0) {
                System.out.println(Files.readString(output, UTF_8));
            }
            assertThat(ended)
                    .as("jcstress ends within " + HANGING_MINUTES + " minutes")
                    .isTrue();
            return jcstress.exitValue();
        } finally {
            List<ProcessHandle> races = jcstress.descendants().toList();
            jcstress.destroyForcibly();
            races.forEach(ProcessHandle::destroyForcibly);
        }
    }

    private Collection<TestResult> results() throws IOException, ClassNotFoundException {
        InProcessCollector results = new InProcessCollector();
        try (Stream<Path> files = Files.list(reports)) {
            List<Path> found =
                    files.filter(file -> file.toString().endsWith(".bin.gz")).toList();
            assertThat(found).as("files with results").hasSize(1);
            DiskReadCollector reader = new DiskReadCollector(found.get(0).toString(), results);
            reader.dump();
            reader.close();
        }
        return results.getTestResults();
    }
}
