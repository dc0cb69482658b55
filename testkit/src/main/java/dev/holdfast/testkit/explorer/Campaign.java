package dev.holdfast.testkit.explorer;

import dev.holdfast.testkit.explorer.Workload.Feature;
import dev.holdfast.wal.commit.LogSettings;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A fixed sequence of explorations, run by several threads. Distinct images are counted across all explorations: an
 * image that two workloads produce counts once.
 */
public final class Campaign {
    private static final int ACTIONS = 12;
    private static final int RANDOM_WORKLOADS = 80;
    private static final List<Job.Kind> KINDS = List.of(Job.Kind.values());

    /** Settings whose segments have holes if the log grows in bulk, as the logs of the explorer do. */
    private static final LogSettings HOLES = new LogSettings(32768, 32768, 16384, 1 << 20, true, 8);

    /** Settings of a log whose first segment and whose first spares are shorter than the others. */
    private static final LogSettings GROWING = new LogSettings(32768, 8192, 16384, 1 << 20, true, 8);

    private static final LogSettings LONG_HOLES = new LogSettings(1 << 17, 1 << 17, 16384, 1 << 20, true, 8);

    private final List<Job> jobs;

    private Campaign(List<Job> jobs) {
        this.jobs = jobs;
    }

    /** Returns the campaign that every build runs. */
    public static Campaign normal() {
        List<Job> jobs = new ArrayList<>();
        for (LogSettings settings : settings()) {
            Scripts.all().forEach((name, script) -> jobs.add(new Job(name, 0, settings, script, Job.Kind.CRASHES)));
        }
        Scripts.ofLargeGroups().forEach((name, script) -> {
            jobs.add(new Job(name, 0, HOLES, script, Job.Kind.CRASHES));
            jobs.add(new Job(name + ", full disk", 0, HOLES, script, Job.Kind.NO_SPACE));
        });
        jobs.add(new Job("rolls into long files", 0, LONG_HOLES, Scripts.longSegments(), Job.Kind.CRASHES));
        for (Job.Kind kind : List.of(Job.Kind.CRASHES, Job.Kind.NO_SPACE, Job.Kind.SMALL_DISK)) {
            jobs.add(new Job("a reserve that grows, " + kind, 0, GROWING, Scripts.growingReserve(), kind));
        }
        for (Job.Kind kind : KINDS) {
            for (LogSettings settings : settings()) {
                jobs.add(new Job("everything, " + kind, 0, settings, Scripts.everything(), kind));
            }
        }
        for (long seed = 0; seed < RANDOM_WORKLOADS; seed++) {
            jobs.add(random(seed));
        }
        return new Campaign(List.copyOf(jobs));
    }

    /**
     * Returns a campaign of random workloads, drawn when they are needed. Its seeds follow the seeds of
     * {@link #normal}.
     */
    public static Campaign random(long firstSeed, int workloads) {
        return new Campaign(new AbstractList<>() {
            @Override
            public Job get(int index) {
                return random(RANDOM_WORKLOADS + firstSeed + index);
            }

            @Override
            public int size() {
                return workloads;
            }
        });
    }

    /** Returns the explorations in the order in which they start. */
    public List<Job> jobs() {
        return jobs;
    }

    /** Creates an explorer for jobs of a campaign. */
    public static Explorer explorer(Subject subject) {
        return new Explorer(subject, Effort.USUAL);
    }

    /** Returns settings with the smallest segments, for each durability and each alignment of groups. */
    private static List<LogSettings> settings() {
        return Stream.of(true, false)
                .flatMap(synced -> Stream.of(8, 4096)
                        .map(alignment -> new LogSettings(8192, 8192, 16384, 1 << 20, synced, alignment)))
                .toList();
    }

    private static Job random(long seed) {
        Workload workload = Workload.random(seed, ACTIONS, EnumSet.allOf(Feature.class));
        Job.Kind kind = seed % 8 == 7 ? KINDS.get((int) (seed / 8 % KINDS.size())) : Job.Kind.CRASHES;
        return new Job("random, " + kind, seed, Main.smallSettings(seed), workload, kind);
    }

    /**
     * Runs the explorations on the calling thread.
     *
     * @throws CrashFailure at the first failure
     */
    public Statistics run(Subject subject) {
        return run(subject, 1, Long.MAX_VALUE);
    }

    /**
     * Runs the explorations on several threads.
     *
     * @param enough no further exploration starts after this many different images were tried by explorations that are
     *     exhaustive, which means that they try every possible outcome of a crash
     * @throws CrashFailure at the first failure; no exploration starts after it
     */
    public Statistics run(Subject subject, int threads, long enough) {
        Images images = new Images();
        Feed feed = new Feed(jobs.iterator(), images, enough);
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Future<Statistics>> parts = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                parts.add(executor.submit(() -> feed.explore(new Explorer(subject, Effort.USUAL, images))));
            }
            return sum(parts);
        } finally {
            executor.shutdown();
        }
    }

    private static Statistics sum(List<Future<Statistics>> parts) {
        Statistics sum = new Statistics();
        @Nullable Throwable failure = null;
        for (Future<Statistics> part : parts) {
            try {
                sum.add(part.get());
            } catch (ExecutionException e) {
                failure = failure == null ? e.getCause() : failure;
            } catch (InterruptedException e) {
                throw new AssertionError("interrupted", e);
            }
        }
        if (failure instanceof CrashFailure found) {
            throw found;
        }
        if (failure != null) {
            throw new AssertionError("the explorer itself failed", failure);
        }
        return sum;
    }

    /** Hands explorations to threads until one of them fails. */
    private static final class Feed {
        private final Iterator<Job> jobs;
        private final Images images;
        private final long enough;
        private boolean stopped;

        Feed(Iterator<Job> jobs, Images images, long enough) {
            this.jobs = jobs;
            this.images = images;
            this.enough = enough;
        }

        Statistics explore(Explorer explorer) {
            try {
                for (Job job = next(); job != null; job = next()) {
                    explorer.explore(job);
                }
                return explorer.statistics();
            } finally {
                stop();
            }
        }

        private synchronized @Nullable Job next() {
            return stopped || images.exhaustive() >= enough || !jobs.hasNext() ? null : jobs.next();
        }

        private synchronized void stop() {
            stopped = true;
        }
    }
}
