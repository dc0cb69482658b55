package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.file.FileLog;
import dev.holdfast.wal.file.FileLogOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log is read in a heap that has room for a small part of it. */
class SmallHeapTest {
    private static final int RECORDS = 128;
    private static final int RECORD_BYTES = 1 << 20;
    private static final List<String> HEAP = List.of("-Xmx16m");

    @TempDir
    private Path parent;

    @Test
    void aLogIsReadInAHeapOfAnEighthOfItsSize() throws IOException, InterruptedException {
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
                List.<Object>of("cat", path, "--from", RECORDS - 1, "--format", "hex"))) {
            List<String> words = Tool.command(HEAP, command.toArray());
            Tool.Result result = Tool.finish(new ProcessBuilder(words).start(), new byte[0]);
            assertThat(result.exitCode()).as(result.err()).isZero();
        }
    }
}
