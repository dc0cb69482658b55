package dev.holdfast.bench.raft;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

class GroupTest {
    @Test
    @Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
    void waitForASilentNodeEnds() throws Exception {
        Process silent = new ProcessBuilder("tail", "-f", "/dev/null").start();
        try {
            Group.Member member = new Group.Member(silent);
            Thread.currentThread().interrupt();
            assertThatThrownBy(member::state).isInstanceOf(InterruptedException.class);
        } finally {
            silent.destroyForcibly();
        }
    }

    @Test
    @Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
    void endOfANodeIsReported() throws Exception {
        Process ended = new ProcessBuilder("true").start();
        ended.waitFor();
        Group.Member member = new Group.Member(ended);
        assertThatThrownBy(member::state)
                .hasMessageContaining("expected the answer 'state'")
                .hasMessageContaining("but it ended");
    }
}
