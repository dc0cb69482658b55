package dev.holdfast.bench.raft;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Resources that the nodes have used so far, as Linux counts them. The bytes written are those of the disk, by all
 * processes. The kernel's count for a process ({@code write_bytes}) is not used, because it counts the whole page cache
 * folio of each write, which may be 1 MiB.
 */
record Usage(double cpuSeconds, long peakMemoryBytes, long diskBytes) {
    private static final int SECTOR_BYTES = 512;
    private static final int SECTORS_WRITTEN = 9;

    static Usage of(Group group, Path directory) throws IOException {
        double cpu = 0;
        long memory = 0;
        for (Group.Member member : group.members()) {
            cpu += member.handle().info().totalCpuDuration().orElseThrow().toNanos() / 1e9;
            memory += peakMemory(Path.of("/proc", Long.toString(member.pid()), "status"));
        }
        return new Usage(cpu, memory, diskBytes(directory));
    }

    private static long peakMemory(Path status) throws IOException {
        for (String line : Files.readAllLines(status)) {
            if (line.startsWith("VmHWM:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
            }
        }
        throw new IOException(status + " has no VmHWM");
    }

    private static long diskBytes(Path directory) throws IOException {
        // As in sys/sysmacros.h.
        long device = (long) Files.getAttribute(directory, "unix:dev");
        String major = Long.toString((device >>> 8) & 0xfff);
        String minor = Long.toString((device & 0xff) | ((device >>> 12) & 0xfff00));
        for (String line : Files.readAllLines(Path.of("/proc/diskstats"))) {
            String[] fields = line.trim().split(" +", -1);
            if (fields[0].equals(major) && fields[1].equals(minor)) {
                return Long.parseLong(fields[SECTORS_WRITTEN]) * SECTOR_BYTES;
            }
        }
        throw new IOException(directory + " is on device " + major + ":" + minor + ", which is not in /proc/diskstats");
    }
}
