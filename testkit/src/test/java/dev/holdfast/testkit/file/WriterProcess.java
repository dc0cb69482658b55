package dev.holdfast.testkit.file;

import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.file.FileLog;
import dev.holdfast.wal.file.FileLogOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * A process that writes a log and prints a line before and after each call. It appends, rolls, removes and reopens at
 * random until it has made the requested number of calls or is killed. The main method runs in the process; all other
 * methods run in the test.
 */
final class WriterProcess implements AutoCloseable {
    /** Used as the number of calls: the process keeps the log open until it is killed. */
    static final int HOLD = -1;

    private static final FileLogOptions SMALL =
            FileLogOptions.builder().segmentBytes(8 << 10).build();

    private final ChildJvm jvm;

    private WriterProcess(ChildJvm jvm) {
        this.jvm = jvm;
    }

    /**
     * Starts a writer that makes {@code count} calls. The generations of its records are greater than
     * {@code generation}.
     */
    static WriterProcess start(Path directory, long seed, long generation, int count) throws IOException {
        return new WriterProcess(ChildJvm.start(
                WriterProcess.class,
                directory.toString(),
                Long.toString(seed),
                Long.toString(generation),
                Integer.toString(count)));
    }

    long pid() {
        return jvm.pid();
    }

    /** Returns the next line of the process; null at its end. */
    String word() throws IOException {
        return jvm.word();
    }

    /** Kills the process like {@code kill -9}. Lines printed before can still be read. */
    void kill() {
        jvm.kill();
    }

    int exitCode() throws InterruptedException {
        return jvm.exitCode();
    }

    @Override
    public void close() {
        jvm.close();
    }

    public static void main(String[] arguments) throws IOException {
        SplittableRandom random = new SplittableRandom(Long.parseLong(arguments[1]));
        long generation = Long.parseLong(arguments[2]);
        int count = Integer.parseInt(arguments[3]);
        FileLog log = FileLog.open(Path.of(arguments[0]), SMALL);
        System.out.println("open");
        while (count == HOLD) {
            LockSupport.park();
        }
        for (int i = 0; i < count; i++) {
            int choice = random.nextInt(200);
            long last = log.nextId() - 1;
            if (choice < 150) {
                List<LogRecord> batch = new ArrayList<>();
                int records = choice < 120 ? 1 : 1 + random.nextInt(5);
                for (int j = 0; j < records; j++) {
                    batch.add(
                            new Stamp(last + 1 + j, generation + 1 + j).record(Stamp.MIN_BYTES + random.nextInt(1500)));
                }
                System.out.println("append " + (last + 1) + " " + (generation + 1) + " " + records);
                generation += records;
                log.append(batch);
            } else if (choice < 170) {
                long keep = Math.max(-1, last - random.nextInt(choice == 151 ? 50 : 5));
                System.out.println("truncate " + keep);
                log.truncate(keep);
            } else if (choice < 196) {
                long upTo = log.firstId().orElse(0) + random.nextInt(8);
                System.out.println("trim " + upTo);
                log.trim(upTo);
            } else if (choice < 197) {
                long next = random.nextInt(500);
                System.out.println("reset " + next);
                log.reset(next);
            } else {
                System.out.println("reopen");
                log.close();
                log = FileLog.open(Path.of(arguments[0]), SMALL);
            }
            System.out.println("done");
        }
        log.close();
        System.out.println("closed");
    }
}
