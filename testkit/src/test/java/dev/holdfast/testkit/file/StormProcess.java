package dev.holdfast.testkit.file;

import dev.holdfast.wal.file.FileLog;
import dev.holdfast.wal.file.FileLogOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;

/**
 * Main class of a process whose threads append to one log, truncate and trim it until the process is killed. Each
 * thread prints a line before and after each call, in the order of the calls.
 */
final class StormProcess {
    private static final int APPENDERS = 3;
    private static final FileLogOptions SMALL =
            FileLogOptions.builder().segmentBytes(8 << 10).build();

    private final FileLog log;

    private StormProcess(FileLog log) {
        this.log = log;
    }

    /** Arguments: the directory, a seed, and the first unused mark. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        StormProcess storm = new StormProcess(FileLog.open(Path.of(arguments[0]), SMALL));
        say("open");
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i <= APPENDERS; i++) {
            SplittableRandom random = new SplittableRandom(Long.parseLong(arguments[1]) * 31 + i);
            long first = Long.parseLong(arguments[2]) + i * 1_000_000L;
            boolean removes = i == APPENDERS;
            Thread thread = new Thread(() -> {
                try {
                    if (removes) {
                        storm.remove(random, first);
                    } else {
                        storm.append(random, first);
                    }
                } catch (IOException | RuntimeException e) {
                    say("failed " + e);
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private static void say(String word) {
        byte[] line = (word + "\n").getBytes(StandardCharsets.UTF_8);
        synchronized (StormProcess.class) {
            System.out.write(line, 0, line.length);
            System.out.flush();
        }
    }

    private void append(SplittableRandom random, long first) throws IOException {
        for (long mark = first; ; ) {
            List<ByteBuffer> batch = new ArrayList<>();
            int records = random.nextInt(3) == 0 ? 1 + random.nextInt(4) : 1;
            for (int i = 0; i < records; i++) {
                batch.add(ByteBuffer.wrap(new Stamp(0, mark + i).bytes(Stamp.MIN_BYTES + random.nextInt(900))));
            }
            long begun = mark;
            say("append " + begun + " " + records);
            if (random.nextInt(4) == 0) {
                CompletableFuture<Void> unused =
                        log.appendAllAsync(batch).thenAccept(id -> say("appended " + begun + " " + id));
            } else {
                say("appended " + begun + " " + log.appendAll(batch));
            }
            mark += records;
        }
    }

    private void remove(SplittableRandom random, long first) throws IOException {
        for (long call = first; ; call++) {
            if (random.nextInt(3) > 0) {
                long keep = Math.max(-1, log.nextId() - 1 - random.nextInt(6));
                say("truncate " + call + " " + keep);
                log.truncate(keep);
            } else {
                long upTo = log.firstId().orElse(0) + random.nextInt(12);
                say("trim " + call + " " + upTo);
                log.trim(upTo);
            }
            say("removed " + call);
            Thread.yield();
        }
    }
}
