package dev.holdfast.wal.storage;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * The process that holds a directory, as written in the file LOCK, for people and in case the kernel's lock was lost.
 *
 * @param start start of the process, as {@link Processes#startOf(long)} returns it
 * @param machine as {@link Processes#machine} returns it
 * @param namespace the namespace of {@code pid}, as {@link Processes#namespace} returns it
 * @param host name of the machine, for people
 * @param since when the directory was locked, for people
 * @param token random text, different for each lock that a process takes, then a dot and
 *     {@link Attributes#placeOfLock}; older versions do not write dot and place, and read them as a part of the token
 */
record LockHolder(String pid, String start, String machine, String namespace, String host, String since, String token) {
    /** Fixed length of LOCK's content in bytes, so that replacing the content needs no more space on a full disk. */
    static final int TEXT_BYTES = 512;

    private static final String TEXT =
            "holdfast lock\npid %s\nstart %s\nmachine %s\nnamespace %s\nhost %s\nsince %s\ntoken %s\n";

    private static final Pattern PATTERN = Pattern.compile(
            TEXT.replaceFirst("%s", "([0-9]{1,18})").replace("%s", "([!-~]{1," + Processes.LONGEST_WORD + "})")
                    + "\\s*");

    enum Liveness {
        RUNS,
        ENDED,
        /** Unknown: the holder is in another container of this machine, and its process is not visible. */
        UNSEEN
    }

    /** Returns a holder that names this process and the current time. */
    static LockHolder here(String place) {
        long pid = ProcessHandle.current().pid();
        return new LockHolder(
                Long.toString(pid),
                Processes.startOf(pid).orElse("unknown"),
                Processes.machine(),
                Processes.namespace(),
                Processes.host(),
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                Long.toUnsignedString(UUID.randomUUID().getMostSignificantBits(), Character.MAX_RADIX)
                        + (place.isEmpty() ? "" : "." + place));
    }

    /** Parses the content of LOCK, as {@link #text} returns it. Returns empty if it names no holder or is malformed. */
    static Optional<LockHolder> parse(ByteBuffer text) {
        Matcher values = PATTERN.matcher(StandardCharsets.ISO_8859_1.decode(text));
        if (!values.matches()) return Optional.empty();
        String[] all = IntStream.rangeClosed(1, 7).mapToObj(values::group).toArray(String[]::new);
        return Optional.of(new LockHolder(all[0], all[1], all[2], all[3], all[4], all[5], all[6]));
    }

    static ByteBuffer nobody() {
        return padded("");
    }

    ByteBuffer text() {
        return padded(String.format(TEXT, pid, start, machine, namespace, host, since, token));
    }

    /**
     * Returns whether the holder is still running. A holder on another machine, or from before a restart of this
     * machine, counts as ended: its kernel lock is gone, and no other machine writes to a local file system.
     */
    Liveness liveness() {
        if (!machine.equals(Processes.machine())) return Liveness.ENDED;
        if (!namespace.equals(Processes.namespace())) return Liveness.UNSEEN;
        boolean runs = Processes.startOf(Long.parseLong(pid)).equals(Optional.of(start));
        return runs ? Liveness.RUNS : Liveness.ENDED;
    }

    /**
     * Returns whether this holder may have written its name to the LOCK at {@code place}. Returns false in a copy of
     * the directory, but true if only LOCK was replaced: the holder may still write there (docs/decisions, 15).
     */
    boolean isOf(String place) {
        String[] named = token.split("\\.", -1);
        String[] found = place.split("\\.", -1);
        if (named.length != 4 || found.length != 3) return true; // written by an older version, or no inodes here
        return named[1].equals(found[0]) && (named[2].equals(found[1]) || named[3].equals(found[2]));
    }

    String phrase() {
        return "process " + pid + " on host " + host + " since " + since;
    }

    private static ByteBuffer padded(String text) {
        String lines = text + "\n".repeat(TEXT_BYTES - text.length());
        return ByteBuffer.allocateDirect(TEXT_BYTES)
                .put(lines.getBytes(StandardCharsets.ISO_8859_1))
                .flip();
    }
}
