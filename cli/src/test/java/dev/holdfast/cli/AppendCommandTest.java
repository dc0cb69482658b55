package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.LogRecord;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AppendCommandTest {
    private static final int MAX_LINE_BYTES = LogRecord.MAX_DATA_BYTES;

    @TempDir
    private Path parent;

    @Test
    void eachLineBecomesOneRecord() {
        assertThat(append("one\ntwo\nthree\n")).isEqualTo("one\ntwo\nthree\n");
    }

    @Test
    void missingLastLineFeedIsNotAppendedAndCatPrintsOne() {
        assertThat(append("one\ntwo")).isEqualTo("one\ntwo\n");
    }

    @Test
    void carriageReturnsArePartOfTheRecord() {
        assertThat(append("one\r\ntwo\r\r\n\r")).isEqualTo("one\r\ntwo\r\r\n\r\n");
    }

    @Test
    void zeroBytesArePartOfTheRecord() {
        assertThat(append("\0\0\na\0b\n")).isEqualTo("\0\0\na\0b\n");
    }

    @Test
    void emptyLinesAreEmptyRecords() {
        assertThat(append("\n\na\n\n")).isEqualTo("\n\na\n\n");
        assertThat(info()).contains("records: 4\n");
    }

    @Test
    void bytesThatAreNoUtf8StayAsTheyAre() {
        String invalid = "\u00ff\u00fe\n\u00c3\n\u0080\u0080\n\u00ed\u00a0\u0080\n";
        assertThat(append(invalid)).isEqualTo(invalid);
    }

    @Test
    void emptyInputAppendsNothing() {
        Tool.Result result = Tool.run(new byte[0], "append", log());
        assertThat(result.exitCode()).isZero();
        assertThat(result.err()).matches("0 records, 0 bytes, \\d+\\.\\d{3} s \\(0 records/s, 0\\.0 MB/s\\)\n");
        assertThat(info()).contains("records: 0\n", "first id: none\n");
    }

    @Test
    void summaryIsOneLineOnStandardError() {
        append("x\n");
        Tool.Result result = Tool.run(bytes("one\ntwo\n"), "append", log());
        assertThat(result.out()).isEmpty();
        assertThat(result.err())
                .matches("2 records, 6 bytes, \\d+\\.\\d{3} s, ids 2\\.\\.3 \\(\\d+ records/s, \\d+\\.\\d MB/s\\)\n");
    }

    @Test
    void lineOfExactlyOneMebibyteIsAppended() {
        String longest = "x".repeat(MAX_LINE_BYTES);
        assertThat(append("a\n" + longest + "\nb\n")).isEqualTo("a\n" + longest + "\nb\n");
    }

    @Test
    void lineOverOneMebibyteIsReportedAndEndsTheAppending() {
        String tooLong = "x".repeat(MAX_LINE_BYTES + 1);
        Tool.Result result = Tool.run(bytes("a\nb\n" + tooLong + "\nc\n"), "append", log());
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err())
                .isEqualTo("holdfast: line 3 is longer than a record may be: the limit is 1048576 bytes;"
                        + " the 2 lines before it were appended, ids 1..2\n");
        assertThat(cat()).isEqualTo("a\nb\n");
    }

    @Test
    void firstLineOverOneMebibyteLeavesTheLogEmpty() {
        Tool.Result result = Tool.run(bytes("x".repeat(3 * MAX_LINE_BYTES)), "append", log());
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err())
                .isEqualTo(
                        "holdfast: line 1 is longer than a record may be: the limit is 1048576 bytes; no line was appended\n");
        assertThat(cat()).isEmpty();
    }

    @Test
    void recordsBeforeAnInputErrorAreAppended() {
        InputStream failing = new InputStream() {
            private boolean read;

            @Override
            public int read() throws IOException {
                throw new IOException("not used");
            }

            @Override
            public int read(byte[] into, int from, int length) throws IOException {
                if (read) {
                    throw new IOException("the cable\nis broken");
                }
                read = true;
                System.arraycopy(bytes("a\nb\nc"), 0, into, from, 5);
                return 5;
            }
        };
        Tool.Result result = Tool.run(failing, "append", log());
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err())
                .isEqualTo("holdfast: the cable is broken; the 2 lines before it were appended, ids 1..2\n");
        assertThat(cat()).isEqualTo("a\nb\n");
    }

    @Test
    void idsArePrintedOnePerLine() {
        Tool.Result result = Tool.run(bytes("a\nb\nc"), "append", log(), "--print-ids");
        assertThat(result.outText()).isEqualTo("1\n2\n3\n");
        assertThat(result.err()).startsWith("3 records, 3 bytes, ").contains(" s, ids 1..3 (");
    }

    @Test
    void printedIdIsAcknowledgedAndNeedsNoFurtherInput() throws IOException, InterruptedException {
        Process process = Tool.start("append", log(), "--print-ids");
        try (OutputStream in = process.getOutputStream();
                BufferedReader out = new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
            for (int id = 1; id <= 3; id++) {
                in.write(bytes("line " + id + "\n"));
                in.flush();
                assertThat(out.readLine()).isEqualTo(Integer.toString(id));
            }
            process.toHandle().destroyForcibly(); // only acknowledged records are left: that must be all of them
            process.waitFor();
        }
        assertThat(cat()).isEqualTo("line 1\nline 2\nline 3\n");
    }

    @Test
    void appendingContinuesAfterTheReaderOfTheIdsIsGone() {
        OutputStream closed = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        Tool.Result result =
                Tool.runWith(new ByteArrayInputStream(bytes("a\nb\n")), closed, false, "append", log(), "--print-ids");
        assertThat(result.exitCode()).isZero();
        assertThat(cat()).isEqualTo("a\nb\n");
    }

    @Test
    void progressIsDrawnOnlyOnATerminal() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PipedOutputStream feed = new PipedOutputStream();
        PipedInputStream input = new PipedInputStream(feed);
        feed.write(bytes("a\nb\n"));
        feed.close();
        Tool.Result onTerminal = Tool.runWith(input, out, true, "append", log());
        assertThat(onTerminal.err()).contains("append", "2/? records", "2 records, 2 bytes");
        assertThat(out.size()).isZero();

        Tool.Result elsewhere = Tool.run(bytes("a\nb\n"), "append", log());
        assertThat(elsewhere.err()).hasLineCount(1);
    }

    @Test
    void directoryIsCreatedWithItsParents() {
        Path deep = parent.resolve("a").resolve("b").resolve("c");
        assertThat(Tool.run(bytes("x\n"), "append", deep).exitCode()).isZero();
        assertThat(Files.isDirectory(deep)).isTrue();
    }

    private String append(String input) {
        Tool.Result result = Tool.run(bytes(input), "append", log());
        assertThat(result.exitCode()).as(result.err()).isZero();
        return cat();
    }

    private String cat() {
        Tool.Result result = Tool.run("cat", log());
        assertThat(result.exitCode()).as(result.err()).isZero();
        return result.outText();
    }

    private String info() {
        return Tool.run("info", log()).outText();
    }

    private Path log() {
        return parent.resolve("log");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
