package dev.holdfast.jraft.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeProcessTest {
    @TempDir
    Path parent;

    @Test
    void processOfAClosedNodeHasEnded() throws Exception {
        String self = Tour.freePeers(1).get(0);
        NodeProcess node = NodeProcess.start(parent.resolve("node"), self, self);
        node.close();
        assertThat(ProcessHandle.of(node.pid()).filter(ProcessHandle::isAlive)).isEmpty();
        node.close();
    }
}
