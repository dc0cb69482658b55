package dev.holdfast.bench.raft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.jraft.CopyLog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A group goes from RocksDB to Holdfast and back, one node after the other, while it takes writes. */
class SwitchTest {
    private static final int WRITES = 200;

    @TempDir
    Path parent;

    @Test
    @Timeout(value = 4, unit = TimeUnit.MINUTES)
    void groupIsSwitchedAndBackNodeByNode() throws Exception {
        int written = 0;
        try (Group group = new Group(parent, StorageKind.ROCKSDB)) {
            written = write(group, written);
            for (StorageKind to : new StorageKind[] {StorageKind.HOLDFAST, StorageKind.ROCKSDB}) {
                for (int i = 0; i < 3; i++) {
                    group.stop(i);
                    Path log = group.node(i).resolve("log");
                    Path old = parent.resolve("old-" + to + i);
                    Files.move(log, old);
                    CopyLog.copy(old, log);
                    assertThat(Files.isDirectory(log.resolve("entries"))).isEqualTo(to == StorageKind.HOLDFAST);
                    group.restart(i, to);
                    written = write(group, written);
                }
            }
            awaitTheSameState(group, written);
        }
    }

    private static int write(Group group, int written) throws InterruptedException {
        for (int i = 0; i < WRITES; i++) {
            group.insist(("write " + (written + i)).getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
        return written + WRITES;
    }

    private static void awaitTheSameState(Group group, int written) throws Exception {
        while (true) {
            String first = group.members().get(0).state();
            // A write that was not acknowledged may have happened and is made again: there may be more.
            if (Long.parseLong(first.split(" ")[1]) >= written
                    && first.equals(group.members().get(1).state())
                    && first.equals(group.members().get(2).state())) {
                return;
            }
            Thread.onSpinWait();
        }
    }
}
