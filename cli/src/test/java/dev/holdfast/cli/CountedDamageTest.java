package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.file.FileLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damage is counted exactly: every unreadable record counts, and no readable one does. */
class CountedDamageTest {
    private static final int BATCHES = 20;
    private static final int RECORDS_EACH = 10_000;

    @TempDir
    private Path log;

    private static byte[] record(int number) {
        return String.format("record %06d", number).getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void oneFlippedByteOf200000RecordsIsOneRecord() throws IOException {
        try (FileLog writer = FileLog.open(log)) {
            for (int batch = 0; batch < BATCHES; batch++) {
                List<ByteBuffer> records = new ArrayList<>();
                for (int i = 1; i <= RECORDS_EACH; i++) {
                    records.add(ByteBuffer.wrap(record(batch * RECORDS_EACH + i)));
                }
                writer.appendAll(records);
            }
        }
        flipIn("record 102223");
        Tool.Result verified = Tool.run("verify", log);
        assertThat(verified.exitCode()).isEqualTo(ExitCodes.DAMAGE);
        assertThat(verified.outText())
                .contains("Record 102223 had been stored and can no longer be read. ")
                .contains("records at risk: 102223 to 102223\n", "damaged places: 1\n");
        assertThat(Tool.run("cat", log, "--from", 102_224, "--limit", 1).outText())
                .isEqualTo("record 102224\n");
        Tool.Result damaged = Tool.run("cat", log, "--from", 102_223, "--limit", 1);
        assertThat(damaged.exitCode()).isEqualTo(ExitCodes.DAMAGE);
        assertThat(damaged.err()).contains("record 102223 may be lost");
    }

    private void flipIn(String wanted) throws IOException {
        try (Stream<Path> files = Files.list(log)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".seg")).toList()) {
                byte[] bytes = Files.readAllBytes(file);
                int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(wanted);
                if (at >= 0) {
                    bytes[at] ^= 1;
                    Files.write(file, bytes);
                    return;
                }
            }
        }
        throw new AssertionError(wanted + " is nowhere");
    }
}
