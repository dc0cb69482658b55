package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.file.FileLog;
import dev.holdfast.wal.store.LogStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies into a store that are stopped by a signal or killed. */
class InterruptedStoreCopyTest {
    private static final int MEBIBYTES = 256;

    @TempDir
    private Path parent;

    private Path store;
    private Path log;

    @BeforeEach
    void create() throws IOException {
        store = SampleStore.at(parent.resolve("store"));
        log = parent.resolve("log");
        try (FileLog large = FileLog.open(log)) {
            List<ByteBuffer> batch = Collections.nCopies(16, ByteBuffer.allocate(1 << 16));
            for (int i = 0; i < MEBIBYTES; i++) {
                large.appendAll(batch);
            }
        }
    }

    @Test
    void copyIntoAStoreStoppedByASignalLeavesNoLog() throws IOException, InterruptedException {
        Process copy = interrupted(running -> Tool.signal(running, "INT"));
        assertThat(copy.waitFor()).isEqualTo(130);
        assertThat(new String(copy.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEmpty();
        try (LogStore open = LogStore.open(store)) {
            assertThat(open.names()).containsExactly("empty", "orders", "payments");
        }
    }

    @Test
    void killedCopyIntoAStoreIsReportedAndStartsAgain() throws IOException, InterruptedException {
        Process copy = interrupted(Process::destroyForcibly);
        assertThat(copy.waitFor()).isEqualTo(137);
        assertThat(Tool.run("info", store + "#copy").outText()).contains("unfinished copy: yes\n");
        Tool.Result again = Tool.run("copy", log, store + "#copy");
        assertThat(again.exitCode()).as(again.err()).isZero();
        assertThat(again.outText()).contains("copied records: " + 16 * MEBIBYTES + "\n");
        assertThat(Tool.run("info", store + "#copy").outText())
                .contains("first id: 1\n", "records: " + 16 * MEBIBYTES + "\n", "unfinished copy: no\n");
        assertThat(Tool.run("cat", store + "#orders").outText()).isEqualTo("one\ntwo\nthree\n");
    }

    private interface Interruption {
        void of(Process copy) throws IOException, InterruptedException;
    }

    /** Interrupts a copy after it has filled a segment and before its end. If the copy ends before, makes another. */
    private Process interrupted(Interruption interruption) throws IOException, InterruptedException {
        while (true) {
            Process copy = started();
            interruption.of(copy);
            if (copy.waitFor() != 0) {
                return copy;
            }
            try (LogStore open = LogStore.open(store)) {
                open.delete("copy");
            }
        }
    }

    private Process started() throws IOException, InterruptedException {
        try (WatchService watch = FileSystems.getDefault().newWatchService()) {
            store.resolve("shared").register(watch, StandardWatchEventKinds.ENTRY_CREATE);
            Process copy = Tool.start("copy", log, store + "#copy");
            for (int segments = 0; segments < 2; ) {
                WatchKey key = watch.take();
                for (WatchEvent<?> event : key.pollEvents()) {
                    segments += String.valueOf(event.context()).endsWith(".seg") ? 1 : 0;
                }
                key.reset();
            }
            return copy;
        }
    }
}
