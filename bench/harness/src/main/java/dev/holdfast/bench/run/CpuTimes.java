package dev.holdfast.bench.run;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * CPU time of the machine so far, in clock ticks of the kernel. The time of kernel threads, which work for the disk,
 * counts neither as ours nor as foreign.
 *
 * @param busy of all processes
 * @param stolen by other virtual machines
 * @param ours of the processes that belong to the measurement, and of their children that have ended
 * @param kernel of kernel threads
 */
record CpuTimes(long nanoTime, long busy, long stolen, long ours, long kernel) {
    private static final double TICKS_PER_SECOND = 100;
    private static final Path PROC = Path.of("/proc");
    private static final String KERNEL_THREAD_PARENT = "2";

    /**
     * Index of a field in {@code /proc/PID/stat}, counted after the name. The name is skipped because it may contain
     * any character.
     */
    private static final int PARENT = 1;

    private static final int USER_TIME = 11;
    private static final int SYSTEM_TIME = 12;
    private static final int CHILDREN_USER_TIME = 13;
    private static final int CHILDREN_SYSTEM_TIME = 14;

    static CpuTimes now(Set<Long> ourProcesses) throws IOException {
        long ours = 0;
        long kernel = 0;
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                Optional<String[]> fields = fieldsOf(process);
                if (fields.isEmpty()) {
                    continue;
                }
                long pid = Long.parseLong(String.valueOf(process.getFileName()));
                if (ourProcesses.contains(pid)) {
                    ours += ticks(fields.get()) + ticksOfChildren(fields.get());
                } else if (fields.get()[PARENT].equals(KERNEL_THREAD_PARENT)) {
                    kernel += ticks(fields.get());
                }
            }
        }
        List<String> stat = Files.readAllLines(PROC.resolve("stat"));
        return new CpuTimes(System.nanoTime(), busy(stat.get(0)), stolen(stat.get(0)), ours, kernel);
    }

    private static Optional<String[]> fieldsOf(Path process) {
        try {
            return Optional.of(fields(Files.readString(process.resolve("stat"))));
        } catch (IOException e) {
            return Optional.empty(); // The process has ended.
        }
    }

    static String[] fields(String stat) {
        return stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    }

    static long ticks(String[] fields) {
        return Long.parseLong(fields[USER_TIME]) + Long.parseLong(fields[SYSTEM_TIME]);
    }

    /** Returns the time of the processes that a process has started and waited for. */
    static long ticksOfChildren(String[] fields) {
        return Long.parseLong(fields[CHILDREN_USER_TIME]) + Long.parseLong(fields[CHILDREN_SYSTEM_TIME]);
    }

    /**
     * Returns user, nice and system time. The time of waiting for a disk and of serving interrupts belongs to no
     * process.
     */
    static long busy(String cpuLine) {
        String[] fields = cpuLine.split(" +", -1);
        return Long.parseLong(fields[1]) + Long.parseLong(fields[2]) + Long.parseLong(fields[3]);
    }

    static long stolen(String cpuLine) {
        return Long.parseLong(cpuLine.split(" +", -1)[8]);
    }

    /** Returns the load between these times and later ones. */
    Load until(CpuTimes later) {
        double seconds = (later.nanoTime - nanoTime) / 1e9;
        long foreign = (later.busy - busy) - (later.ours - ours) - (later.kernel - kernel);
        return new Load(
                Math.max(0, foreign) / TICKS_PER_SECOND / seconds,
                (later.stolen - stolen) / TICKS_PER_SECOND / seconds);
    }
}
