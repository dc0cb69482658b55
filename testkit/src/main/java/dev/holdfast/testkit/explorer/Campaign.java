package dev.holdfast.testkit.explorer;

import dev.holdfast.testkit.explorer.Workload.Feature;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;

/** A list of explorations, the same in each run. Immutable. */
public final class Campaign {
    private static final int ACTIONS = 12;

    private final List<Job> jobs;

    private Campaign(List<Job> jobs) {
        this.jobs = List.copyOf(jobs);
    }

    /** What every build explores. */
    public static Campaign normal() {
        List<Job> jobs = new ArrayList<>();
        for (long seed = 0; seed < 60; seed++) {
            Workload workload = Workload.random(seed, ACTIONS, EnumSet.allOf(Feature.class));
            jobs.add(new Job(seed, Main.smallSettings(seed), workload, Job.Kind.CRASHES));
            if (seed % 4 == 0) {
                jobs.add(new Job(seed, Main.smallSettings(seed), workload, Job.Kind.ERRORS));
                jobs.add(new Job(seed, Main.smallSettings(seed), workload, Job.Kind.NO_SPACE));
            }
        }
        return new Campaign(jobs);
    }

    /** The explorations, in their order. */
    public List<Job> jobs() {
        return jobs;
    }

    /** One that has done nothing yet, for jobs of this list. */
    public static Explorer explorer(Subject subject) {
        return new Explorer(subject, Effort.QUICK);
    }

    /**
     * Does them all.
     *
     * @throws CrashFailure at the first failure
     */
    public Statistics run(Subject subject) {
        Explorer explorer = explorer(subject);
        for (Job job : jobs) {
            job.run(explorer);
        }
        return explorer.statistics();
    }
}
