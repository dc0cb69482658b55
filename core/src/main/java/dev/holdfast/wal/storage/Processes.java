package dev.holdfast.wal.storage;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * What tells processes and machines apart, as far as the platform says. Reads a few small system files; asks no
 * network.
 */
final class Processes {
    private static final int MOST_BYTES = 4096;

    private Processes() {}

    /**
     * When a running process began: equal for one process however often it is asked for, different for a later one with
     * the same number. Empty: there is no such process, or it has ended and its parent has not noticed yet, or it is
     * just ending.
     */
    static Optional<String> startOf(long pid) {
        // Counted from the machine's start, unlike the JDK's instants, which move when the clock is set.
        Optional<String> stat = text("/proc/" + pid + "/stat");
        if (stat.isPresent()) return startOf(stat.get());
        return ProcessHandle.of(pid)
                .filter(ProcessHandle::isAlive)
                .map(process ->
                        process.info().startInstant().map(Instant::toString).orElse("unknown"));
    }

    /**
     * Reads {@code /proc/<pid>/stat}: the number, the program in brackets (any characters), the state, 18 numbers, the
     * start, the bytes of memory. An ending process loses its memory first and its locks later, so one whose locks are
     * gone is not taken for running.
     */
    static Optional<String> startOf(String stat) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", -1);
        if (fields.length < 21 || fields[0].equals("Z") || fields[0].equals("X") || fields[20].equals("0")) {
            return Optional.empty();
        }
        return Optional.of("tick-" + fields[19]);
    }

    /** What tells this machine, from its start to its end, from all others. */
    static String machine() {
        return text("/proc/sys/kernel/random/boot_id").orElseGet(() -> "host-" + host());
    }

    /** Within which numbers of processes mean something; containers on one machine have one each. */
    static String namespace() {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString();
        } catch (IOException | UnsupportedOperationException e) {
            return "the-only-one";
        }
    }

    /** The machine's name for people. */
    static String host() {
        return text("/proc/sys/kernel/hostname")
                .or(() -> Optional.ofNullable(System.getenv("COMPUTERNAME")))
                .or(() -> Optional.ofNullable(System.getenv("HOSTNAME")))
                .orElse("an-unnamed-host");
    }

    // Not Files.readString: in general a channel, which an interrupt would close.
    private static Optional<String> text(String file) {
        try (FileInputStream in = new FileInputStream(file)) {
            String text = new String(in.readNBytes(MOST_BYTES), StandardCharsets.UTF_8).strip();
            return text.isEmpty() ? Optional.empty() : Optional.of(text);
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
