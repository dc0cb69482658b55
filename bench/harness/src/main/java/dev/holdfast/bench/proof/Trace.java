package dev.holdfast.bench.proof;

import dev.holdfast.bench.child.ProofMarks;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the output of {@code strace -f -y}, line by line. A sync covers an append if it began after the start of the
 * append and after the last plain write to the directory of the log before the acknowledgement, returned without an
 * error before the acknowledgement, and concerns a file in that directory. The following calls count as a sync:
 *
 * <ol>
 *   <li>{@code fsync} or {@code fdatasync} of a file of the log;
 *   <li>a write to a file that was opened with {@code O_DSYNC} or {@code O_SYNC};
 *   <li>{@code msync} with {@code MS_SYNC} of memory that maps a file of the log.
 * </ol>
 *
 * <p>A write counts as plain only if one of the bytes that the trace shows is not zero. A write of zeros contains no
 * record: it fills a file that will be used later, often on another thread.
 *
 * <p>{@code sync_file_range} does not count, because it guarantees nothing.
 *
 * <p>A submission of asynchronous kernel I/O ({@code io_submit}) is treated as a plain write, so it needs an
 * {@code fdatasync} after it. The trace cannot prove that the write had completed when the sync began, because a
 * process may read the completion from shared memory.
 */
final class Trace {
    private static final Pattern LINE = Pattern.compile("^(\\d+) +(.*)$");
    private static final Pattern RESUMED = Pattern.compile("^<\\.\\.\\. (\\w+) resumed>(.*)$");
    private static final String UNFINISHED = " <unfinished ...>";
    private static final Pattern CALL = Pattern.compile("^(\\w+)\\((.*)\\) += (-?\\w+).*$");
    private static final Pattern FIRST_FILE = Pattern.compile("^(\\d+)<([^>]*)>");
    private static final Pattern OPENED = Pattern.compile("^(\\w+)\\((.*)\\) += (\\d+)<([^>]*)>.*$");
    private static final Pattern MAPPED =
            Pattern.compile("^mmap\\(\\w+, (\\d+), .*MAP_SHARED[^,]*, \\d+<([^>]*)>, .*\\) += 0x([0-9a-f]+).*$");
    private static final Pattern SYNCED_MEMORY = Pattern.compile("^msync\\(0x([0-9a-f]+), \\d+, .*MS_SYNC.*$");

    private static final Pattern ZEROS = Pattern.compile("^\\d+<[^>]*>, \"(?:\\\\0)++\"");

    private static final Set<String> WRITES = Set.of("write", "pwrite64", "writev", "pwritev", "pwritev2");

    private record Mapping(long address, long length) {
        boolean contains(long other) {
            return Long.compareUnsigned(other, address) >= 0 && other - address < length;
        }
    }

    /**
     * A system call that has begun.
     *
     * @param line number of the line at which it began
     */
    private record Begun(String text, int line) {}

    private final String directory;
    private final Map<String, Begun> unfinished = new HashMap<>();
    private final Map<String, Boolean> synchronousByDescriptor = new HashMap<>();
    private final List<Mapping> mappings = new ArrayList<>();
    private final TreeSet<String> by = new TreeSet<>();
    private int line;
    private int lastPlainWrite;
    private boolean running;
    private @Nullable String syncedBy;
    private int appends;
    private int unsynced;

    private Trace(String directory) {
        this.directory = directory;
    }

    /** Judges a trace of a contender whose log is in a directory. */
    static Proof judge(Iterable<String> lines, String directory) {
        Trace trace = new Trace(directory);
        lines.forEach(trace::read);
        return trace.proof();
    }

    private Proof proof() {
        if (appends == 0) {
            return new Proof.Unproven("the trace contains no append");
        }
        if (unsynced > 0) {
            return new Proof.Unproven(
                    unsynced + " of " + appends + " appends were acknowledged before a sync returned");
        }
        return new Proof.Proven(appends, String.join(", ", by));
    }

    private void read(String text) {
        line++;
        Matcher matcher = LINE.matcher(text);
        if (matcher.matches()) {
            read(matcher.group(1), matcher.group(2));
        }
    }

    private void read(String thread, String call) {
        if (call.endsWith(UNFINISHED)) {
            String begin = call.substring(0, call.length() - UNFINISHED.length());
            unfinished.put(thread, new Begun(begin, line));
            return;
        }
        Matcher resumed = RESUMED.matcher(call);
        Begun before = resumed.matches() ? unfinished.remove(thread) : null;
        if (before != null) {
            returned(before.text() + resumed.group(2), before.line());
        } else {
            returned(call, line);
        }
    }

    private void returned(String text, int begunAt) {
        if (text.contains("\"" + ProofMarks.BEGIN)) {
            lastPlainWrite = begunAt;
            running = true;
            syncedBy = null;
        } else if (text.contains("\"" + ProofMarks.ACKNOWLEDGED)) {
            acknowledged();
        } else {
            call(text, begunAt);
        }
    }

    private void acknowledged() {
        appends++;
        running = false;
        if (syncedBy == null) {
            unsynced++;
        } else {
            by.add(syncedBy);
        }
    }

    private void call(String text, int begunAt) {
        noteOpened(text);
        noteMapped(text);
        Matcher call = CALL.matcher(text);
        if (!running || !call.matches() || call.group(3).startsWith("-")) {
            return;
        }
        String name = syncedBy(call.group(1), call.group(2), text);
        if (name != null && begunAt > lastPlainWrite) {
            syncedBy = name;
        } else if (name == null && isPlainWrite(call.group(1), call.group(2))) {
            // An earlier sync does not cover this write.
            syncedBy = null;
            lastPlainWrite = line;
        }
    }

    private boolean isPlainWrite(String name, String arguments) {
        if (name.equals("io_submit")) {
            return arguments.contains("<" + directory + "/");
        }
        Matcher file = FIRST_FILE.matcher(arguments);
        return WRITES.contains(name)
                && file.find()
                && isOfTheLog(file.group(2))
                && !ZEROS.matcher(arguments).lookingAt();
    }

    private void noteOpened(String text) {
        Matcher opened = OPENED.matcher(text);
        if (opened.matches() && opened.group(1).startsWith("open")) {
            // The key is the descriptor alone, because a file may be renamed while it is open.
            synchronousByDescriptor.put(
                    opened.group(3),
                    opened.group(2).contains("O_DSYNC") || opened.group(2).contains("O_SYNC"));
        }
    }

    private void noteMapped(String text) {
        Matcher mapped = MAPPED.matcher(text);
        if (mapped.matches() && isOfTheLog(mapped.group(2))) {
            mappings.add(new Mapping(Long.parseUnsignedLong(mapped.group(3), 16), Long.parseLong(mapped.group(1))));
        }
    }

    private @Nullable String syncedBy(String name, String arguments, String text) {
        Matcher file = FIRST_FILE.matcher(arguments);
        boolean ofTheLog = file.find() && isOfTheLog(file.group(2));
        return switch (name) {
            case "fsync", "fdatasync" -> ofTheLog ? name : null;
            case "msync" -> isSyncOfMapping(text) ? name : null;
            default -> {
                boolean synchronous = ofTheLog && synchronousByDescriptor.getOrDefault(file.group(1), false);
                yield synchronous && WRITES.contains(name) ? "O_DSYNC write" : null;
            }
        };
    }

    /** A file LOCK holds no records, in no contender, so a write to it needs no sync. */
    private boolean isOfTheLog(String path) {
        return path.startsWith(directory + "/") && !path.endsWith("/LOCK");
    }

    private boolean isSyncOfMapping(String text) {
        Matcher synced = SYNCED_MEMORY.matcher(text);
        if (!synced.matches()) {
            return false;
        }
        long address = Long.parseUnsignedLong(synced.group(1), 16);
        return mappings.stream().anyMatch(mapping -> mapping.contains(address));
    }
}
