package dev.holdfast.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.file.FileLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs ten thousand threads in one log. Each test uses its own process, so a hang does not affect other tests. */
class VirtualThreadsTest {
    private static final int HANGING_SECONDS = 120;

    @TempDir
    Path directory;

    @Test
    void tenThousandVirtualThreadsAppendReadAndInterruptEachOther() throws Exception {
        assumeTrue(Running.virtualThreads().isPresent(), "this JDK has no virtual threads");
        run(10_000);
    }

    /**
     * All virtual threads share one carrier thread. A call that pins the carrier while it waits would block the thread
     * that it waits for.
     */
    @Test
    void oneCarrierIsEnoughForTenThousandVirtualThreads() throws Exception {
        assumeTrue(Running.virtualThreads().isPresent(), "this JDK has no virtual threads");
        run(10_000, "-Djdk.virtualThreadScheduler.parallelism=1", "-Djdk.virtualThreadScheduler.maxPoolSize=1");
    }

    @Test
    void twoHundredPlatformThreadsAppendReadAndInterruptEachOther() throws Exception {
        assumeTrue(Running.virtualThreads().isEmpty(), "this JDK has virtual threads");
        run(2_000);
    }

    private void run(int threads, String... options) throws Exception {
        Path acknowledged = directory.resolve("acknowledged.txt");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), ManyThreads.class.getName()));
        command.addAll(List.of(directory.resolve("log").toString(), String.valueOf(threads), acknowledged.toString()));
        Path output = directory.resolve("output.txt");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(HANGING_SECONDS, SECONDS))
                    .as("the process ends")
                    .isTrue();
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertThat(process.exitValue()).as(Files.readString(output)).isZero();
        assertAllThere(Files.readAllLines(acknowledged), threads + 1);
    }

    private void assertAllThere(List<String> acknowledged, int records) throws IOException {
        assertThat(acknowledged).hasSize(records);
        try (Log log = FileLog.open(directory.resolve("log"))) {
            assertThat(log.lastId()).hasValue(records);
            for (String line : acknowledged) {
                String[] words = line.split(" ");
                ByteBuffer due = ByteBuffer.wrap(ManyThreads.bytes(Integer.parseInt(words[1])));
                assertThat(log.read(Long.parseLong(words[0])).orElseThrow().data())
                        .isEqualTo(due);
            }
        }
    }
}
