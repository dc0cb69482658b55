package dev.holdfast.bench.raft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.jraft.CopyLog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;

/** Moves a group from RocksDB to Holdfast and back, one node after the other, while it takes writes. */
class SwitchTest {
    private static final int WRITES = 200;
    private static final int PATIENCE_SECONDS = 60;

    @TempDir
    Path parent;

    @Test
    @Timeout(value = 4, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
    void groupMovesToHoldfastAndBackNodeByNode() throws Exception {
        int written = 0;
        // When the time is up, this thread is interrupted. Each wait in this method then ends, and the group is
        // closed.
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
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        List<String> states;
        do {
            states = new ArrayList<>();
            for (Group.Member member : group.members()) {
                states.add(member.state());
            }
            assertThat(System.nanoTime())
                    .as("the nodes do not agree on " + written + " writes: " + states)
                    .isLessThan(deadline);
            // A write without an acknowledgement may have been applied and is repeated, so the nodes may have more
            // writes.
        } while (states.stream().distinct().count() > 1
                || Long.parseLong(states.get(0).split(" ")[1]) < written);
    }
}
