package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.file.FileLog;
import dev.holdfast.wal.store.LogStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies logs into a store, and out of it. */
class StoreCopyTest {
    private static final int RECORDS = 10_000;

    @TempDir
    private Path parent;

    private Path store;

    @BeforeEach
    void create() throws IOException {
        store = SampleStore.at(parent.resolve("store"));
    }

    @Test
    void copyIntoAStoreAndBackHasEqualRecords() throws IOException {
        long seed = Long.getLong("holdfast.seed", new SplittableRandom().nextLong());
        System.out.println("StoreCopyTest: rerun with -Dholdfast.seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        Path original = parent.resolve("original");
        try (FileLog log = FileLog.open(original)) {
            log.reset(1 + random.nextInt(1000));
            List<ByteBuffer> batch = new ArrayList<>();
            for (int i = 0; i < RECORDS; i++) {
                byte[] record = new byte[i == RECORDS / 2 ? LogRecord.MAX_DATA_BYTES : random.nextInt(300)];
                random.nextBytes(record);
                batch.add(ByteBuffer.wrap(record));
            }
            log.appendAll(batch.subList(0, RECORDS / 2));
            for (ByteBuffer record : batch.subList(RECORDS / 2, RECORDS)) {
                log.appendAsync(record);
            }
            log.sync();
            log.trim(log.firstId().orElseThrow() + random.nextInt(RECORDS / 4));
        }
        assertThat(copied(original, store + "#copy")).contains("name: copy\n");
        assertThat(copied(store + "#copy", parent.resolve("back")))
                .startsWith("path: " + parent.resolve("back").toRealPath() + "\n");

        List<LogRecord> expected = records(original);
        assertThat(expected).hasSizeGreaterThan(RECORDS / 2);
        assertThat(records(parent.resolve("back"))).isEqualTo(expected);
        try (LogStore open = LogStore.open(store);
                Log copy = open.log("copy")) {
            assertThat(records(copy)).isEqualTo(expected);
            assertThat(copy.nextId())
                    .isEqualTo(expected.get(expected.size() - 1).id() + 1);
        }
        assertThat(Tool.run("verify", parent.resolve("back")).exitCode()).isZero();
        assertThat(Tool.run("info", parent.resolve("back")).outText()).contains("ended: closed\n");
    }

    @Test
    void emptyLogKeepsItsNextIdInACopy() {
        Path original = parent.resolve("original");
        assertThat(Tool.run(SampleStore.bytes("x\n"), "append", original).exitCode())
                .isZero();
        assertThat(Tool.run("reset", original, "--next-id", 77).exitCode()).isZero();
        copied(original, store + "#copy");
        assertThat(Tool.run("info", store + "#copy").outText()).contains("last id: none\nnext id: 77\n");
        copied(store + "#copy", parent.resolve("back"));
        assertThat(Tool.run("info", parent.resolve("back")).outText()).contains("last id: none\nnext id: 77\n");
    }

    @Test
    void copyIntoAnEmptyDirectoryCreatesAStore() throws IOException {
        Path empty = Files.createDirectory(parent.resolve("new"));
        copied(appended("original", "a\nb\n"), empty + "#first");
        assertThat(Tool.run("cat", empty + "#first", "--ids").outText()).isEqualTo("1\ta\n2\tb\n");
    }

    @Test
    void copyIntoALogOfAStoreThatHasRecordsIsRefused() throws IOException {
        Tool.Result result = Tool.run("copy", appended("original", "a\n"), store + "#orders");
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err())
                .contains("#orders: the store has this log already")
                .hasLineCount(1);
        assertThat(Tool.run("cat", store + "#orders").outText()).isEqualTo("one\ntwo\nthree\n");
        assertThat(copied(appended("other", "a\n"), store + "#empty")).contains("copied records: 1\n");
    }

    @Test
    void failedCopyLeavesNoLogInTheStore() throws IOException {
        Path damaged = DamagedLog.at(parent.resolve("damaged"));
        for (String name : List.of("copy", "empty")) {
            assertThat(Tool.run("copy", damaged, store + "#" + name).exitCode()).isEqualTo(1);
        }
        try (LogStore open = LogStore.open(store)) {
            assertThat(open.names()).containsExactly("empty", "orders", "payments");
            assertThat(open.log("empty").lastId()).isEmpty();
            assertThat(UnfinishedCopy.is(open, open.log("empty"))).isFalse();
        }
    }

    @Test
    void copyThatWasKilledIsReportedAndStartsAgain() throws IOException {
        try (LogStore open = LogStore.open(store);
                Log copy = open.log("copy")) {
            UnfinishedCopy.begin(open, copy);
            copy.append(LogRecord.of(40, SampleStore.bytes("of the killed copy")));
        }
        assertThat(Tool.run("info", store + "#copy").outText()).contains("unfinished copy: yes\n");
        copied(appended("original", "a\nb\n"), store + "#copy");
        assertThat(Tool.run("cat", store + "#copy", "--ids").outText()).isEqualTo("1\ta\n2\tb\n");
        assertThat(Tool.run("info", store + "#copy").outText()).contains("unfinished copy: no\n");
    }

    @Test
    void copyOutOfAStoreIsRefusedWhereADirectoryExistsOrInsideTheStore() throws IOException {
        Path taken = Files.createDirectory(parent.resolve("taken"));
        assertThat(Tool.run("copy", store + "#orders", taken).err()).contains("which must not exist yet");
        assertThat(Tool.run("copy", store + "#orders", store.resolve("inside")).err())
                .contains("is inside the log's directory");
        assertThat(taken).isEmptyDirectory();
        assertThat(store.resolve("inside")).doesNotExist();
        assertThat(parent.resolve("taken.partial")).doesNotExist();
    }

    @Test
    void copyBetweenLogsOfStoresIsRefused() {
        Tool.Result result = Tool.run("copy", store + "#orders", store + "#copy");
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err())
                .contains("Copy " + store + "#orders to a directory first")
                .hasLineCount(1);
    }

    @Test
    void copyOfTheSharedLogOfAnOpenStoreBesideTheFileStoreIsAStore() throws IOException {
        Path copy = Files.createDirectory(parent.resolve("copy"));
        try (LogStore open = LogStore.open(store)) {
            open.log("orders").append(SampleStore.bytes("four"));
            open.log("orders").append(SampleStore.bytes("five"));
            open.log("orders").sync();
            copied(store.resolve("shared"), copy.resolve("shared"));
        }
        Files.copy(store.resolve("STORE"), copy.resolve("STORE"));
        assertThat(Tool.run("cat", copy + "#orders").outText()).startsWith("one\ntwo\nthree\nfour\n");
        assertThat(Tool.run("verify", copy).exitCode()).isZero();
    }

    private Path appended(String name, String lines) {
        Path log = parent.resolve(name);
        assertThat(Tool.run(SampleStore.bytes(lines), "append", log).exitCode()).isZero();
        return log;
    }

    private static String copied(Object from, Object to) {
        Tool.Result result = Tool.run("copy", from, to);
        assertThat(result.exitCode()).as(result.err()).isZero();
        return result.outText();
    }

    private static List<LogRecord> records(Path directory) throws IOException {
        try (FileLog log = FileLog.openReadOnly(directory)) {
            return records(log);
        }
    }

    private static List<LogRecord> records(Log log) throws IOException {
        List<LogRecord> records = new ArrayList<>();
        try (LogCursor cursor = log.cursor(0)) {
            while (cursor.next()) {
                records.add(LogRecord.of(cursor.id(), cursor.data()));
            }
        }
        return records;
    }
}
