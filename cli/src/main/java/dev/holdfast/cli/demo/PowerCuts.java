package dev.holdfast.cli.demo;

import dev.holdfast.testkit.explorer.CrashFailure;
import dev.holdfast.testkit.explorer.Effort;
import dev.holdfast.testkit.explorer.Explorer;
import dev.holdfast.testkit.explorer.Workload;
import dev.holdfast.testkit.explorer.Workload.Feature;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.commit.LogSettings;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * Part 2 of the demo: crashes a simulated disk that loses all unsynced data. The batches have 1 to 5 records, as in
 * part 1. On the simulated disk every moment of the work can be reached, and at each moment many possible states of the
 * disk are checked.
 */
final class PowerCuts {
    /**
     * Number of actions per workload. Many short workloads cover more than few long ones, because each workload is
     * crashed at all of its moments.
     */
    private static final int ACTIONS = 12;

    /** Crashes at every moment of the work, and then at one moment of each recovery. */
    private static final Effort EFFORT = new Effort(4, 3, 1, 2, 0, 1, 0, 0, Long.MAX_VALUE / 2);

    /** Segments of a few records, so that the log rolls every few appends. */
    private static final LogSettings SETTINGS =
            new LogSettings(16 * 1024, 16 * 1024, 16 * 1024, LogRecord.MAX_DATA_BYTES, true, 8);

    private static final EnumSet<Feature> FEATURES =
            EnumSet.of(Feature.ASYNC, Feature.CRASH, Feature.REOPEN, Feature.LARGE);
    private static final long PROGRESS_NANOS = 2_000_000_000L;

    private final SplittableRandom random;
    private final Explorer explorer;
    private final Consumer<String> print;

    PowerCuts(long seed, Sabotage sabotage, Consumer<String> print) {
        this.random = new SplittableRandom(seed);
        this.explorer = new Explorer(new StoredLogSubject(sabotage), EFFORT);
        this.print = print;
    }

    /**
     * Crashes workloads until the given number of disks were checked or the time is up.
     *
     * @return the loss, or empty if none was found
     */
    Optional<String> run(int crashes, Duration longest) {
        long start = System.nanoTime();
        long lastProgressNanos = start;
        while (explorer.statistics().images() < crashes && System.nanoTime() - start < longest.toNanos()) {
            long seed = random.nextLong();
            try {
                explorer.explore(seed, SETTINGS, Workload.random(seed, ACTIONS, FEATURES));
            } catch (CrashFailure failure) {
                String what =
                        String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
                return Optional.of("after a simulated crash: " + what + "; replay " + failure.replay());
            }
            if (System.nanoTime() - lastProgressNanos > PROGRESS_NANOS) {
                lastProgressNanos = System.nanoTime();
                print.accept("  " + explorer.statistics().images() + " crashes ...");
            }
        }
        print.accept("  " + explorer.statistics().images() + " crashes (power cuts and kills), "
                + explorer.statistics().distinctImages() + " different disks after them, nothing lost");
        return Optional.empty();
    }
}
