package dev.holdfast.bench.raft;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * Measures both storages in turn, round by round. Prints the median of the rounds with the lowest and the highest
 * value.
 */
final class Main {
    private static final int PAYLOAD_BYTES = 512;
    private static final int[] CLIENTS = {1, 32};

    private Main() {}

    /** Runs the measurement. The arguments are {@code [SECONDS [ROUNDS [DIRECTORY]]]}. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        int seconds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 15;
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 3;
        Path parent = arguments.length > 2 ? Path.of(arguments[2]) : Path.of("bench", "raft", "target");
        for (StorageKind storage : StorageKind.values()) {
            System.out.printf("%-9s jars beside JRaft: %,d bytes%n", storage, jarBytes(storage));
        }
        for (int clients : CLIENTS) {
            Map<StorageKind, List<Measurement>> all = new EnumMap<>(StorageKind.class);
            for (int round = 0; round < rounds; round++) {
                for (StorageKind storage : StorageKind.values()) {
                    Path directory = Files.createTempDirectory(parent, "group");
                    all.computeIfAbsent(storage, key -> new ArrayList<>())
                            .add(Measurement.of(storage, directory, clients, PAYLOAD_BYTES, seconds));
                    delete(directory);
                }
            }
            System.out.printf(
                    "%n%d clients, %d bytes, %d rounds of %d s: median (lowest to highest)%n",
                    clients, PAYLOAD_BYTES, rounds, seconds);
            row("writes/s", all, Measurement::writesPerSecond);
            row("p50 us", all, Measurement::p50Micros);
            row("p99 us", all, Measurement::p99Micros);
            row("CPU us per write, 3 nodes", all, Measurement::cpuMicros);
            row("bytes to disk per write", all, Measurement::writtenBytes);
            row("peak memory MiB, 3 nodes", all, measurement -> measurement.memoryBytes() / (1 << 20));
        }
        System.exit(0);
    }

    private static void row(
            String name, Map<StorageKind, List<Measurement>> all, ToDoubleFunction<Measurement> figure) {
        StringBuilder line = new StringBuilder(String.format("%-31s", name));
        all.forEach((storage, measurements) -> {
            double[] sorted = measurements.stream().mapToDouble(figure).sorted().toArray();
            line.append(String.format(
                    "  %s %,.0f (%,.0f to %,.0f)",
                    storage, sorted[sorted.length / 2], sorted[0], sorted[sorted.length - 1]));
        });
        System.out.println(line);
    }

    private static long jarBytes(StorageKind storage) throws IOException {
        long bytes = 0;
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            String name = Path.of(entry).getFileName().toString();
            boolean counts = storage == StorageKind.ROCKSDB
                    ? name.startsWith("rocksdbjni")
                    : name.startsWith("holdfast-wal") || name.startsWith("holdfast-jraft");
            if (counts) {
                bytes += Files.size(Path.of(entry));
            }
        }
        return bytes;
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
