package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs the tool while another process writes the log, and stops that process by a signal. */
class LiveLogTest {
    @TempDir
    private Path parent;

    @Test
    void recordsAreFollowedAndCopiedDuringAppends() throws IOException, InterruptedException {
        Process writer = Tool.start("append", log(), "--print-ids");
        Process follower;
        try (OutputStream in = writer.getOutputStream();
                BufferedReader ids = reader(writer)) {
            write(in, "one\n");
            assertThat(ids.readLine()).isEqualTo("1");
            follower = Tool.start("cat", log(), "--follow", "--ids", "--to", 4);
            try (BufferedReader followed = reader(follower)) {
                // A record is printed when the disk proves that it is durable: after the next append,
                // or after an idle second.
                assertThat(followed.readLine()).isEqualTo("1\tone");
                write(in, "two\nthree\n");
                assertThat(followed.readLine()).isEqualTo("2\ttwo");
                assertThat(followed.readLine()).isEqualTo("3\tthree");

                Path copy = parent.resolve("copy");
                Tool.Result copied = Tool.run("copy", log(), copy);
                assertThat(copied.exitCode()).as(copied.err()).isZero();
                assertThat(copied.outText()).contains("first id: 1\nlast id: 3\n");
                assertThat(Tool.run("info", copy).outText()).contains("ended: closed\n", "records: 3\n");
                assertThat(Tool.run("verify", log()).exitCode()).isZero();
                assertThat(Tool.run("info", log()).outText()).contains("locked by: process " + writer.pid());

                write(in, "four\nfive\n");
                assertThat(followed.readLine()).isEqualTo("4\tfour");
                assertThat(followed.readLine()).isNull();
            }
        }
        assertThat(follower.waitFor()).isZero();
        assertThat(writer.waitFor()).isZero();
        assertThat(Tool.run("cat", parent.resolve("copy")).outText()).isEqualTo("one\ntwo\nthree\n");
    }

    /** The copy shares sealed segments. Later changes of the log, recycling included, must not change the copy. */
    @Test
    void laterChangesOfTheLogDoNotChangeTheCopy() throws IOException {
        appendNumbers(1, 300_000);
        Path copy = parent.resolve("copy");
        Tool.Result copied = Tool.run("copy", log(), copy, "--json");
        assertThat(copied.exitCode()).as(copied.err()).isZero();
        assertThat(copied.outText()).doesNotContain("\"linkedBytes\":0").contains("\"lastId\":300000");
        byte[] before = Tool.run("cat", copy).out();

        for (long last : new long[] {250_000, 100_000, 10}) {
            assertThat(Tool.run("truncate", log(), "--last-to-keep", last).exitCode())
                    .isZero();
            appendNumbers(last + 1, 200_000);
            assertThat(Tool.run("trim", log(), "--up-to", last + 150_000).exitCode())
                    .isZero();
            assertThat(Tool.run("reset", log(), "--next-id", last + 1).exitCode())
                    .isZero();
            appendNumbers(last + 1, 100_000);
        }
        assertThat(Tool.run("verify", copy).exitCode()).isZero();
        assertThat(Tool.run("cat", copy).out()).isEqualTo(before);

        // The reverse must hold as well: the copy is a log of its own.
        Path second = parent.resolve("second");
        assertThat(Tool.run("copy", copy, second).exitCode()).isZero();
        assertThat(Tool.run("truncate", copy, "--last-to-keep", 5).exitCode()).isZero();
        assertThat(Tool.run("reset", copy, "--next-id", 5).exitCode()).isZero();
        assertThat(Tool.run("cat", second).out()).isEqualTo(before);
        assertThat(Tool.run("verify", second).exitCode()).isZero();
    }

    @Test
    void copyRefusesAnExistingTargetAndDeletesItsFilesOnFailure() throws IOException {
        appendNumbers(1, 3);
        Path taken = Files.createDirectory(parent.resolve("taken"));
        Tool.Result result = Tool.run("copy", log(), taken);
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err()).contains(taken.toString(), "must not exist").hasLineCount(1);
        assertThat(taken).isEmptyDirectory();

        Path damaged = DamagedLog.at(parent.resolve("damaged"));
        assertThat(Tool.run("copy", damaged, parent.resolve("copy")).exitCode()).isEqualTo(1);
        assertThat(parent.resolve("copy")).doesNotExist();
        assertThat(parent.resolve("copy.partial")).doesNotExist();
        Tool.Result unlinked = Tool.run("copy", log(), parent.resolve("copy"), "--no-links", "--json");
        assertThat(unlinked.outText()).contains("\"linkedBytes\":0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"INT", "TERM"})
    void writerStoppedByASignalClosesTheLogAndPrintsTheSummary(String signal) throws IOException, InterruptedException {
        Process writer = Tool.start("append", log(), "--print-ids");
        try (OutputStream in = writer.getOutputStream();
                BufferedReader ids = reader(writer)) {
            write(in, "one\ntwo\nthr");
            assertThat(ids.readLine()).isEqualTo("1");
            assertThat(ids.readLine()).isEqualTo("2");
            Tool.signal(writer, signal);
            assertThat(writer.waitFor()).isEqualTo(signal.equals("INT") ? 130 : 143);
            String err = new String(writer.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(err)
                    .startsWith("2 records, 6 bytes, ")
                    .contains(" s, ids 1..2 (")
                    .hasLineCount(1);
        }
        assertThat(Tool.run("info", log()).outText()).contains("last id: 2\n", "ended: closed\n");
    }

    private void appendNumbers(long first, long count) {
        String lines = LongStream.range(first, first + count)
                .mapToObj(Long::toString)
                .collect(Collectors.joining("\n", "", "\n"));
        Tool.Result result = Tool.run(lines.getBytes(StandardCharsets.US_ASCII), "append", log());
        assertThat(result.exitCode()).as(result.err()).isZero();
    }

    private static BufferedReader reader(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
    }

    private static void write(OutputStream in, String text) throws IOException {
        in.write(text.getBytes(StandardCharsets.US_ASCII));
        in.flush();
    }

    private Path log() {
        return parent.resolve("log");
    }
}
