package dev.holdfast.wal.storage;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Identifies processes and machines, as far as the platform allows, by words of visible ASCII. Reads a few small system
 * files and no network.
 */
final class Processes {
    /** Maximum length of a word in characters. */
    static final int LONGEST_WORD = 60;

    private static final int MOST_BYTES = 4096;

    private Processes() {}

    /**
     * Returns the start of a running process: always the same for one process, different for a later process with the
     * same number. Empty if the process does not exist, is ending, or has ended and was not yet reaped by its parent.
     */
    static Optional<String> startOf(long pid) {
        // In ticks since the machine started. The JDK's instants move when the clock is set.
        Optional<String> stat = text("/proc/" + pid + "/stat");
        if (stat.isPresent()) return startOf(stat.get());
        return ProcessHandle.of(pid)
                .filter(ProcessHandle::isAlive)
                .map(process ->
                        process.info().startInstant().map(Instant::toString).orElse("unknown"));
    }

    /**
     * Parses {@code /proc/<pid>/stat}: the number, the program in brackets (any characters), the state, 18 numbers, the
     * start, the bytes of memory. An ending process loses its memory before its locks, so a process whose locks are
     * gone does not count as running.
     */
    static Optional<String> startOf(String stat) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", -1);
        if (fields.length < 21 || fields[0].equals("Z") || fields[0].equals("X") || fields[20].equals("0")) {
            return Optional.empty();
        }
        return Optional.of("tick-" + fields[19]);
    }

    /** Returns how many files this process may have open; a common default if that is unknown. */
    static int mostOpenFiles() {
        // Linux allows at most 2^31 files.
        Matcher limit = Pattern.compile("Max open files +([0-9]{1,10}) ")
                .matcher(text("/proc/self/limits").orElse(""));
        return limit.find() ? (int) Math.min(Long.parseLong(limit.group(1)), Integer.MAX_VALUE) : 1024;
    }

    /** Returns an identifier of this machine that changes when the machine restarts. */
    static String machine() {
        return word(text("/proc/sys/kernel/random/boot_id").orElseGet(() -> "host-" + host()));
    }

    /** Returns the namespace in which process numbers are unique. Each container of a machine has its own. */
    static String namespace() {
        try {
            return word(Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString());
        } catch (IOException | UnsupportedOperationException e) {
            return "the-only-one";
        }
    }

    static String host() {
        return word(text("/proc/sys/kernel/hostname")
                .or(() -> Optional.ofNullable(System.getenv("COMPUTERNAME")))
                .or(() -> Optional.ofNullable(System.getenv("HOSTNAME")))
                .orElse("an-unnamed-host"));
    }

    /** Shortens a value, and replaces characters that are not visible ASCII. */
    private static String word(String value) {
        String visible = value.replaceAll("[^!-~]", "_");
        return visible.substring(0, Math.min(visible.length(), LONGEST_WORD));
    }

    // Not Files.readString: it may use a channel, which an interrupt would close.
    private static Optional<String> text(String file) {
        try (FileInputStream in = new FileInputStream(file)) {
            String text = new String(in.readNBytes(MOST_BYTES), StandardCharsets.UTF_8).strip();
            return text.isEmpty() ? Optional.empty() : Optional.of(text);
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
