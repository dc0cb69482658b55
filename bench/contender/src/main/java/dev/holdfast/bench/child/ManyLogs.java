package dev.holdfast.bench.child;

import dev.holdfast.bench.contender.Contender;
import dev.holdfast.bench.contender.Opening;
import dev.holdfast.bench.contender.Peer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Many logs in one process. First all logs are opened, and what they take while they are idle is measured. Then callers
 * append. Each append uses the next log, so that all logs are used alike.
 */
final class ManyLogs {
    private static final int CALLERS = 64;

    private final Task task;
    private final List<Contender> logs = new ArrayList<>();
    private final int threadsBefore = threads();
    private final long filesBefore = ProcessCounters.openFiles();

    private ManyLogs(Task task) {
        this.task = task;
    }

    /** Measures as many logs as the depth of the task. They are idle for the time of the warm-up. */
    static Measurement measure(Task task, Peer peer) throws Exception {
        ManyLogs many = new ManyLogs(task);
        try {
            many.open(peer);
            TimeUnit.MILLISECONDS.sleep(task.warmUpMillis());
            Map<Figure, Double> idle = many.idle();
            Measurement measured = many.append();
            measured.figures().putAll(idle);
            return measured;
        } finally {
            for (Contender log : many.logs) {
                log.close();
            }
        }
    }

    private void open(Peer peer) throws Exception {
        Opening all = task.opening();
        for (int i = 0; i < task.depth(); i++) {
            Path directory = Files.createDirectories(all.directory().resolve("log-" + i));
            logs.add(peer.open(new Opening(directory, all.variant(), all.survives(), all.recordBytes())));
        }
    }

    private Map<Figure, Double> idle() throws IOException, InterruptedException {
        double count = logs.size();
        return Map.of(
                Figure.IDLE_THREADS, (double) (threads() - threadsBefore),
                Figure.IDLE_FILES, (ProcessCounters.openFiles() - filesBefore) / count,
                Figure.IDLE_BYTES, bytesOnDisk(task.opening().directory()) / count);
    }

    private Measurement append() throws Exception {
        Records records = new Records(task.recordBytes());
        AtomicLong turn = new AtomicLong();
        return new Callers(task, logs.get(0), new TimelineRecorder(task)).measure(CALLERS, false, 1, i -> {
            Contender log = logs.get((int) (turn.getAndIncrement() % logs.size()));
            log.append(records.get(i));
        });
    }

    private static int threads() {
        return ManagementFactory.getThreadMXBean().getThreadCount();
    }

    /** Returns the blocks that a directory takes, in bytes. Java knows only lengths, and a file may have holes. */
    private static long bytesOnDisk(Path directory) throws IOException, InterruptedException {
        Process du = new ProcessBuilder("du", "-s", "--block-size=1", directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String line = new String(du.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (du.waitFor() != 0) {
            throw new IOException("du cannot measure " + directory);
        }
        return Long.parseLong(line.substring(0, line.indexOf('\t')));
    }
}
