package dev.holdfast.wal.storage;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who holds a directory, as the file LOCK says. For people, and for the case that the kernel's lock got lost.
 *
 * @param pid the process
 * @param start when it began, in the words of {@link Processes#startOf(long)}
 * @param machine where, in the words of {@link Processes#machine}
 * @param namespace within which {@code pid} means this process, in the words of {@link Processes#namespace}
 * @param host the machine's name for people
 * @param since when the directory was locked, for people
 * @param token random: tells the locks that one process takes apart. Behind a dot the place of LOCK
 *     ({@link Attributes#placeOfLock}), which versions that write none take for a part of it
 */
record LockHolder(String pid, String start, String machine, String namespace, String host, String since, String token) {
    /** The text's length in bytes, always: one write replaces another, and on a full disk no more room is needed. */
    static final int TEXT_BYTES = 512;

    private static final String TEXT =
            "holdfast lock\npid %s\nstart %s\nmachine %s\nnamespace %s\nhost %s\nsince %s\ntoken %s\n";

    private static final int LONGEST_VALUE = 60;

    private static final Pattern PATTERN =
            Pattern.compile(TEXT.replace("%s", "([!-~]{1," + LONGEST_VALUE + "})") + "\\s*");

    /** Whether a holder still runs. */
    enum Liveness {
        RUNS,
        ENDED,
        /** It is in another container of this machine, from where its process cannot be seen. */
        UNSEEN
    }

    /** This process, now. */
    static LockHolder here(String place) {
        long pid = ProcessHandle.current().pid();
        return new LockHolder(
                Long.toString(pid),
                word(Processes.startOf(pid).orElse("unknown")),
                word(Processes.machine()),
                word(Processes.namespace()),
                word(Processes.host()),
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                Long.toUnsignedString(UUID.randomUUID().getMostSignificantBits(), Character.MAX_RADIX)
                        + (place.isEmpty() ? "" : "." + place));
    }

    /** Reads what {@link #text} wrote. Empty: nobody is named there, or it is something else. */
    static Optional<LockHolder> parse(ByteBuffer text) {
        Matcher values = PATTERN.matcher(StandardCharsets.ISO_8859_1.decode(text));
        if (!values.matches()) return Optional.empty();
        return Optional.of(new LockHolder(
                values.group(1),
                values.group(2),
                values.group(3),
                values.group(4),
                values.group(5),
                values.group(6),
                values.group(7)));
    }

    /** The text of a lock that nobody holds. */
    static ByteBuffer nobody() {
        return padded("");
    }

    ByteBuffer text() {
        return padded(String.format(TEXT, pid, start, machine, namespace, host, since, token));
    }

    /**
     * Whether the holder still runs. One on another machine, or on this one before it was started anew, has ended: this
     * is asked where its lock is gone, and a local file system is nobody else's.
     */
    Liveness liveness() {
        if (!machine.equals(word(Processes.machine()))) return Liveness.ENDED;
        if (!namespace.equals(word(Processes.namespace()))) return Liveness.UNSEEN;
        boolean runs =
                number().flatMap(Processes::startOf).map(LockHolder::word).equals(Optional.of(start));
        return runs ? Liveness.RUNS : Liveness.ENDED;
    }

    /**
     * Whether the text may be of the LOCK at a place. A copy of the directory, or a snapshot, has the text of another
     * file in another directory. Where LOCK alone was replaced the directory is the same, and its holder may still
     * write there.
     */
    boolean isOf(String place) {
        String[] named = token.split("\\.", -1);
        String[] found = place.split("\\.", -1);
        if (named.length != 4 || found.length != 3) return true; // an older version's, or a platform without inodes
        return named[1].equals(found[0]) && (named[2].equals(found[1]) || named[3].equals(found[2]));
    }

    boolean isThisProcess() {
        LockHolder here = here("");
        return pid.equals(here.pid)
                && start.equals(here.start)
                && machine.equals(here.machine)
                && namespace.equals(here.namespace);
    }

    /** A phrase for messages. */
    String phrase() {
        return "process " + pid + " on host " + host + " since " + since;
    }

    private Optional<Long> number() {
        try {
            return Optional.of(Long.valueOf(pid));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Makes a value fit for the text: short, and of visible characters. */
    private static String word(String value) {
        String visible = value.replaceAll("[^!-~]", "_");
        return visible.substring(0, Math.min(visible.length(), LONGEST_VALUE));
    }

    private static ByteBuffer padded(String text) {
        byte[] bytes = new byte[TEXT_BYTES];
        Arrays.fill(bytes, (byte) '\n');
        byte[] start = text.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(start, 0, bytes, 0, start.length);
        return ByteBuffer.allocateDirect(TEXT_BYTES).put(bytes).flip();
    }
}
