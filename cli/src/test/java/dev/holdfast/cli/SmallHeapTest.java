package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.file.FileLog;
import dev.holdfast.wal.file.FileLogOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tool reads and writes a log that is much larger than its heap. */
class SmallHeapTest {
    private static final int RECORDS = 128;
    private static final int RECORD_BYTES = LogRecord.MAX_DATA_BYTES;
    private static final int LINE_BYTES = 1 << 10;
    private static final String HEAP = "-Xmx16m";

    /** Includes the records in flight. */
    private static final String HEAP_OF_A_WRITER = "-Xmx64m";

    @TempDir
    private Path parent;

    @Test
    void logIsReadInAHeapOfAnEighthOfItsSize() throws IOException, InterruptedException {
        Path path = parent.resolve("log");
        FileLogOptions options = FileLogOptions.builder().segmentBytes(16 << 20).build();
        try (FileLog log = FileLog.open(path, options)) {
            for (int i = 0; i < RECORDS; i++) {
                byte[] data = new byte[RECORD_BYTES];
                data[0] = (byte) i;
                log.append(data);
            }
        }
        for (List<Object> command : List.of(
                List.<Object>of("verify", path),
                List.<Object>of("copy", path, parent.resolve("copy"), "--no-links"),
                List.<Object>of("cat", path, "--from", RECORDS - 1, "--format", "hex"),
                List.<Object>of("info", path, "--segments"),
                List.<Object>of("truncate", path, "--last-to-keep", RECORDS - 1),
                List.<Object>of("trim", path, "--up-to", RECORDS / 2))) {
            assertFine(HEAP, new byte[0], command);
        }
    }

    @Test
    void logIsWrittenInAHeapOfHalfItsSize() throws IOException, InterruptedException {
        Path path = parent.resolve("log");
        byte[] lines = new byte[RECORDS * RECORD_BYTES];
        Arrays.fill(lines, (byte) 'x');
        for (int end = LINE_BYTES; end <= lines.length; end += LINE_BYTES) {
            lines[end - 1] = '\n';
        }
        assertFine(HEAP_OF_A_WRITER, lines, List.of("append", path));
        assertThat(Tool.run("info", path).outText()).contains("records: " + lines.length / LINE_BYTES + "\n");
    }

    private static void assertFine(String heap, byte[] input, List<Object> command)
            throws IOException, InterruptedException {
        List<String> words = Tool.command(List.of(heap), command.toArray());
        Tool.Result result = Tool.finish(new ProcessBuilder(words).start(), input);
        assertThat(result.exitCode()).as(command + ": " + result.err()).isZero();
    }
}
