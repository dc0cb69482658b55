package dev.holdfast.bench.report;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The machine and the run that produced the results.
 *
 * @param facts names and values
 */
public record Machine(Map<String, String> facts) {
    private static final double BYTES_PER_GIB = 1 << 30;

    /**
     * Returns the facts about this machine.
     *
     * @param run a description of the run
     */
    public static Machine here(Path directory, String run) throws IOException {
        com.sun.management.OperatingSystemMXBean system =
                ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class);
        double gib = system.getTotalMemorySize() / BYTES_PER_GIB;
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("Date", LocalDate.now(java.time.ZoneOffset.UTC).toString());
        facts.put("Run", run);
        facts.put("Processor", processor() + ", " + system.getAvailableProcessors() + " cores");
        facts.put("Memory", String.format(Locale.ROOT, "%.0f GiB", gib));
        facts.put("System", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        facts.put("File system", Files.getFileStore(directory).type());
        facts.put("Java", System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"));
        return new Machine(facts);
    }

    private static String processor() {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException e) {
            return System.getProperty("os.arch");
        }
    }
}
