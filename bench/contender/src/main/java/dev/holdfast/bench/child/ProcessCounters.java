package dev.holdfast.bench.child;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Resources that this process has used so far.
 *
 * @param switches context switches of the threads that are alive
 */
record ProcessCounters(long cpuNanos, long switches) {
    private static final Path TASKS = Path.of("/proc/self/task");

    static ProcessCounters now() {
        com.sun.management.OperatingSystemMXBean system =
                ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class);
        return new ProcessCounters(system.getProcessCpuTime(), currentSwitches());
    }

    static long openFiles() {
        return ManagementFactory.getPlatformMXBean(UnixOperatingSystemMXBean.class)
                .getOpenFileDescriptorCount();
    }

    private static long currentSwitches() {
        long switches = 0;
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(TASKS)) {
            for (Path task : tasks) {
                switches += switches(task);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return switches;
    }

    private static long switches(Path task) throws IOException {
        try {
            return sumOf(Files.readAllLines(task.resolve("status")), "ctxt_switches:");
        } catch (NoSuchFileException e) {
            return 0; // The thread has ended.
        } catch (IOException e) {
            // If a thread ends between opening and reading, Linux reports "no such process", for which Java has no
            // exception.
            return 0;
        }
    }

    static long sumOf(List<String> lines, String name) {
        return lines.stream()
                .filter(line -> line.contains(name))
                .mapToLong(line ->
                        Long.parseLong(line.substring(line.indexOf(':') + 1).strip()))
                .sum();
    }

    void putSince(ProcessCounters before, long records, Map<Figure, Double> figures) {
        if (records > 0) {
            figures.put(Figure.CPU_NANOS_PER_RECORD, (double) (cpuNanos - before.cpuNanos) / records);
            figures.put(Figure.SWITCHES_PER_RECORD, (double) (switches - before.switches) / records);
        }
    }
}
