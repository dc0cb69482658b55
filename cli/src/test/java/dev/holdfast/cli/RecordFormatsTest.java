package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.LogRecord;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records survive a round trip in every format that represents them completely. */
class RecordFormatsTest {
    @TempDir
    private Path parent;

    @Test
    void eachFormatIsAsDocumented() {
        append("caf\u00c3\u00a9 \"x\"\n\u00ff\n\n", "--first-id", 7);
        assertThat(cat("--format", "text", "--ids")).isEqualTo("7\tcaf\u00c3\u00a9 \"x\"\n8\t\u00ff\n9\t\n");
        assertThat(cat("--format", "hex")).isEqualTo("636166c3a920227822\nff\n\n");
        assertThat(cat("--format", "base64", "--ids")).isEqualTo("7\tY2Fmw6kgIngi\n8\t/w==\n9\t\n");
        assertThat(cat("--format", "json"))
                .isEqualTo("{\"id\":7,\"text\":\"caf\u00c3\u00a9 \\\"x\\\"\"}\n{\"id\":8,\"base64\":\"/w==\"}\n"
                        + "{\"id\":9,\"text\":\"\"}\n");
        assertThat(cat("--format", "length", "--from", 8)).isEqualTo("\0\0\0\1\u00ff\0\0\0\0");
    }

    @Test
    void lastRecordsArePrinted() {
        append("a\nb\nc\n");
        assertThat(cat("--last", 2)).isEqualTo("b\nc\n");
        assertThat(cat("--last", 0)).isEmpty();
        assertThat(cat("--last", Long.MAX_VALUE)).isEqualTo("a\nb\nc\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"json", "length"})
    void recordsOfAnyBytesAndLengthsSurviveARoundTrip(String format) throws IOException {
        long seed = Long.getLong("holdfast.seed", new SplittableRandom().nextLong());
        System.out.println("RecordFormatsTest: -Dholdfast.seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        ByteArrayOutputStream prefixed = new ByteArrayOutputStream();
        for (int i = 0; i < 300; i++) {
            byte[] record = new byte[i == 100 ? LogRecord.MAX_DATA_BYTES : random.nextInt(i % 50 == 0 ? 200_000 : 100)];
            random.nextBytes(record);
            for (int b = 0; b < record.length && i % 2 == 0; b++) {
                record[b] &= 0x7f; // valid UTF-8
            }
            prefixed.write(ByteBuffer.allocate(4).putInt(record.length).array());
            prefixed.write(record);
        }
        assertFine(Tool.run(prefixed.toByteArray(), "append", log(), "--format", "length"));
        Tool.Result out = Tool.run("cat", log(), "--format", format);
        Path second = parent.resolve("second");
        assertFine(Tool.run(out.out(), "append", second, "--format", format));
        assertThat(Tool.run("cat", second, "--format", "length").out()).isEqualTo(prefixed.toByteArray());
    }

    @Test
    void idsOfJsonAreKeptAndMustBeConsecutive() {
        assertFine(append(
                "{\"id\":40,\"text\":\"a\"}\n{\"base64\":\"Yg==\"}\n{\"text\":\"c\",\"id\":42}\n", "--format", "json"));
        assertThat(cat("--ids")).isEqualTo("40\ta\n41\tb\n42\tc\n");
        Tool.Result gap = Tool.run(
                bytes("{\"id\":43,\"text\":\"d\"}\n{\"id\":45,\"text\":\"f\"}\n"), "append", log(), "--format", "json");
        assertThat(gap.exitCode()).isEqualTo(2);
        assertThat(gap.err())
                .isEqualTo("holdfast: the next record must have id 44, not 45; the 1 records before it were appended,"
                        + " ids 43..43\n");
        Tool.Result elsewhere = Tool.run(bytes("x\n"), "append", log(), "--first-id", 3);
        assertThat(elsewhere.exitCode()).isEqualTo(2);
        assertThat(elsewhere.err()).contains("the next record must have id 44, not 3; no line was appended");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x",
                "[1]",
                "{}",
                "{\"id\":1}",
                "{\"text\":1}",
                "{\"text\":\"a\",\"base64\":\"Yg==\"}",
                "{\"base64\":\"%\"}",
                "{\"text\":\"a\"} x",
                "{\"text\":\"a\",\"more\":\"b\"}",
                "{\"id\":\"1\",\"text\":\"a\"}",
                "{\"text\":\"a\"",
                "{\"id\":-1,\"text\":\"a\"}",
                "{\"text\":\"\\ud800\"}",
                "{\"text\":\"a\\udc00b\"}"
            })
    void invalidJsonRecordIsReportedWithItsLine(String line) {
        Tool.Result result = Tool.run(bytes("{\"text\":\"a\"}\n" + line + "\n"), "append", log(), "--format", "json");
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err())
                .startsWith("holdfast: ")
                .contains("the 1 records before it were appended")
                .hasLineCount(1);
        assertThat(cat()).isEqualTo("a\n");
    }

    @Test
    void halfASurrogatePairIsRefused() {
        Tool.Result result = Tool.run(
                bytes("{\"text\":\"\\ud83d\\ude00\"}\n{\"text\":\"\\ud800\"}\n"), "append", log(), "--format", "json");
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err())
                .isEqualTo(
                        "holdfast: line 2 is not a record in JSON: its text has half of a surrogate pair, which UTF-8 cannot encode: "
                                + "write these bytes as base64; the 1 records before it were appended, ids 1..1\n");
        assertThat(cat("--format", "hex")).isEqualTo("f09f9880\n");
    }

    @Test
    void negativeIdIsRefusedWithTheNumberOfAppendedRecords() {
        Tool.Result json = Tool.run(bytes("{\"id\":-1,\"text\":\"a\"}\n"), "append", log(), "--format", "json");
        assertThat(json.exitCode()).isEqualTo(2);
        assertThat(json.err())
                .startsWith("holdfast: ")
                .contains("-1")
                .endsWith("; no record was appended\n")
                .hasLineCount(1);
        Tool.Result option = Tool.run(bytes("a\n"), "append", log(), "--first-id", -1);
        assertThat(option.exitCode()).isEqualTo(2);
        assertThat(option.err())
                .contains("-1")
                .endsWith("; no line was appended\n")
                .hasLineCount(1);
        assertThat(cat()).isEmpty();
    }

    @Test
    void invalidLengthsAreReported() {
        for (String input : List.of("\0\0\0\1a\0\0\0\5x", "\0\0\0\1a\177\177\177\177", "\0\0\0\1a\0\0")) {
            Path log = parent.resolve("log" + input.length() + input.hashCode());
            Tool.Result result = Tool.run(bytes(input), "append", log, "--format", "length");
            assertThat(result.exitCode()).isEqualTo(2);
            assertThat(result.err()).contains("record 2", "ids 1..1").hasLineCount(1);
        }
    }

    @Test
    void batchesHaveTheRequestedSize() throws IOException {
        List<List<String>> batches = new ArrayList<>();
        RecordSource source = new Batches(new Lines(new ByteArrayInputStream(bytes("a\nb\nc\nd\ne\nf\ng")), 10), 3);
        for (List<ByteBuffer> batch = source.next(); !batch.isEmpty(); batch = source.next()) {
            batches.add(batch.stream()
                    .map(record -> StandardCharsets.ISO_8859_1.decode(record).toString())
                    .toList());
        }
        assertThat(batches).containsExactly(List.of("a", "b", "c"), List.of("d", "e", "f"), List.of("g"));
        append("a\nb\nc\nd\ne\n", "--batch", 2);
        assertThat(cat()).isEqualTo("a\nb\nc\nd\ne\n");
    }

    @Test
    void removalsPrintTheRemainingIds() {
        append("a\nb\nc\nd\ne\n");
        assertThat(Tool.run("truncate", log(), "--last-to-keep", 4).outText())
                .isEqualTo("first id: 1\nlast id: 4\nnext id: 5\nremoved records: 1\n");
        assertThat(Tool.run("trim", log(), "--up-to", 2, "--json").outText())
                .isEqualTo("{\"firstId\":3,\"lastId\":4,\"nextId\":5,\"removedRecords\":2}\n");
        assertThat(cat("--ids")).isEqualTo("3\tc\n4\td\n");
        assertThat(Tool.run("reset", log(), "--next-id", 100).outText())
                .isEqualTo("first id: none\nlast id: none\nnext id: 100\nremoved records: 2\n");
        Tool.Result wrong = Tool.run(bytes("x\n"), "append", log(), "--first-id", 99);
        assertThat(wrong.exitCode()).isEqualTo(2);
        assertThat(wrong.err())
                .startsWith("holdfast: ")
                .doesNotContain("internal")
                .hasLineCount(1);
        append("x\n", "--first-id", 100);
        assertThat(Tool.run(bytes(""), "append", log(), "--json").outText())
                .matches("\\{\"records\":0,\"bytes\":0,\"firstId\":null,\"lastId\":null,\"nanos\":[0-9]+}\n");
    }

    private Tool.Result append(String input, Object... options) {
        Object[] arguments = new Object[options.length + 2];
        arguments[0] = "append";
        arguments[1] = log();
        System.arraycopy(options, 0, arguments, 2, options.length);
        Tool.Result result = Tool.run(bytes(input), arguments);
        assertFine(result);
        return result;
    }

    private String cat(Object... options) {
        Object[] arguments = new Object[options.length + 2];
        arguments[0] = "cat";
        arguments[1] = log();
        System.arraycopy(options, 0, arguments, 2, options.length);
        Tool.Result result = Tool.run(arguments);
        assertFine(result);
        return result.outText();
    }

    private static void assertFine(Tool.Result result) {
        assertThat(result.exitCode()).as(result.err()).isZero();
    }

    private Path log() {
        return parent.resolve("log");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
