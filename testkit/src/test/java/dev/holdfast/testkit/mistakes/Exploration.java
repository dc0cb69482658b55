package dev.holdfast.testkit.mistakes;

import dev.holdfast.testkit.explorer.Campaign;
import dev.holdfast.testkit.explorer.CrashFailure;
import dev.holdfast.testkit.explorer.Explorer;
import dev.holdfast.testkit.explorer.Job;
import dev.holdfast.testkit.explorer.StoredLogSubject;
import java.util.List;
import java.util.function.BiFunction;

/**
 * Runs jobs of the normal campaign up to the first failure. The class loader of a patched core loads this class, so it
 * uses only patched classes. Its arguments and its result have types of the JDK.
 */
public final class Exploration implements BiFunction<List<String>, Long, Object[]> {
    public Exploration() {}

    /**
     * Runs jobs in the order of the campaign.
     *
     * @param names names of the jobs to run; all jobs if empty
     * @param enough no job starts after this number of images
     * @return the name of the failed job, or an empty string; the number of images so far; the failure
     */
    @Override
    public Object[] apply(List<String> names, Long enough) {
        Explorer explorer = Campaign.explorer(new StoredLogSubject());
        for (Job job : Campaign.normal().jobs()) {
            if (names.isEmpty() || names.contains(name(job))) {
                try {
                    job.run(explorer);
                } catch (CrashFailure e) {
                    return new Object[] {name(job), explorer.statistics().images(), e.getMessage()};
                }
            }
            if (explorer.statistics().images() >= enough) {
                break;
            }
        }
        return new Object[] {"", explorer.statistics().images(), ""};
    }

    private static String name(Job job) {
        return job.name()
                + (job.seed() == 0 ? "" : " " + job.seed())
                + (job.settings().syncEachGroup() ? "" : ", synced later")
                + (job.settings().groupAlignment() == Long.BYTES ? "" : ", padded");
    }
}
