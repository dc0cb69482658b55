package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.store.LogStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damage of a store is attributed to the log whose records it costs. */
class StoreDamageTest {
    private static final int RECORDS = 50;

    /**
     * Records of 1 MiB that are appended behind the others. After 64 MiB a store writes a checkpoint, and opening it
     * reads no records before the checkpoint.
     */
    private static final int LARGE_RECORDS = 160;

    @TempDir
    private Path parent;

    @Test
    void verifyNamesTheUnreadableRecordsOfEachLogAndReadsAllOthers() throws IOException {
        Path store = store();
        damage(store.resolve("shared"), "record 7 of damaged", "record 8 of damaged", "record 20 of damaged");

        Tool.Result all = Tool.run("verify", store);
        assertThat(all.exitCode()).isEqualTo(1);
        assertThat(all.err())
                .startsWith("holdfast: " + store + ": damage was found in 2 places, the first: ")
                .hasLineCount(1);
        assertThat(all.outText())
                .contains("damage 1: log \"damaged\": records 7 to 8 cannot be read: ")
                .contains("damage 2: log \"damaged\": record 20 cannot be read: ")
                .containsPattern("\ndamaged\t1\t50\t47\t\\d+\t2\n")
                .containsPattern("\nwhole\t1\t50\t50\t\\d+\t0\n");
        assertThat(Tool.run("verify", store, "--json").outText())
                .contains("\"damagedPlaces\":2", "{\"name\":\"damaged\",\"firstIdAtRisk\":7,\"lastIdAtRisk\":8,");

        assertThat(Tool.run("verify", store + "#whole").exitCode()).isZero();
        assertThat(Tool.run("verify", store + "#damaged").outText())
                .contains("read records: 47\n", "damaged places: 2\n");
        assertThat(Tool.run("cat", store + "#whole").outText()).hasLineCount(RECORDS);
    }

    @Test
    void copyOutOfAStoreFailsAtADamagedRecordAndLeavesNothing() throws IOException {
        Path store = store();
        damage(store.resolve("shared"), "record 7 of damaged");
        Tool.Result result = Tool.run("copy", store + "#damaged", parent.resolve("copy"));
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).startsWith("holdfast: ").hasLineCount(1);
        try (Stream<Path> all = Files.list(parent)) {
            assertThat(all).containsExactly(store);
        }
        assertThat(Tool.run("copy", store + "#whole", parent.resolve("copy")).exitCode())
                .isZero();
    }

    @Test
    void damageThatKeepsAStoreFromOpeningIsReportedWithWhatToDo() throws IOException {
        Path store = SampleStore.at(parent.resolve("store"));
        damage(store.resolve("shared"), "three");
        for (String command : List.of("info", "verify")) {
            Tool.Result result = Tool.run(command, store);
            assertThat(result.exitCode()).isEqualTo(1);
            assertThat(result.err())
                    .contains("is the shared log of a store", "restore a copy of the store's whole directory")
                    .hasLineCount(1);
        }
    }

    private Path store() throws IOException {
        Path directory = parent.resolve("store");
        try (LogStore store = LogStore.open(directory)) {
            List<Log> logs = List.of(store.log("damaged"), store.log("whole"));
            for (int id = 1; id <= RECORDS; id++) {
                for (Log log : logs) {
                    log.append(SampleStore.bytes("record " + id + " of " + (log == logs.get(0) ? "damaged" : "whole")));
                }
            }
            for (int i = 0; i < LARGE_RECORDS; i++) {
                store.log("large").append(new byte[LogRecord.MAX_DATA_BYTES]);
            }
        }
        return directory;
    }

    /** Changes one byte of each of these texts in the files of a log. */
    private static void damage(Path directory, String... texts) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(directory)) {
            files = all.filter(path -> path.toString().endsWith(".seg"))
                    .sorted()
                    .toList();
        }
        for (String text : texts) {
            boolean found = false;
            for (int i = 0; i < files.size() && !found; i++) {
                byte[] bytes = Files.readAllBytes(files.get(i));
                int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(text);
                found = at >= 0;
                if (found) {
                    bytes[at] ^= 1;
                    Files.write(files.get(i), bytes);
                }
            }
            assertThat(found).as(text).isTrue();
        }
    }
}
