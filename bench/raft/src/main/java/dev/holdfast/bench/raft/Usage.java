package dev.holdfast.bench.raft;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a process has used so far, as Linux counts it. */
record Usage(double cpuSeconds, long writtenBytes, long peakMemoryBytes) {
    static Usage of(Group.Member member) throws IOException {
        Path proc = Path.of("/proc", Long.toString(member.pid()));
        double cpu = member.handle().info().totalCpuDuration().orElseThrow().toNanos() / 1e9;
        return new Usage(
                cpu, field(proc.resolve("io"), "write_bytes:"), field(proc.resolve("status"), "VmHWM:") * 1024);
    }

    private static long field(Path file, String name) throws IOException {
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith(name)) {
                return Long.parseLong(line.substring(name.length()).replaceAll("[^0-9]", ""));
            }
        }
        throw new IOException(file + " has no " + name);
    }

    Usage plus(Usage other) {
        return new Usage(
                cpuSeconds + other.cpuSeconds,
                writtenBytes + other.writtenBytes,
                peakMemoryBytes + other.peakMemoryBytes);
    }

    static Usage ofAll(Group group) throws IOException {
        Usage sum = new Usage(0, 0, 0);
        for (Group.Member member : group.members()) {
            sum = sum.plus(of(member));
        }
        return sum;
    }
}
