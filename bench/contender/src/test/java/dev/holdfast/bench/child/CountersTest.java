package dev.holdfast.bench.child;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CountersTest {
    @Test
    void deviceHasTheNameThatTheKernelUses() {
        assertThat(Device.name(0xfe00)).isEqualTo("254:0");
        assertThat(Device.name(0x10_0103)).isEqualTo("1:259");
        assertThat(Device.name(0x1234_5000_0000_00ffL & 0xffff_f000_0000_00ffL)).isEqualTo((0x1234_5000L) + ":255");
    }

    @Test
    void deviceCountsWhatIsSynced(@TempDir Path directory) throws IOException {
        Optional<Device> device = Device.below(directory);
        assumeThat(device).as("a device that counts").isPresent();
        long before = device.get().writtenBytes();
        try (FileChannel file = FileChannel.open(directory.resolve("file"), CREATE, WRITE)) {
            file.write(ByteBuffer.allocate(1 << 20));
            file.force(true);
        }
        assertThat(device.get().writtenBytes() - before).isGreaterThanOrEqualTo(1 << 20);
    }

    @Test
    void voluntaryAndInvoluntarySwitchesAreCounted() {
        List<String> status = List.of("Threads:\t9", "voluntary_ctxt_switches:\t40", "nonvoluntary_ctxt_switches:\t2");

        assertThat(ProcessCounters.sumOf(status, "ctxt_switches:")).isEqualTo(42);
    }
}
