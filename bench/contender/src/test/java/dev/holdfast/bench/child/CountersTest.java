package dev.holdfast.bench.child;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class CountersTest {
    @Test
    void bytesThatWereCancelledAreNoOtherFigure() {
        List<String> io = List.of("wchar: 5", "write_bytes: 4096", "cancelled_write_bytes: 100");

        assertThat(ProcessCounters.sumOf(io, "write_bytes:")).isEqualTo(4096);
    }

    @Test
    void switchesOfBothKindsAreCounted() {
        List<String> status = List.of("Threads:\t9", "voluntary_ctxt_switches:\t40", "nonvoluntary_ctxt_switches:\t2");

        assertThat(ProcessCounters.sumOf(status, "ctxt_switches:")).isEqualTo(42);
    }
}
