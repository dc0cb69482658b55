package dev.holdfast.bench.child;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/** Keeps the slowest append of each interval, and records trims and new files in the directory of the log. */
final class TimelineRecorder {
    private static final int MOST_STRETCHES = 1_000;
    private static final long SHORTEST_MILLIS = 10;

    private final Path directory;
    private final long stretchNanos;
    private final AtomicLongArray slowest;
    private final ConcurrentLinkedQueue<Timeline.Mark> marks = new ConcurrentLinkedQueue<>();
    private @Nullable Window window;
    private volatile boolean ended;

    TimelineRecorder(Task task) {
        long stretchMillis = Math.max(SHORTEST_MILLIS, (task.millis() + MOST_STRETCHES - 1) / MOST_STRETCHES);
        directory = task.opening().directory();
        stretchNanos = TimeUnit.MILLISECONDS.toNanos(stretchMillis);
        slowest = new AtomicLongArray((int) ((task.millis() + stretchMillis - 1) / stretchMillis));
    }

    /** Starts to watch the directory for new files. */
    TimelineRecorder watchingFiles() {
        Thread watcher = new Thread(this::watch, "file-watcher");
        watcher.setDaemon(true);
        watcher.start();
        return this;
    }

    private void watch() {
        try {
            Set<String> known = names();
            while (!ended) {
                Set<String> names = names();
                if (!known.containsAll(names)) {
                    mark(Timeline.Event.ROLL);
                }
                known = names;
                TimeUnit.MILLISECONDS.sleep(SHORTEST_MILLIS);
            }
        } catch (IOException | InterruptedException e) {
            ended = true; // The timeline then has no marks.
        }
    }

    /**
     * Returns the names of the files that hold records. Temporary files are created in advance, so a new one is not a
     * roll.
     */
    private Set<String> names() throws IOException {
        Set<String> names = new HashSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            files.forEach(file -> names.add(String.valueOf(file.getFileName())));
        }
        names.removeIf(name -> name.endsWith(".tmp"));
        return names;
    }

    void begin(Window measured) {
        window = measured;
    }

    /** Records an append that ended in the window, or the first append if it ended later. */
    void appended(long end, long nanos) {
        int stretch = (int) Math.min(slowest.length() - 1, (end - measured().from()) / stretchNanos);
        if (nanos > slowest.get(stretch)) {
            slowest.accumulateAndGet(stretch, nanos, Math::max);
        }
    }

    void trimmed() {
        mark(Timeline.Event.TRIM);
    }

    private void mark(Timeline.Event event) {
        long now = System.nanoTime();
        Window measured = window;
        if (measured != null && measured.contains(now)) {
            marks.add(new Timeline.Mark(TimeUnit.NANOSECONDS.toMillis(now - measured.from()), event));
        }
    }

    private Window measured() {
        Window measured = window;
        if (measured == null) {
            throw new AssertionError("no interval has begun");
        }
        return measured;
    }

    Timeline end() {
        ended = true;
        List<Long> nanos = new ArrayList<>();
        for (int i = 0; i < slowest.length(); i++) {
            nanos.add(slowest.get(i));
        }
        return new Timeline(TimeUnit.NANOSECONDS.toMillis(stretchNanos), nanos, List.copyOf(marks));
    }
}
